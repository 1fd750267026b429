//! Malformed and hostile input from a folder with a MANIFEST.csv (columns `file`, `expected_handling`):
//! what differs from what is expected of it, and how long each file took.
//!
//! ```text
//! cargo run --release --example corpus -- DIR
//! ```
//!
//! Each file is given to the machine that reads its kind, by the folder that it is in: SIP to an
//! endpoint (as a stranger, and with a call up), SDP to the offer and answer reader, RTP, RTCP and SRTP to
//! theirs, DNS answers to the resolver's. An archive's files are given one by one. What no machine of the
//! product reads (STUN is not spoken; the web's is the API's) is counted as such. The exit status is zero
//! when nothing differs, nothing panics and no file takes longer than 5 ms (the shortest of three).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use jiff::Timestamp;
use outdial::clock;
use outdial::domain::{Codec, SrtpKey, SrtpSuite};
use outdial::rtp::{Packet, dtmf, rtcp, srtp};
use outdial::sip::sdp::{self, LocalMedia};
use outdial::sip::{Endpoint, EndpointConfig, Event, Input, Invite, Output};
use outdial::transport::{AnswerFault, Records};

type Fault = Box<dyn std::error::Error>;

/// No input takes longer.
const TIME_MAX: Duration = Duration::from_millis(5);

/// What one file has come to.
enum Judged {
    /// As expected, or nothing in particular was.
    Right,
    /// Not so.
    Wrong(String),
    /// No machine of the product reads it.
    Unread,
}

/// The sums of one folder.
#[derive(Default)]
struct Sums {
    right: usize,
    wrong: usize,
    unread: usize,
    slowest: Duration,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("corpus: {fault}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Fault> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: corpus DIR")?);
    // A panic is counted and printed in its place.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut sums, mut clean) = (BTreeMap::<String, Sums>::new(), true);
    let mut manifest = csv::Reader::from_path(folder.join("MANIFEST.csv"))?;
    let headers = manifest.headers()?.clone();
    let column =
        |name: &str| headers.iter().position(|known| known == name).ok_or("no such column");
    let (file, expected) = (column("file")?, column("expected_handling")?);
    for row in manifest.records() {
        let row = row?;
        let name = row.get(file).unwrap_or_default();
        let Ok(whole) = std::fs::read(folder.join(name)) else { continue };
        let kind = Path::new(name).parent().and_then(Path::file_name).unwrap_or_default();
        let kind = kind.to_string_lossy().into_owned();
        let expectation = row.get(expected).unwrap_or_default();
        let sums = sums.entry(kind.clone()).or_default();
        for bytes in inputs(&folder.join(name), whole)? {
            if let Some(why) = sums.take(&kind, &bytes, expectation) {
                clean = false;
                println!("{name}: {expectation}: {why}");
            }
        }
    }
    for (kind, sums) in &sums {
        let Sums { right, wrong, unread, slowest } = sums;
        println!(
            "{kind:20} {right:4} right {wrong:4} wrong {unread:4} unread, slowest {slowest:?}"
        );
    }
    Ok(clean)
}

impl Sums {
    /// Judges one input; what is wrong with it.
    fn take(&mut self, kind: &str, bytes: &[u8], expectation: &str) -> Option<String> {
        // The shortest of three where one takes long: the machine may have had other work.
        let mut runs = (0..3).map(|_| {
            let begun = clock::now();
            let judged = catch_unwind(AssertUnwindSafe(|| judge(kind, bytes, expectation)));
            (judged, clock::now().duration_since(begun).unsigned_abs())
        });
        let (judged, mut took) = runs.next()?;
        while let (true, Some((_, again))) = (took > TIME_MAX, runs.next()) {
            took = took.min(again);
        }
        self.slowest = self.slowest.max(took);
        let wrong = match judged {
            Err(_) => Some("a panic".to_owned()),
            Ok(_) if took > TIME_MAX && bytes.len() < 100_000 => Some(format!("took {took:?}")),
            Ok(Judged::Wrong(why)) => Some(why),
            Ok(Judged::Right) => None,
            Ok(Judged::Unread) => {
                self.unread += 1;
                return None;
            }
        };
        match wrong {
            None => self.right += 1,
            Some(_) => self.wrong += 1,
        }
        wrong
    }
}

