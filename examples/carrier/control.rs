//! The positive control of the siege: the same attack at a leg whose far end the stranger is. What the
//! siege counts must be counted here, or its zeros say nothing.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::domain::{Codec, Direction, Law, MediaTarget};
use outdial::media::{Engine, MediaConfig, MediaEvent};
use tokio::sync::mpsc;

use crate::Fault;
use crate::siege::foreign_frames;

/// Where `rtp_attack.py` sends from.
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// A tenth of what three seconds at 50 frames a second may bring: the tool sends in bursts.
const FRAMES_MIN: u64 = 15;

/// True when the stranger's tone, keys and the packets back to it are counted.
pub async fn run(tools: &Path) -> Result<bool, Fault> {
    let (back, frames, _) = attack(tools, "inject").await?;
    let (_, _, digits) = attack(tools, "dtmf").await?;
    println!(
        "control, the stranger as the far end: {back} packets back, {frames} foreign frames, {digits} digits"
    );
    Ok(back > 0 && frames >= FRAMES_MIN && digits > 0)
}

/// Packets back, foreign frames and digits of one attack at one leg that takes it for its far end.
async fn attack(tools: &Path, mode: &str) -> Result<(u64, u64, usize), Fault> {
    let scratch = tempfile::tempdir()?;
    let (told, mut facts) = mpsc::unbounded_channel();
    let config = MediaConfig {
        ip: Ipv4Addr::LOCALHOST.into(),
        ports: 30_800..=30_803,
        threads: 1,
        silence_max: SignedDuration::from_secs(60),
        load_max: 0.95,
        recordings: scratch.path().to_owned(),
        seed: 7,
    };
    let engine = Engine::start(config, told)?;
    let leg = engine.open()?;
    let target = MediaTarget {
        address: (STRANGER, 40_000).into(),
        behind: None,
        codec: Codec::PCMU,
        payload_type: Law::Mu.payload_type(),
        telephone_event: Some(101),
        direction: Direction::SendReceive,
        srtp: None,
    };
    engine.connect(leg.id, target);
    engine.record(leg.id, "control.wav".to_owned());
    let port = leg.local.port().to_string();
    let mut tool = Command::new("python3");
    tool.arg(tools.join("rtp_attack.py")).arg(mode).args(["--lo", &port, "--hi", &port]);
    tool.args(["--seconds", "3", "--pps", "400"]);
    let said = tokio::task::spawn_blocking(move || tool.output()).await??.stdout;
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let back = said.rsplit(' ').next().and_then(|word| word.parse().ok());
    tokio::time::sleep(Duration::from_millis(500)).await;
    engine.close(leg.id);
    let mut digits = 0;
    while let Some(fact) = facts.recv().await {
        match fact.event {
            MediaEvent::Closed { .. } => break,
            MediaEvent::Digit(_) => digits += 1,
            _ => {}
        }
    }
    engine.shutdown();
    let (_, foreign) = foreign_frames(&scratch.path().join("control.wav"))?;
    Ok((back.ok_or_else(|| format!("rtp_attack.py said {said:?}"))?, foreign, digits))
}
