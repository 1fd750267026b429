//! What opens their packets.

use super::keys::Keys;
use super::{ENCRYPTED, REPORT_HEADER, header};
use crate::domain::{SrtpKey, SrtpSuite};

/// Sources of one far end that are told apart; a further one takes the first one's place.
const SOURCES_MAX: usize = 4;
/// Numbers behind the highest that may still come, each once (RFC 3711 §3.3.2).
const WINDOW: u64 = 64;

/// The far end's side of a call. Nothing is kept of a packet that has not their tag.
#[derive(Debug)]
pub struct Receiver {
    master: SrtpKey,
    suite: SrtpSuite,
    packets: Keys,
    reports: Keys,
    /// Who was heard, in the order of their first packets.
    sources: Vec<Source>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    packets: Seen,
    reports: Seen,
}

/// Which numbers have come.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    highest: Option<u64>,
    /// Bit n: the highest less n has come.
    window: u64,
}

impl Receiver {
    /// From what was agreed.
    pub fn new(master: SrtpKey, suite: SrtpSuite) -> Self {
        let (packets, reports) = (Keys::of_packets(&master, suite), Keys::of_reports(&master));
        Self { master, suite, packets, reports, sources: Vec::new() }
    }

    /// Whether it is made of these: then it goes on.
    pub fn is_of(&self, master: SrtpKey, suite: SrtpSuite) -> bool {
        (self.master, self.suite) == (master, suite)
    }

    /// Opens an RTP packet into `room`; `None` when it has not their tag, has come before or is too old.
    pub fn open<'a>(&mut self, closed: &[u8], room: &'a mut [u8]) -> Option<&'a [u8]> {
        let (signed, tag) =
            closed.split_at_checked(closed.len().checked_sub(self.packets.tag())?)?;
        let (ssrc, sequence, payload) = header(signed)?;
        let mut source = self.source(ssrc);
        let index = source.packets.index_of(sequence);
        let rollovers = ((index >> 16) as u32).to_be_bytes();
        if !source.packets.is_new(index) || !self.packets.verify(signed, &rollovers, tag) {
            return None;
        }
        let opened = room.get_mut(..signed.len())?;
        opened.copy_from_slice(signed);
        self.packets.apply(ssrc, index, &mut opened[payload..]);
        source.packets.take(index);
        self.keep(source);
        Some(opened)
    }

    /// Opens a compound RTCP packet into `room` likewise (§3.4).
    pub fn open_report<'a>(&mut self, closed: &[u8], room: &'a mut [u8]) -> Option<&'a [u8]> {
        let (signed, tag) =
            closed.split_at_checked(closed.len().checked_sub(self.reports.tag())?)?;
        let (report, index) = signed.split_last_chunk::<4>()?;
        let &[a, b, c, d] = report.get(4..REPORT_HEADER)? else { return None };
        let (ssrc, word) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes(*index));
        let index = u64::from(word & !ENCRYPTED);
        let mut source = self.source(ssrc);
        if !source.reports.is_new(index) || !self.reports.verify(signed, &[], tag) {
            return None;
        }
        let opened = room.get_mut(..report.len())?;
        opened.copy_from_slice(report);
        if word & ENCRYPTED != 0 {
            self.reports.apply(ssrc, index, &mut opened[REPORT_HEADER..]);
        }
        source.reports.take(index);
        self.keep(source);
        Some(opened)
    }

    fn source(&self, ssrc: u32) -> Source {
        let known = self.sources.iter().find(|source| source.ssrc == ssrc);
        let new = Source { ssrc, packets: Seen::default(), reports: Seen::default() };
        known.copied().unwrap_or(new)
    }

    fn keep(&mut self, source: Source) {
        match self.sources.iter_mut().find(|known| known.ssrc == source.ssrc) {
            Some(known) => *known = source,
            None => {
                if self.sources.len() == SOURCES_MAX {
                    self.sources.remove(0);
                }
                self.sources.push(source);
            }
        }
    }
}

impl Seen {
    /// The packet's index: of those with this number the one nearest to the highest (§3.3.1).
    fn index_of(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else { return sequence.into() };
        let ahead = sequence.wrapping_sub(highest as u16) as i16;
        // Before the first turn there is nothing.
        highest.checked_add_signed(ahead.into()).unwrap_or(sequence.into())
    }

    fn is_new(&self, index: u64) -> bool {
        let Some(highest) = self.highest else { return true };
        match highest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WINDOW && self.window >> behind & 1 == 0,
        }
    }

    fn take(&mut self, index: u64) {
        let Some(highest) = self.highest.replace(index.max(self.highest.unwrap_or(0))) else {
            self.window = 1;
            return;
        };
        match index.checked_sub(highest) {
            None => self.window |= 1 << (highest - index),
            Some(ahead) => {
                let shifted = u32::try_from(ahead).ok().and_then(|by| self.window.checked_shl(by));
                self.window = shifted.unwrap_or(0) | 1;
            }
        }
    }
}
