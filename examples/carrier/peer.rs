//! SIPp as the carrier, and the tripwire that nothing may touch.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A SIPp that plays one scenario on loopback.
pub struct Sipp {
    child: Child,
    /// Where it takes calls.
    pub address: SocketAddr,
    errors: PathBuf,
}

/// How a SIPp has ended.
pub struct Wire {
    /// It saw what its scenario asks for.
    pub passed: bool,
    /// Its last complaint, if it had one.
    pub complaint: Option<String>,
}

impl Sipp {
    /// Starts one that takes so many calls on a free port.
    pub fn called(scenario: &Path, calls: u32, scratch: &Path) -> io::Result<Self> {
        Self::start(scenario, calls, "u1", None, scratch)
    }

    /// Starts one that takes one call over TCP.
    pub fn over_tcp(scenario: &Path, scratch: &Path) -> io::Result<Self> {
        Self::start(scenario, 1, "t1", None, scratch)
    }

    /// Starts one that attacks this port of ours.
    pub fn attacking(scenario: &Path, target: SocketAddr, scratch: &Path) -> io::Result<Self> {
        Self::start(scenario, 1, "u1", Some(target), scratch)
    }

    /// Audio is found beside the scenario's folder.
    fn start(
        scenario: &Path,
        calls: u32,
        transport: &str,
        target: Option<SocketAddr>,
        scratch: &Path,
    ) -> io::Result<Self> {
        let (port, media) = (free_port()?, free_port()?);
        let errors = scratch.join("sipp_errors.log");
        let timeout = if calls > 1 { "240s" } else { "90s" };
        let folder = scenario.parent().and_then(Path::parent).unwrap_or(Path::new("."));
        let child = Command::new("sipp")
            .current_dir(folder)
            .arg("-sf")
            .arg(scenario)
            .args(["-i", "127.0.0.1", "-p", &port.to_string()])
            .args(["-mi", "127.0.0.1", "-mp", &media.to_string()])
            .args(["-m", &calls.to_string(), "-nostdin", "-t", transport])
            .args(["-timeout", timeout, "-timeout_error", "-trace_err", "-error_file"])
            .arg(&errors)
            .args(["-key", "victim", "no-such-call;to-tag=1;from-tag=2"])
            .args(target.map(|target| target.to_string()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, address: ([127, 0, 0, 1], port).into(), errors })
    }

    /// Waits for its end.
    pub async fn wait(mut self) -> io::Result<Wire> {
        let status = loop {
            match self.child.try_wait()? {
                Some(status) => break status,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let errors = std::fs::read_to_string(&self.errors).unwrap_or_default();
        let complaint = errors
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && *line != "The following events occurred:")
            .map(str::to_owned);
        Ok(Wire { passed: status.success(), complaint })
    }
}

impl Wire {
    /// As a verdict.
    pub fn judged(self) -> Result<(), String> {
        if self.passed {
            return Ok(());
        }
        Err(self.complaint.unwrap_or_else(|| "SIPp gave up".to_owned()))
    }
}

/// Whether the scenario begins with a packet to us: SIPp is the caller, and an attacker.
pub fn is_attack(scenario: &Path) -> io::Result<bool> {
    let text = std::fs::read_to_string(scenario)?;
    Ok(match (text.find("<send"), text.find("<recv")) {
        (Some(send), Some(receive)) => send < receive,
        (send, None) => send.is_some(),
        (None, Some(_)) => false,
    })
}

/// A SIPp that is no longer waited for must not outlive its scenario.
impl Drop for Sipp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody has.
pub fn free_port() -> io::Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where off-trunk redirects, evil Contacts and Refer-To of the scenarios point.
pub const TRIPWIRE: &str = "127.0.0.1:5999";

/// A socket that no packet may reach.
pub struct Tripwire(UdpSocket);

impl Tripwire {
    /// On any free port, as a second trunk that must not be tried.
    pub fn anywhere() -> io::Result<Self> {
        Self::at("127.0.0.1:0")
    }

    /// At this address.
    pub fn at(address: &str) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// Its address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The first line of the first packet that has come since the last time.
    pub fn touched(&self) -> Option<String> {
        let mut buffer = [0; 2048];
        let (length, from) = self.0.recv_from(&mut buffer).ok()?;
        let text = String::from_utf8_lossy(&buffer[..length]);
        let line = format!("{} from {from}", text.lines().next().unwrap_or_default());
        while self.0.recv_from(&mut buffer).is_ok() {}
        Some(line)
    }
}
