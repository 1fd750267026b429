//! `outdial carrier`: the test carrier alone, for a second process to dial.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{Fault, Run};
use crate::rehearsal::carrier::{CallEnd, Carrier, CarrierConfig};

const AFTER_HELP: &str = "\
It takes calls to any number from anyone who reaches the address, so keep it on loopback or on a
laboratory's network. What a number does depends on the number and the seed only. Each call that is
over is a line; SIGINT or SIGTERM ends the calls, prints the totals and exits with 0.

Examples:
  outdial carrier                                   on 127.0.0.1:5070, as in the example file
  outdial carrier --config campaigns/carrier.example.toml --seed 7
  outdial carrier --example > carrier.toml          the example file, to be changed";

/// The test carrier alone, so that another process can dial it
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// What its numbers do (TOML); without it, as in the example
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the example file, and do nothing else
    #[arg(long)]
    example: bool,
    /// Where to take calls (SIP over UDP)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5070")]
    listen: SocketAddr,
    /// The seed of every chance in it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: Args) -> Run {
    if args.example {
        print!("{}", CarrierConfig::EXAMPLE);
        return Ok(ExitCode::SUCCESS);
    }
    let config = args.config.as_deref().map_or_else(|| Ok(CarrierConfig::default()), read)?;
    tokio::runtime::Runtime::new()?.block_on(serve(config, args.listen, args.seed))
}

fn read(path: &Path) -> Result<CarrierConfig, Fault> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::failed(format!("{}: {error}", path.display())))?;
    CarrierConfig::from_toml(&text)
        .map_err(|fault| Fault::failed(format!("{}: {fault}", path.display())))
}

async fn serve(config: CarrierConfig, listen: SocketAddr, seed: u64) -> Run {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let (carrier, mut ends) = Carrier::start(config, listen, seed).await?;
    println!("the test carrier takes calls at {}", carrier.address());
    loop {
        tokio::select! {
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
            end = ends.recv() => match end {
                Some(end) => println!("{end}"),
                None => return Err(Fault::failed("the test carrier has stopped by itself")),
            },
        }
    }
    let totals = carrier.stop().await;
    print_rest(&mut ends);
    println!("{totals}");
    Ok(ExitCode::SUCCESS)
}

/// The calls that the stop has ended.
fn print_rest(ends: &mut mpsc::UnboundedReceiver<CallEnd>) {
    while let Ok(end) = ends.try_recv() {
        println!("{end}");
    }
}
