//! The hostile packets beside the repository, through every reader of this room.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::domain::Law;

fn folder(name: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/dev").join(name);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no corpus {name} beside the repository");
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    Some(files)
}

/// Reads `bytes` as everything that may come to a leg's two ports.
fn swallow(bytes: &[u8]) {
    rtcp::read(bytes, 1);
    let Some(packet) = Packet::read(bytes) else { return };
    let (mut source, mut playout) = (Source::default(), Playout::default());
    source.admit(1, 0);
    source.admit(packet.ssrc, packet.sequence);
    let samples = packet.payload.iter().map(|byte| g711::decode(Law::Mu, *byte));
    playout.push(0, std::iter::repeat_n(1, FRAME));
    playout.push(packet.timestamp, samples);
    let mut frame = [0; FRAME];
    for _ in 0..20 {
        playout.pull(&mut frame);
    }
    dtmf::Listener::default().hear(packet.marker, packet.timestamp, packet.payload);
}

/// The payloads of the UDP datagrams in a capture of Ethernet, cooked or raw frames.
fn datagrams(capture: &[u8]) -> Vec<&[u8]> {
    let little = capture[..4] == [0xd4, 0xc3, 0xb2, 0xa1];
    let word = |at: usize| {
        let bytes: [u8; 4] = capture[at..at + 4].try_into().unwrap();
        if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    };
    let link_header = match word(20) {
        0 => 4,
        1 => 14,
        113 => 16,
        _ => 0,
    };
    let (mut at, mut found) = (24, Vec::new());
    while at + 16 <= capture.len() {
        let length = word(at + 8) as usize;
        let frame = &capture[at + 16..at + 16 + length];
        found.extend(frame.get(link_header + 28..));
        at += 16 + length;
    }
    found
}

#[test]
fn malformed_packets_are_dropped_or_read_as_the_manifest_says() {
    let Some(files) = folder("rtp-malformed") else { return };
    for file in files {
        let bytes = fs::read(&file).unwrap();
        swallow(&bytes);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let is_read = Packet::read(&bytes).is_some();
        match &name[..3] {
            "p05" | "p11" | "p14" | "p15" | "p21" | "p39" => assert!(!is_read, "{name}"),
            "p00" | "p13" | "p20" | "p22" | "p24" | "p26" | "p27" | "p28" | "p30" | "p31"
            | "p32" | "p34" => assert!(is_read, "{name}"),
            "c01" | "c03" | "c04" => assert_eq!(rtcp::read(&bytes, 1), None, "{name}"),
            _ => {}
        }
    }
}

#[test]
fn captures_of_other_stacks_are_read_whole() {
    let Some(files) = folder("rtp-pcap") else { return };
    for file in files {
        let capture = fs::read(&file).unwrap();
        let datagrams = datagrams(&capture);
        datagrams.iter().for_each(|bytes| swallow(bytes));
        let read = datagrams.iter().filter(|bytes| Packet::read(bytes).is_some()).count();
        let reports = datagrams.iter().filter(|bytes| rtcp::read(bytes, 1).is_some()).count();
        println!("{}: {} datagrams, {read} RTP, {reports} RTCP", file.display(), datagrams.len());
        assert!(read + reports > datagrams.len() / 2, "{}", file.display());
    }
}

#[test]
fn fuzzed_bytes_do_no_harm() {
    let Some(archives) = folder("rtp-srtp-fuzz") else { return };
    let unpacked = tempfile::tempdir().unwrap();
    for archive in archives {
        let tar =
            Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(unpacked.path()).status();
        if !tar.is_ok_and(|status| status.success()) {
            return println!("skipped: no tar to unpack the corpus with");
        }
    }
    let key = crate::domain::SrtpKey([1; 30]);
    let mut receiver = srtp::Receiver::new(key, crate::domain::SrtpSuite::AesCm128HmacSha1_32);
    let mut open = |bytes: &[u8]| {
        let mut room = [0; 2_048];
        assert!(receiver.open(bytes, &mut room).is_none(), "closed with no key of ours");
        assert!(receiver.open_report(bytes, &mut room).is_none());
    };
    let mut swallowed = 0;
    for file in fs::read_dir(unpacked.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        // The files begin with words for libsrtp's fuzzer; a packet may begin anywhere after.
        for start in 0..bytes.len().min(48) {
            swallow(&bytes[start..]);
            open(&bytes[start..]);
        }
        swallowed += 1;
    }
    println!("{swallowed} files");
    assert!(swallowed > 1_000);
    for file in folder("rtp-pjsip-seed").into_iter().flatten() {
        let bytes = fs::read(file).unwrap();
        swallow(&bytes);
        open(&bytes);
    }
}
