//! SIPp: the far end of our calls, and the caller that ours is compared with.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};

use nix::sys::resource::UsageWho;

use super::{LOOPBACK, cpu};

/// SIPp's own UAS, with the folder of its statistics. It ends with this.
pub struct Uas {
    child: Child,
    folder: tempfile::TempDir,
    /// Where it takes calls.
    pub address: SocketAddr,
}

/// How a caller has fared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fared {
    pub failed: u64,
    /// CPU-ms a call.
    pub cpu_ms: f64,
    /// Messages that were sent again, either way.
    pub again: u64,
}

/// Whether it is there; says so when it is not.
pub fn is_installed() -> bool {
    let is_there = Command::new("sipp").arg("-v").output().is_ok();
    if !is_there {
        println!("skipped: sipp is not installed (scripts/install-peers)");
    }
    is_there
}

impl Uas {
    pub fn start() -> Self {
        let port = UdpSocket::bind((LOOPBACK, 0)).unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args(["-sn", "uas", "-i", "127.0.0.1", "-nostdin", "-p", &port.to_string()])
            .args(["-trace_stat", "-stf", "uas.csv", "-fd", "1", "-buff_size", "4000000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        Self { child, folder, address: (LOOPBACK, port).into() }
    }

    /// Messages that it has sent again, or got again.
    pub fn again(&self) -> u64 {
        // A row a second.
        std::thread::sleep(std::time::Duration::from_millis(1_200));
        let text = std::fs::read_to_string(self.folder.path().join("uas.csv")).unwrap_or_default();
        last_of(&text, "Retransmissions(C)").unwrap_or(u64::MAX)
    }
}

impl Drop for Uas {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// SIPp's own UAC, with calls that last so long.
pub fn uac(uas: SocketAddr, rate: u64, calls: u64, hold_ms: i64) -> Fared {
    let before = cpu(UsageWho::RUSAGE_CHILDREN);
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("sipp")
        .current_dir(folder.path())
        .args(["-sn", "uac", "-i", "127.0.0.1", "-nostdin", "-trace_stat", "-stf", "uac.csv"])
        .args(["-d", &hold_ms.to_string(), "-r", &rate.to_string(), "-buff_size", "4000000"])
        .args(["-m", &calls.to_string(), "-l", "100000", "-fd", "1", "-timeout", "60s"])
        .arg(uas.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let spent = cpu(UsageWho::RUSAGE_CHILDREN) - before;
    let text = std::fs::read_to_string(folder.path().join("uac.csv")).unwrap_or_default();
    Fared {
        failed: last_of(&text, "FailedCall(C)").unwrap_or(u64::from(!status.success())),
        cpu_ms: spent / calls as f64,
        again: last_of(&text, "Retransmissions(C)").unwrap_or(u64::MAX),
    }
}

/// The last value of a column in SIPp's statistics.
fn last_of(statistics: &str, column: &str) -> Option<u64> {
    let mut lines = statistics.lines();
    let place = lines.next()?.split(';').position(|name| name == column)?;
    lines.next_back()?.split(';').nth(place)?.parse().ok()
}
