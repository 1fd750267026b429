//! RTCP: a report of ours out (RFC 3550 §6.4), and what a far end's says about our stream. A BYE is
//! written, and read over: only SIP ends a call.

use jiff::Timestamp;

use super::Reception;

/// Seconds from 1900 to 1970.
const NTP_UNIX: i64 = 2_208_988_800;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// What is told of us.
#[derive(Debug)]
pub struct Report<'a> {
    /// Who we are.
    pub ssrc: u32,
    /// Our stream, when we have sent any since the last report.
    pub sent: Option<Sent>,
    /// The far end's stream.
    pub reception: Option<&'a mut Reception>,
    /// The NTP time of the far end's last report, and when it came.
    pub last_report: Option<(u32, Timestamp)>,
    /// Our last word.
    pub is_goodbye: bool,
}

/// What is told of our stream.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The RTP timestamp of now.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Payload bytes sent.
    pub bytes: u32,
}

/// What a far end's compound packet says that matters to us.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Heard {
    /// The middle 32 bits of the NTP time of its sender report.
    pub report: Option<u32>,
    /// The share of our packets that it lost, in 256ths.
    pub fraction_lost: Option<u8>,
    /// Our report's time that it echoes, and the delay since, in 1/65536 s.
    pub echo: Option<(u32, u32)>,
}

/// Writes a compound packet: a report, the CNAME, and a BYE when it is the last (§6.1).
pub fn write(report: Report<'_>, now: Timestamp) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(88);
    let blocks = u8::from(report.reception.is_some());
    match report.sent {
        None => begin(&mut bytes, RECEIVER_REPORT, blocks, 1 + 6 * blocks, report.ssrc),
        Some(sent) => {
            begin(&mut bytes, SENDER_REPORT, blocks, 6 + 6 * blocks, report.ssrc);
            bytes.extend(ntp(now).to_be_bytes());
            for word in [sent.timestamp, sent.packets, sent.bytes] {
                bytes.extend(word.to_be_bytes());
            }
        }
    }
    if let Some(reception) = report.reception {
        write_block(&mut bytes, reception, report.last_report, now);
    }
    // A CNAME of our SSRC alone: no host name leaves the house (RFC 7022 §4.2).
    begin(&mut bytes, DESCRIPTION, 1, 4, report.ssrc);
    bytes.extend([1, 8]);
    bytes.extend(format!("{:08x}", report.ssrc).as_bytes());
    bytes.extend([0, 0]);
    if report.is_goodbye {
        begin(&mut bytes, GOODBYE, 1, 1, report.ssrc);
    }
    bytes
}

fn begin(bytes: &mut Vec<u8>, kind: u8, count: u8, words: u8, ssrc: u32) {
    bytes.extend([0x80 | count, kind, 0, words]);
    bytes.extend(ssrc.to_be_bytes());
}

fn write_block(
    bytes: &mut Vec<u8>,
    reception: &mut Reception,
    last_report: Option<(u32, Timestamp)>,
    now: Timestamp,
) {
    let lost = reception.lost().min(0x7f_ffff).to_be_bytes();
    bytes.extend(reception.ssrc.to_be_bytes());
    bytes.push(reception.fraction_lost());
    bytes.extend(&lost[1..]);
    bytes.extend(reception.extended_highest().to_be_bytes());
    bytes.extend(reception.jitter().to_be_bytes());
    let (last, delay) =
        last_report.map_or((0, 0), |(report, at)| (report, short_seconds(now.duration_since(at))));
    bytes.extend(last.to_be_bytes());
    bytes.extend(delay.to_be_bytes());
}

/// Reads a compound packet; `None` when it is none (§A.2). `ours` picks the block about us.
pub fn read(bytes: &[u8], ours: u32) -> Option<Heard> {
    let mut heard = Heard::default();
    let mut rest = bytes;
    let mut first = true;
    while !rest.is_empty() {
        let header: [u8; 4] = rest.get(..4)?.try_into().ok()?;
        let length = (usize::from(u16::from_be_bytes([header[2], header[3]])) + 1) * 4;
        let packet = rest.get(..length)?;
        let kind = header[1];
        if header[0] >> 6 != 2 || (first && !matches!(kind, SENDER_REPORT | RECEIVER_REPORT)) {
            return None;
        }
        let blocks = match kind {
            SENDER_REPORT => {
                heard.report = Some(word(packet, 2)? << 16 | word(packet, 3)? >> 16);
                packet.get(28..)?
            }
            RECEIVER_REPORT => packet.get(8..)?,
            _ => &[],
        };
        let count = usize::from(header[0] & 0x1f);
        if matches!(kind, SENDER_REPORT | RECEIVER_REPORT) && blocks.len() < count * 24 {
            return None;
        }
        for block in blocks.chunks_exact(24).take(count) {
            if word(block, 0) == Some(ours) {
                heard.fraction_lost = Some(block[4]);
                let last = word(block, 4)?;
                heard.echo = (last != 0).then_some((last, word(block, 5)?));
            }
        }
        first = false;
        rest = &rest[length..];
    }
    (!first).then_some(heard)
}

/// The round trip in 1/65536 s, never negative (a lying far end).
pub fn round_trip(heard: &Heard, now: Timestamp) -> Option<u32> {
    let (last, delay) = heard.echo?;
    let trip = ((ntp(now) >> 16) as u32).wrapping_sub(last).wrapping_sub(delay) as i32;
    u32::try_from(trip).ok()
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(index * 4..index * 4 + 4)?.try_into().ok()?))
}

/// NTP time: seconds since 1900 in 32.32 fixed point (§4).
fn ntp(at: Timestamp) -> u64 {
    let seconds = (at.as_second() + NTP_UNIX) as u64;
    let fraction = ((at.subsec_nanosecond().max(0) as u64) << 32) / 1_000_000_000;
    (seconds << 32) | fraction
}

fn short_seconds(duration: jiff::SignedDuration) -> u32 {
    (duration.as_secs_f64().clamp(0.0, 65_535.0) * 65_536.0) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtp::Source;

    #[test]
    fn our_report_is_read_by_our_reader() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        for sent in [None, Some(Sent { timestamp: 1, packets: 2, bytes: 320 })] {
            for is_goodbye in [false, true] {
                let mut source = Source::default();
                for sequence in [0, 1, 3] {
                    source.admit(5, sequence);
                }
                let reception = source.reception_mut();
                let last_report = Some((77, now));
                let bytes =
                    write(Report { ssrc: 9, sent, reception, last_report, is_goodbye }, now);
                let heard = read(&bytes, 5).unwrap();
                assert_eq!(heard.report.is_some(), sent.is_some());
                assert_eq!(heard.fraction_lost, Some(64));
                assert_eq!(heard.echo, Some((77, 0)));
                assert_eq!(read(&bytes, 6).unwrap().fraction_lost, None);
            }
        }
    }

    #[test]
    fn a_round_trip_is_measured_from_our_report_back() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let middle = (ntp(now) >> 16) as u32;
        let later = now + jiff::SignedDuration::from_millis(350);
        let heard = Heard { echo: Some((middle, 65_536 / 4)), ..Heard::default() };
        let trip = round_trip(&heard, later).unwrap();
        assert!((6_500..=6_600).contains(&trip), "100 ms in 1/65536 s, not {trip}");
    }

    #[test]
    fn a_report_from_the_future_gives_no_negative_round_trip() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let heard = Heard { echo: Some((u32::MAX, u32::MAX / 2)), ..Heard::default() };
        assert!(round_trip(&heard, now).is_none_or(|trip| trip < i32::MAX as u32));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, 1);
        }
    }
}
