//! `[traces]`: what each call went through, told to a collector of OpenTelemetry's (OTLP over HTTP, in
//! protobuf: opentelemetry.io/docs/specs/otlp).
//!
//! A trace is made of a call's record when it is in the books, so that calls wait for nothing and every
//! time in it is the dialer's own. Spans wait in a bounded queue on a thread of their own; those that
//! find it full, or whose collector does not answer, are lost and nothing else is.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::dialer::{CallRecord, Record};
use crate::domain::{Campaign, CampaignId};
use crate::store::Said;

/// A collector answers within this.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// No answer of a collector is longer, bytes.
const ANSWER_BYTES_MAX: u64 = 65_536;
/// Where traces go on a collector that is named without a path.
const PATH: &str = "/v1/traces";

/// Tells a collector of calls that are over.
#[derive(Clone, Debug)]
pub(super) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    campaigns: Arc<BTreeMap<CampaignId, String>>,
}

impl Traces {
    /// For a collector at this URL. Headers for it come from `OTEL_EXPORTER_OTLP_HEADERS`, as
    /// OpenTelemetry has it.
    ///
    /// # Errors
    /// When the URL or a variable of OpenTelemetry's is none.
    pub fn start(url: &str, campaigns: &[Arc<Campaign>]) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Post::default())
            .with_endpoint(endpoint(url))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("outdial")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("outdial");
        let campaigns = campaigns.iter().map(|it| (it.id, it.name.clone())).collect();
        Ok(Self { provider, tracer, campaigns: Arc::new(campaigns) })
    }

    /// What is in the books now.
    pub fn said(&self, said: &[Said]) {
        for said in said {
            if let Said::Record(Record::Ended(record)) = said {
                self.ended(record);
            }
        }
    }

    fn ended(&self, record: &CallRecord) {
        let name = record.campaign;
        let campaign = self.campaigns.get(&name).map_or_else(|| name.0.to_string(), Clone::clone);
        let call = self
            .tracer
            .span_builder(format!("call {campaign}"))
            .with_kind(SpanKind::Client)
            .with_start_time(wall(record.began_at))
            .with_attributes(attributes(record, campaign))
            .start_with_context(&self.tracer, &Context::new());
        let context = Context::new().with_span(call);
        for phase in phases(record) {
            let mut span = self
                .tracer
                .span_builder(phase.name)
                .with_start_time(wall(phase.from))
                .start_with_context(&self.tracer, &context);
            span.end_with_timestamp(wall(phase.to));
        }
        if !record.counts {
            context.span().set_status(Status::error(record.outcome.as_str()));
        }
        context.span().end_with_timestamp(wall(record.ended_at));
    }

    /// Sends what waits. Blocks until the collector has answered, or has not for long enough.
    pub fn stop(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces did not reach their collector");
        }
    }
}

/// A part of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Phase {
    name: &'static str,
    from: Timestamp,
    to: Timestamp,
}

/// From the decision to dial to the end, without gaps: until it rings, until it is answered, until the
/// detector has said what answered, until an agent is there, until it is over.
fn phases(record: &CallRecord) -> Vec<Phase> {
    let heard = record.answered_at.zip(record.verdict).map(|(answered, verdict)| {
        answered + SignedDuration::from_millis(i64::from(verdict.at_ms))
    });
    let steps = [
        ("post-dial delay", Some(record.began_at)),
        ("ringing", record.ringing_at),
        ("screening", record.answered_at),
        ("waiting", heard),
        ("talking", record.bridged_at),
    ];
    // An agent may be there before the detector's word: what comes later begins nothing anew.
    let mut reached: Vec<(&str, Timestamp)> = Vec::new();
    for (name, from) in steps.into_iter().filter_map(|(name, from)| Some((name, from?))) {
        reached.retain(|(_, before)| *before < from || name == "post-dial delay");
        reached.push((name, from.min(record.ended_at)));
    }
    let ends = reached.iter().skip(1).map(|(_, from)| *from).chain([record.ended_at]);
    reached.iter().zip(ends).map(|((name, from), to)| Phase { name, from: *from, to }).collect()
}

/// What is known of a call; never its number.
fn attributes(record: &CallRecord, campaign: String) -> Vec<KeyValue> {
    let said = |key: &'static str, value: &Option<String>| {
        value.clone().map(|value| KeyValue::new(key, value))
    };
    let number =
        |key: &'static str, value: Option<i64>| value.map(|value| KeyValue::new(key, value));
    let mut all = vec![
        KeyValue::new("outdial.call", record.call.0),
        KeyValue::new("outdial.lead", record.lead.0),
        KeyValue::new("outdial.campaign", campaign),
        KeyValue::new("outdial.outcome", record.outcome.as_str()),
        KeyValue::new("outdial.by_callee", record.by_callee),
    ];
    all.extend(said("outdial.trunk", &record.trunk));
    all.extend(said("sip.call_id", &record.sip_call_id));
    all.extend(number("sip.status", record.sip_status.map(i64::from)));
    all.extend(number("q850.cause", record.q850.map(i64::from)));
    all.extend(number("outdial.agent", record.agent.map(|agent| agent.0)));
    if let Some(verdict) = record.verdict {
        all.push(KeyValue::new("outdial.verdict", verdict.kind.as_str()));
        all.push(KeyValue::new("outdial.verdict.probability", verdict.probability));
    }
    all
}

fn wall(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + at.duration_since(Timestamp::UNIX_EPOCH).unsigned_abs()
}

/// The specification's path where a collector is named without one.
fn endpoint(url: &str) -> String {
    let has_path = url.parse::<ureq::http::Uri>().is_ok_and(|url| url.path() != "/");
    if has_path { url.to_owned() } else { format!("{}{PATH}", url.trim_end_matches('/')) }
}

/// Posts on the exporter's own thread.
#[derive(Debug)]
struct Post(ureq::Agent);

impl Default for Post {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_MAX))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self(ureq::Agent::new_with_config(config))
    }
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Post {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Answered<'async_trait>
    where
        Self: 'async_trait,
        'life0: 'async_trait,
    {
        Box::pin(async move {
            let answer = self.0.run(request.map(|body| body.to_vec()))?;
            let (head, mut body) = answer.into_parts();
            let body = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
            Ok(Response::from_parts(head, body.into()))
        })
    }
}

#[cfg(test)]
mod tests;