/// A file's bytes, or those of every file in an archive.
fn inputs(path: &Path, whole: Vec<u8>) -> Result<Vec<Vec<u8>>, Fault> {
    if !path.to_string_lossy().ends_with(".tar.gz") {
        return Ok(vec![whole]);
    }
    let unpacked = tempfile::tempdir()?;
    let mut tar = Command::new("tar");
    if !tar.arg("xzf").arg(path).arg("-C").arg(unpacked.path()).status()?.success() {
        return Err("tar cannot unpack an archive".into());
    }
    let files = std::fs::read_dir(unpacked.path())?;
    files.map(|file| Ok(std::fs::read(file?.path())?)).collect()
}

fn judge(kind: &str, bytes: &[u8], expected: &str) -> Judged {
    match kind.split('-').next() {
        Some("sip") => {
            with_a_call_up(bytes);
            let answered = as_a_stranger(bytes);
            match kind {
                "sip-rfc4475" => torture(answered, expected),
                _ => Judged::Right,
            }
        }
        Some("sdp") => {
            let text = String::from_utf8_lossy(bytes);
            let _ = sdp::answer(&text, &local(), 1);
            let read = sdp::read_answer(&text, &local()).map(drop);
            match kind {
                "sdp-answers" => answer(read.is_ok(), expected),
                _ => Judged::Right,
            }
        }
        Some("rtp") => media(kind, bytes, expected),
        Some("dns") => records(bytes, expected),
        _ => Judged::Unread,
    }
}

/// What comes to a media port: no key of ours has closed it, so none may open.
fn media(kind: &str, bytes: &[u8], expected: &str) -> Judged {
    // A port reads no more of a datagram.
    let bytes = &bytes[..bytes.len().min(2_048)];
    let packet = Packet::read(bytes);
    let report = rtcp::read(bytes, 1);
    let digit = packet.and_then(|packet| {
        let mut ear = dtmf::Listener::default();
        ear.hear(packet.marker, packet.timestamp, packet.payload)
    });
    let mut receiver = srtp::Receiver::new(SrtpKey([1; 30]), SrtpSuite::AesCm128HmacSha1_32);
    let mut room = [0; 2_048];
    if receiver.open(bytes, &mut room).is_some() || receiver.open_report(bytes, &mut room).is_some()
    {
        return Judged::Wrong("opened with a key that did not close it".to_owned());
    }
    // Payload types, sources and order are agreed by a call: `media`'s tests of hostile packets have those.
    let is_dropped = expected.starts_with("drop; counters only");
    match kind {
        "rtp-malformed" if expected.starts_with("accept") && packet.is_none() => {
            Judged::Wrong("dropped".to_owned())
        }
        "rtp-malformed" if expected.starts_with("digit 9") && digit.is_none() => {
            Judged::Wrong("no digit".to_owned())
        }
        "rtp-malformed" if is_dropped && report.is_some() => Judged::Wrong("a report".to_owned()),
        _ => Judged::Right,
    }
}

/// What an answer of a name server comes to.
fn records(bytes: &[u8], expected: &str) -> Judged {
    let read = Records::read(bytes);
    let right = match expected.split([',', ' ']).next() {
        Some("error") if expected.contains("partial") => true,
        Some("error") => read == Err(AnswerFault::Malformed),
        Some("ignored") if expected.contains("target") => {
            read.as_ref().is_ok_and(|read| read.offers.as_ref().is_some_and(Vec::is_empty))
        }
        Some("ignored") => read == Err(AnswerFault::Malformed),
        Some("retry") => read == Err(AnswerFault::Truncated),
        Some("fall") => read == Err(AnswerFault::Code),
        Some("service") => read.as_ref().is_ok_and(|read| read.is_declined),
        Some("re-query") => read.as_ref().is_ok_and(|read| read.kept >= Duration::from_secs(30)),
        _ => true,
    };
    if right { Judged::Right } else { Judged::Wrong(format!("read as {read:?}")) }
}

