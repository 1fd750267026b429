//! The peers: `outdial serve`, SIPp as the carrier, baresip as the agent's phone, each a process of
//! its own that dies with the test.

use std::fs;
use std::io::Read;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// Whether a program can be started. Where it cannot, the test says that it is skipped; under CI
/// that is a failure.
pub fn have(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| !is_there(program)).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "missing: {missing:?}; run scripts/install-peers");
    println!("skipped: {missing:?} not installed (scripts/install-peers installs them)");
    false
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A process that is killed when the test ends, with its output in a file.
pub struct Peer {
    pub child: Child,
    pub log: PathBuf,
}

impl Peer {
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let file = fs::File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let child = command.spawn().unwrap();
        Self { child, log }
    }

    pub fn said(&self) -> String {
        let mut text = Vec::new();
        fs::File::open(&self.log).unwrap().read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Waits for the process to end by itself, and says whether it ended well.
    pub fn ends_well(&mut self, within: Duration) -> bool {
        let status = wait_for(within, || self.child.try_wait().unwrap());
        status.is_some_and(|status| status.success())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("---- {}\n{}", self.log.display(), self.said());
        }
    }
}

/// Asks again and again until there is an answer.
pub fn wait_for<T>(within: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = std::iter::successors(Some(Duration::ZERO), |waited| {
        std::thread::sleep(Duration::from_millis(50));
        Some(*waited + Duration::from_millis(50))
    });
    began.take_while(|waited| *waited < within).find_map(|_| ask())
}

/// `count` UDP ports on loopback that were free a moment ago.
pub fn free_ports(count: usize) -> Vec<u16> {
    let sockets: Vec<_> = (0..count).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect()
}

/// A server of its own, and the way to its API.
pub struct Server {
    process: Peer,
    folder: PathBuf,
    agent: ureq::Agent,
}

impl Server {
    /// Starts `outdial serve` on the configuration in `folder`.
    pub fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outdial"));
        command.args(["serve", "--config", "outdial.toml", "--data", "data"]).current_dir(folder);
        let process = Peer::start(&mut command, folder.join("serve.log"));
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let server = Self { process, folder: folder.to_owned(), agent: config.into() };
        let up = wait_for(Duration::from_secs(20), || server.url());
        assert!(up.is_some(), "the server did not come up");
        server
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let pid = nix::unistd::Pid::from_raw(self.process.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    }

    /// Whether it ends by itself, with 0.
    pub fn ends_well(&mut self) -> bool {
        self.process.ends_well(Duration::from_secs(15))
    }

    fn url(&self) -> Option<String> {
        fs::read_to_string(self.folder.join("data/api.url")).ok().filter(|url| !url.is_empty())
    }

    fn token(&self) -> String {
        fs::read_to_string(self.folder.join("data/api.token")).unwrap().trim().to_owned()
    }

    pub fn get(&self, path: &str) -> Value {
        let request = self.agent.get(format!("{}{path}", self.url().unwrap()));
        let token = format!("Bearer {}", self.token());
        request.header("authorization", token).call().unwrap().body_mut().read_json().unwrap()
    }

    /// Status and body.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.post(format!("{}{path}", self.url().unwrap()));
        let token = format!("Bearer {}", self.token());
        let mut answer = request.header("authorization", token).send_json(body).unwrap();
        let status = answer.status().as_u16();
        (status, answer.body_mut().read_json().unwrap_or(Value::Null))
    }

    /// An `outdial` subcommand in the server's folder; its standard output.
    pub fn outdial(folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_outdial"))
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "outdial {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The share of the energy of `samples` (8 kHz) that lies at `hertz`, by Goertzel's algorithm.
pub fn share_at(hertz: f64, samples: &[i16]) -> f64 {
    let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let (value, angle) =
            (f64::from(*sample), std::f64::consts::TAU * hertz * index as f64 / 8000.0);
        real += value * angle.cos();
        imaginary += value * angle.sin();
        energy += value * value;
    }
    2.0 * (real * real + imaginary * imaginary) / (samples.len() as f64 * energy.max(1.0))
}

/// The largest share at `hertz` that a quarter of a second of `samples` has, among those that are
/// not silent.
pub fn best_share_at(hertz: f64, samples: &[i16]) -> f64 {
    let loud = |window: &&[i16]| window.iter().any(|sample| sample.unsigned_abs() > 500);
    samples
        .chunks_exact(2000)
        .filter(loud)
        .map(|window| share_at(hertz, window))
        .fold(0.0, f64::max)
}

/// One channel of a WAV file.
pub fn channel(wav: &Path, channel: usize) -> Vec<i16> {
    let mut reader = hound::WavReader::open(wav).unwrap();
    let channels = usize::from(reader.spec().channels);
    reader.samples().skip(channel).step_by(channels).map(Result::unwrap).collect()
}

/// The newest file in `folder` whose name passes.
pub fn newest(folder: &Path, passes: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = files.filter(|file| passes(&file.file_name().to_string_lossy()));
    let age = |file: &fs::DirEntry| {
        file.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    files.max_by_key(age).map(|file| file.path())
}
