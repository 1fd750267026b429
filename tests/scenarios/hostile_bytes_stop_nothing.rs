//! What the fuzzer's targets read, bent by chance from the corpus and from seeds of our own: nothing
//! panics, and nothing takes long. Two seconds for all together, or `OUTDIAL_SMOKE_S`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use outdial::clock;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

#[path = "../../fuzz/bodies/mod.rs"]
mod bodies;

/// A build without optimization on a busy machine takes this long at most for one input.
const SLOW: Duration = Duration::from_secs(2);
const LENGTH_MAX: usize = 16_384;
/// Bytes at which formats turn.
const TURNS: &[u8] = b"\0\r\n \t\"<>;:,=@%\\[]{}.-+*#/?&()'0123456789aAzZ\x7f\x80\xbf\xc0\xff";

/// A target by name, where its seeds are in the corpus, one that is always there, and what it does.
type Target = (&'static str, &'static [&'static str], &'static [u8], fn(&[u8]));

const SIP: &[u8] = b"INVITE sip:+12015550100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK1\r\n\
From: <sip:+12015550123@h>;tag=1\r\nTo: <sip:+12015550100@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
Contact: <sip:a@198.51.100.9>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n\
m=audio 6000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";
const RTP: &[u8] = b"\x80\x00\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x07\xff\xff\xff\xff\
\x80\x65\x00\x02\x00\x00\x01\x40\x00\x00\x00\x07\x09\x8a\x01\xe0";
const DNS: &[u8] = b"\0\x01\x81\x80\0\x01\0\x01\0\0\0\0\x07carrier\x04test\0\0\x01\0\x01\
\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01";
const RESPONSE: &[u8] =
    b"200 OK\r\nContact: <sip:b@198.51.100.1>\r\nRecord-Route: <sip:p;lr>\r\nRequire: 100rel\r\n";

fn text(bytes: &[u8], run: impl Fn(&str)) {
    run(&String::from_utf8_lossy(bytes));
}

const TARGETS: [Target; 9] = [
    (
        "challenge",
        &[],
        b"Digest realm=\"a\", nonce=\"b\", qop=\"auth,auth-int\", algorithm=SHA-256, opaque=\"c\", stale=true",
        |bytes| text(bytes, bodies::challenge::run),
    ),
    ("config", &[], include_bytes!("../../outdial.example.toml"), |bytes| {
        text(bytes, bodies::config::run);
    }),
    ("dns", &["dns-own", "dns-pjsip-seed"], DNS, bodies::dns::run),
    ("leads", &["web-lead-import"], b"phone,first_name\n+12015550123,Ana\n", |bytes| {
        bodies::leads::run(bytes.len() % 2 == 0, bytes);
    }),
    ("rtp", &["rtp-malformed", "rtp-pjsip-seed"], RTP, |bytes| {
        let middle = bytes.len() / 2;
        bodies::rtp::run(&[bytes, &bytes[..middle], &bytes[middle..]]);
    }),
    ("sdp", &["sdp-answers", "sdp-mozilla", "sdp-sofia-torture"], SDP, |bytes| {
        text(bytes, bodies::sdp::run);
    }),
    (
        "sip",
        &["sip-rfc4475", "sip-jain-torture", "sip-sofia-torture", "sip-uas-indialog"],
        SIP,
        bodies::sip::run,
    ),
    ("sip_call_up", &["sip-uac-responses"], RESPONSE, |bytes| {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let [first, second] = [first, second].map(String::from_utf8_lossy);
        let whole = String::from_utf8_lossy(bytes);
        let whole = whole.strip_prefix("SIP/2.0 ").unwrap_or(&whole);
        bodies::sip_call_up::run([whole, &second]);
        bodies::sip_call_up::run([&first, whole]);
    }),
    ("uri", &[], b"sips:a:secret@[2001:db8::1]:5061;transport=tls;lr?x=y", |bytes| {
        text(bytes, bodies::uri::run);
    }),
];

#[test]
fn test() {
    let seconds = std::env::var("OUTDIAL_SMOKE_S").ok().and_then(|it| it.parse().ok());
    let each = Duration::from_secs_f64(seconds.unwrap_or(2.0) / TARGETS.len() as f64);
    let seed = clock::now().as_microsecond() as u64;
    println!("seed {seed}");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/dev");
    if !corpus.exists() {
        println!("skipped: the corpus is not there; seeds of our own alone");
    }
    for (name, folders, own, run) in TARGETS {
        let mut seeds = vec![own.to_vec()];
        for folder in folders {
            let files = fs::read_dir(corpus.join(folder)).into_iter().flatten();
            seeds.extend(files.filter_map(|file| fs::read(file.ok()?.path()).ok()));
        }
        let mut chance = Pcg64Mcg::seed_from_u64(seed);
        let (began, mut runs) = (clock::now(), 0_u64);
        for seed in &seeds {
            run(&seed[..seed.len().min(LENGTH_MAX)]);
        }
        while clock::now().duration_since(began).unsigned_abs() < each {
            let input = bent(&seeds, &mut chance);
            let at = clock::now();
            run(&input);
            let took = clock::now().duration_since(at).unsigned_abs();
            assert!(
                took < SLOW,
                "{name} takes {took:?} for {:?}",
                input.escape_ascii().to_string()
            );
            runs += 1;
        }
        println!("{name}: {runs} inputs of {} seeds", seeds.len());
    }
}

/// One of the seeds, changed in one to eight places.
fn bent(seeds: &[Vec<u8>], chance: &mut Pcg64Mcg) -> Vec<u8> {
    let one = |chance: &mut Pcg64Mcg| &seeds[chance.random_range(0..seeds.len())];
    let mut input = one(chance).clone();
    for _ in 0..chance.random_range(1..=8) {
        let at = chance.random_range(0..=input.len());
        let end = (at + chance.random_range(0..=64)).min(input.len());
        match chance.random_range(0..7) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => input.insert(at, TURNS[chance.random_range(0..TURNS.len())]),
            3 => {
                let again = input[at..end].repeat(chance.random_range(1..=40));
                input.splice(at..at, again);
            }
            4 => {
                let other = one(chance);
                let from = chance.random_range(0..=other.len());
                let piece = other[from..(from + 256).min(other.len())].to_vec();
                input.splice(at..end, piece);
            }
            5 => {
                let number =
                    ["0", "-1", "4294967296", "18446744073709551615", "99999999999999999999"];
                input.splice(at..end, number[chance.random_range(0..number.len())].bytes());
            }
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << chance.random_range(0..8);
                }
            }
        }
        input.truncate(LENGTH_MAX);
    }
    input
}
