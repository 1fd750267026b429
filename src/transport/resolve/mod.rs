//! Where a host of SIP is (RFC 3263): by what it is reached, and at which addresses, in which order.
//!
//! hickory asks, over UDP and over TCP where an answer was cut, and caches; `records` takes its answers
//! as hostile, `order` says which of them goes first.

mod order;
mod records;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use tokio::time::timeout;

use crate::sip::Transport;

pub use order::Target;
pub use records::{AnswerFault, Offer, Records};

use records::{KEPT_MAX, KEPT_MIN};

/// All of it together may take so long.
const WHOLE_MAX: Duration = Duration::from_secs(10);
/// One server, once.
const ASKED_MAX: Duration = Duration::from_secs(2);
/// A name that is not there may soon be.
const MISSED_MAX: Duration = Duration::from_secs(60);
/// Answers that are cached.
const CACHED_MAX: u64 = 256;

/// A host as it is written, without what its name stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// A domain name.
    pub name: String,
    /// A port in the configuration: then the name is a machine's, and no service is looked for (§4.2).
    pub port: Option<u16>,
    /// By what it is to be reached; `None` leaves that to the domain (NAPTR, §4.1).
    pub transport: Option<Transport>,
}

/// Where a host is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Located {
    /// By what it is reached.
    pub transport: Transport,
    /// At least one, each with at least one address.
    pub targets: Vec<Target>,
    /// How long that may be believed.
    pub kept: Duration,
}

/// Why it is not known where a host is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResolveFault {
    /// The resolver cannot be set up.
    #[error("no name server is known: {0}")]
    NoServer(NetError),
    /// Nobody has answered usefully.
    #[error("the name servers do not say where {name} is: {source}")]
    NoAnswer {
        /// Whose.
        name: String,
        /// What is wrong.
        source: NetError,
    },
    /// It has no address of our family.
    #[error("{0} has no address")]
    NoAddress(String),
    /// The domain says that it has no such service: its only target is the root (RFC 2782).
    #[error("{0} says that it takes no calls this way")]
    NotOffered(String),
    /// The name servers take too long.
    #[error("the name servers take too long to say where {0} is")]
    TooLong(String),
}

/// Asks name servers. Clones share one cache.
#[derive(Clone)]
pub struct Resolver {
    inner: TokioResolver,
    /// Addresses are of IPv6; of IPv4 otherwise: our socket is of one family.
    is_v6: bool,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    /// Asks these name servers, or those of the operating system when there are none, for addresses of
    /// this family. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`ResolveFault::NoServer`]: the system's settings cannot be read.
    pub fn new(servers: &[SocketAddr], is_v6: bool) -> Result<Self, ResolveFault> {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(ResolveFault::NoServer)?
        } else {
            let servers = servers.iter().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let inner = careful(builder).build().map_err(ResolveFault::NoServer)?;
        Ok(Self { inner, is_v6 })
    }

    /// Where the host is.
    ///
    /// # Errors
    /// [`ResolveFault`], after ten seconds at most.
    pub async fn locate(&self, host: &Host) -> Result<Located, ResolveFault> {
        let too_long = |_| ResolveFault::TooLong(host.name.clone());
        timeout(WHOLE_MAX, self.find(host)).await.map_err(too_long)?
    }

    async fn find(&self, host: &Host) -> Result<Located, ResolveFault> {
        let transport = host.transport.unwrap_or_default();
        if let Some(port) = host.port {
            return self.machine(host, transport, port).await;
        }
        let services = match host.transport {
            Some(transport) => vec![(transport, order::service(transport, &host.name))],
            None => self.services(host).await?,
        };
        for (transport, service) in services {
            if let Some(located) = self.service(host, transport, &service).await? {
                return Ok(located);
            }
        }
        // No service is known under the name: it is a machine's (§4.2).
        self.machine(host, transport, order::default_port(transport)).await
    }

