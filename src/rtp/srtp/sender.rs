//! What closes our packets.

use super::keys::Keys;
use super::{ENCRYPTED, REPORT_HEADER, header};
use crate::domain::{SrtpKey, SrtpSuite};

/// Our side of a call: one source, whose packets are closed in the order of their numbers.
#[derive(Debug)]
pub struct Sender {
    master: SrtpKey,
    suite: SrtpSuite,
    packets: Keys,
    reports: Keys,
    /// How often the sequence number has begun again (RFC 3711 §3.3.1).
    rollovers: u32,
    last: Option<u16>,
    next_report: u32,
}

impl Sender {
    /// From what was agreed.
    pub fn new(master: SrtpKey, suite: SrtpSuite) -> Self {
        Self {
            packets: Keys::of_packets(&master, suite),
            reports: Keys::of_reports(&master),
            master,
            suite,
            rollovers: 0,
            last: None,
            next_report: 0,
        }
    }

    /// Whether it is made of these: then it goes on, since a key stream that began again would be used
    /// twice (§9.1).
    pub fn is_of(&self, master: SrtpKey, suite: SrtpSuite) -> bool {
        (self.master, self.suite) == (master, suite)
    }

    /// Closes the RTP packet in the first `length` bytes of `buffer`. The new length; `None` when it is
    /// no packet, or has no room to grow.
    pub fn close(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        let tag = self.packets.tag();
        let (packet, room) = buffer.split_at_mut_checked(length)?;
        let (ssrc, sequence, payload) = header(packet)?;
        let room = room.get_mut(..tag)?;
        if self.last.is_some_and(|last| sequence < last) {
            self.rollovers = self.rollovers.wrapping_add(1);
        }
        self.last = Some(sequence);
        let index = u64::from(self.rollovers) << 16 | u64::from(sequence);
        self.packets.apply(ssrc, index, &mut packet[payload..]);
        let signed = self.packets.sign(packet, &self.rollovers.to_be_bytes());
        room.copy_from_slice(&signed.as_ref()[..tag]);
        Some(length + tag)
    }

    /// Closes a compound RTCP packet (§3.4).
    pub fn close_report(&mut self, mut report: Vec<u8>) -> Vec<u8> {
        let Some(&[a, b, c, d]) = report.get(4..REPORT_HEADER) else { return report };
        let index = self.next_report;
        self.next_report = (index + 1) % ENCRYPTED;
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        self.reports.apply(ssrc, index.into(), &mut report[REPORT_HEADER..]);
        report.extend((index | ENCRYPTED).to_be_bytes());
        let signed = self.reports.sign(&report, &[]);
        report.extend(&signed.as_ref()[..self.reports.tag()]);
        report
    }
}