fn local() -> LocalMedia {
    LocalMedia {
        address: ([192, 0, 2, 1], 40_000).into(),
        codecs: Codec::LAWS.to_vec(),
        srtp: None,
    }
}

fn endpoint() -> Endpoint {
    let here: SocketAddr = ([192, 0, 2, 1], 5060).into();
    Endpoint::new(EndpointConfig { registrar: true, ..EndpointConfig::new(here, 1) })
}

/// The status that a stranger is answered with, and whether the owner hears of it.
fn as_a_stranger(bytes: &[u8]) -> (Option<u16>, bool) {
    let mut endpoint = endpoint();
    let from: SocketAddr = ([198, 51, 100, 9], 5060).into();
    endpoint.handle_input(Input::Datagram { from, bytes }, Timestamp::UNIX_EPOCH);
    let (mut status, mut told) = (None, false);
    while let Some(output) = endpoint.poll_output() {
        match output {
            Output::Transmit { bytes, .. } => {
                let text = String::from_utf8_lossy(&bytes);
                status = status.or(text.get(8..11).and_then(|digits| digits.parse().ok()));
            }
            Output::Event(event) => {
                told |= matches!(event, Event::Incoming { .. } | Event::Request { .. });
            }
        }
    }
    (status, told)
}

/// The same bytes from a carrier that we are calling.
fn with_a_call_up(bytes: &[u8]) {
    let mut endpoint = endpoint();
    let carrier: SocketAddr = ([198, 51, 100, 1], 5060).into();
    let invite = Invite {
        next_hop: carrier,
        request_uri: "sip:+12015550123@carrier.example".to_owned(),
        from: "<sip:+12015550199@carrier.example>".to_owned(),
        to: "<sip:+12015550123@carrier.example>".to_owned(),
        sdp: sdp::offer(&local(), 1),
        headers: Vec::new(),
        credentials: None,
    };
    endpoint.invite(invite, Timestamp::UNIX_EPOCH);
    endpoint.handle_input(Input::Datagram { from: carrier, bytes }, Timestamp::UNIX_EPOCH);
    while endpoint.poll_output().is_some() {}
}

/// The statuses that an expectation names.
fn allowed(expected: &str) -> Vec<u16> {
    let numbers = expected.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter(|digits| digits.len() == 3).filter_map(|digits| digits.parse().ok()).collect()
}

/// RFC 4475: rejected with a status that is named, dropped, or passed on.
fn torture((status, told): (Option<u16>, bool), expected: &str) -> Judged {
    // 481: a To tag of a dialog that is not there; 405 and 501: a method that is not for us.
    let passed = told || matches!(status, Some(200 | 405 | 481 | 501));
    let named = status.is_some_and(|status| allowed(expected).contains(&status));
    let right = if expected.starts_with("reject") {
        let may_pass = expected.contains("tolerate") || expected.contains("ignore the escaped");
        named || may_pass && passed
    } else if expected.starts_with("drop") || expected.starts_with("accept response") {
        status.is_none() && !told
    } else {
        passed || named
    };
    if right { Judged::Right } else { Judged::Wrong(format!("answered {status:?}, told {told}")) }
}

/// An answer is used or refused; a refused one is hung up on by its owner.
fn answer(used: bool, expected: &str) -> Judged {
    let either = ["or accept", " or reject", "reject or"].iter().any(|may| expected.contains(may));
    let accept = expected.starts_with("accept") && !expected.contains("BYE");
    let refuse = expected.starts_with("reject") || expected.contains("BYE");
    match used {
        _ if either => Judged::Right,
        true if accept => Judged::Right,
        false if refuse => Judged::Right,
        _ => Judged::Wrong(if used { "used" } else { "refused" }.to_owned()),
    }
}