    /// What the domain offers, best first (NAPTR); without a word of its own what may be there (§4.1).
    async fn services(&self, host: &Host) -> Result<Vec<(Transport, String)>, ResolveFault> {
        let found = self.ask(&host.name, RecordType::NAPTR).await?.services;
        let usual = [Transport::Udp, Transport::Tcp];
        Ok(match found.is_empty() {
            true => usual.map(|it| (it, order::service(it, &host.name))).into(),
            false => found,
        })
    }

    /// The targets of a service, with their addresses; `None` when there is no such service.
    async fn service(
        &self,
        host: &Host,
        transport: Transport,
        service: &str,
    ) -> Result<Option<Located>, ResolveFault> {
        let Records { offers, is_declined, mut kept, .. } =
            self.ask(service, RecordType::SRV).await?;
        if is_declined {
            return Err(ResolveFault::NotOffered(service.to_owned()));
        }
        let Some(offers) = offers else { return Ok(None) };
        let mut targets = Vec::new();
        let mut last_fault = ResolveFault::NoAddress(host.name.clone());
        for Offer { priority, weight, port, machine } in offers {
            match self.addresses(&machine, port).await {
                Ok((addresses, kept_too)) if !addresses.is_empty() => {
                    kept = kept.min(kept_too);
                    targets.push(Target { priority, weight, addresses });
                }
                // The others may be known.
                Ok(_) => {}
                Err(fault) => last_fault = fault,
            }
        }
        if targets.is_empty() {
            return Err(last_fault);
        }
        Ok(Some(Located { transport, targets, kept }))
    }

    /// A machine's addresses.
    async fn machine(
        &self,
        host: &Host,
        transport: Transport,
        port: u16,
    ) -> Result<Located, ResolveFault> {
        let (addresses, kept) = self.addresses(&host.name, port).await?;
        if addresses.is_empty() {
            return Err(ResolveFault::NoAddress(host.name.clone()));
        }
        let target = Target { priority: 0, weight: 0, addresses };
        Ok(Located { transport, targets: vec![target], kept })
    }

    async fn addresses(
        &self,
        name: &str,
        port: u16,
    ) -> Result<(Vec<SocketAddr>, Duration), ResolveFault> {
        let kind = if self.is_v6 { RecordType::AAAA } else { RecordType::A };
        let Records { addresses, kept, .. } = self.ask(name, kind).await?;
        // What was not asked for is not believed.
        let ours = addresses.into_iter().filter(|ip| ip.is_ipv6() == self.is_v6);
        Ok((ours.map(|ip| SocketAddr::new(ip, port)).collect(), kept))
    }

    /// The records of that kind; none is an answer, too.
    async fn ask(&self, name: &str, kind: RecordType) -> Result<Records, ResolveFault> {
        // From the root: no search list turns one domain into another.
        let name = format!("{}.", name.trim_end_matches('.'));
        match self.inner.lookup(name.as_str(), kind).await {
            Ok(lookup) => Ok(Records::of(lookup.answers())),
            Err(fault) if fault.is_no_records_found() => Ok(Records::none()),
            Err(source) => Err(ResolveFault::NoAnswer { name, source }),
        }
    }
}

/// A server that is asked by datagrams, and over a connection where an answer was cut.
fn server(address: &SocketAddr) -> NameServerConfig {
    let at = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
    NameServerConfig::new(address.ip(), true, connections)
}

fn careful(
    mut builder: ResolverBuilder<TokioRuntimeProvider>,
) -> ResolverBuilder<TokioRuntimeProvider> {
    let options = builder.options_mut();
    (options.timeout, options.attempts, options.cache_size) = (ASKED_MAX, 1, CACHED_MAX);
    (options.positive_min_ttl, options.positive_max_ttl) = (Some(KEPT_MIN), Some(KEPT_MAX));
    options.negative_max_ttl = Some(MISSED_MAX);
    builder
}
