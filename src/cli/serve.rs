//! `outdial serve`: dial until stopped.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::front::Front;
use super::staff::{BRISK_TALK_S, Staff};
use super::{Fault, Run};
use crate::clock;
use crate::config;
use crate::crash;
use crate::server::{Server, Settings, secret_seed};
use crate::store;

const STOPPING: &str = "\
SIGTERM or Ctrl-C stops dialing, lets live calls end (at most --drain-max), then exits with 0; a \
second one hangs up everything. SIGHUP reads the do-not-call lists of the data folder again.

The API listens on loopback unless the configuration says otherwise. Its token is made at the first \
start and printed once; DIR/api.token keeps it for this machine's own `outdial` commands.

Examples:
  outdial check --config outdial.toml && outdial serve --config outdial.toml
  outdial serve --config /etc/outdial/outdial.toml --data /var/lib/outdial --drain-max 600";

/// How often it is looked whether the last call is over.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Run the dialer against your trunk, phones and campaigns, until stopped
#[derive(Debug, clap::Args)]
#[command(after_help = STOPPING)]
pub struct Args {
    #[command(flatten)]
    config: super::ConfigFile,
    /// The data folder: database, recordings, API token [default: what the configuration says]
    #[arg(long, value_name = "DIR", env = "OUTDIAL_DATA")]
    data: Option<PathBuf>,
    /// How many seconds live calls may take to end after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    drain_max: u32,
    /// For trials: so many simulated agents at phones of their own on loopback work for the first
    /// campaign
    #[arg(long, value_name = "N", hide = true, default_value_t = 0)]
    rehearsal_agents: u32,
    /// For trials: how long simulated agents talk before they hang up, about
    #[arg(long, value_name = "SECONDS", hide = true, default_value_t = BRISK_TALK_S)]
    rehearsal_talk_s: f64,
}

pub(super) fn run(args: Args) -> Run {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(args))
}

async fn serve(args: Args) -> Run {
    crash_points()?;
    let mut config = config::load(&args.config.config)
        .map_err(|faults| Fault::failed(format!("the configuration has faults:\n{faults}")))?;
    if let Some(data) = args.data {
        config.data = data;
    }
    for advice in config.advice() {
        tracing::warn!("{advice}");
    }
    let (api, data) = (config.api.clone(), config.data.clone());
    let seed = secret_seed()?;
    let mut stops = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    if let Some(url) = &config.store {
        store::keep_in(&data, url)?;
    }
    let server = tokio::select! {
        server = Server::start(Settings::of(config, seed)) => server?,
        // It may stand by for long.
        () = stopped(&mut stops) => return Ok(ExitCode::SUCCESS),
    };
    let recovery = server.recovery;
    if recovery.interrupted > 0 {
        tracing::warn!(
            interrupted = recovery.interrupted,
            abandoned = recovery.abandoned,
            "the last run ended with calls up; they are closed as interrupted"
        );
    }
    let front = Front::open(server.handle().clone(), api, &data).await?;
    let (handle, registrar) = (server.handle(), server.station_address());
    let staff = match args.rehearsal_agents {
        0 => None,
        count => Some(Staff::start(handle, registrar, count, args.rehearsal_talk_s, seed).await?),
    };
    announce(&server, &front);

    let taken_over = until_stopped(&server, &mut stops).await?;
    println!("outdial: no new calls; {} live. Again to hang up at once", server.calls_up());
    server.drain().await;
    let deadline = clock::now() + SignedDuration::from_secs(i64::from(args.drain_max));
    while !taken_over && server.calls_up() > 0 && clock::now() < deadline {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stopped(&mut stops) => break,
        }
    }
    drop(staff);
    front.close().await;
    server.stop().await;
    println!("outdial: stopped");
    Ok(if taken_over { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A crash point that is asked for is one that is there, in a build that looks.
fn crash_points() -> Result<(), Fault> {
    let value = std::env::var(crash::VARIABLE).ok();
    match crash::asked(value.as_deref()).map_err(Fault::Usage)? {
        None => {}
        Some((point, times)) if crash::ARMED => {
            tracing::warn!(point = point.name(), times, "this process will crash by itself");
        }
        Some(_) => tracing::warn!("{} is ignored: not a build for trials", crash::VARIABLE),
    }
    Ok(())
}

fn announce(server: &Server, front: &Front) {
    println!("outdial: API at {} (reference at {}/docs)", front.url, front.url);
    if let Some(link) = &front.set_up_link {
        println!(
            "outdial: nobody can sign in yet. The first administrator, once, within a day: {link}"
        );
    }
    println!("outdial: agents' phones register at {}", server.station_address());
    println!("outdial: carriers reach us at {}", server.trunk_address());
}

/// Serves until told to stop, or until another dialer has taken over, and says whether; SIGHUP has the
/// do-not-call lists read again.
async fn until_stopped(server: &Server, stops: &mut [Signal; 2]) -> Result<bool, Fault> {
    let mut renew = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            () = stopped(stops) => return Ok(false),
            () = server.taken_over() => return Ok(true),
            Some(()) = renew.recv() => match server.handle().renew_lists("SIGHUP").await {
                Ok(renewed) => tracing::info!(
                    put = renewed.put.len(),
                    dropped = renewed.dropped.len(),
                    "do-not-call lists renewed"
                ),
                Err(error) => tracing::error!(%error, "the do-not-call lists stay as they were"),
            },
        }
    }
}

async fn stopped(signals: &mut [Signal; 2]) {
    let [terminate, interrupt] = signals;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
