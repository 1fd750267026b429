//! Packets, and what becomes of them on the way.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::plan::Rates;
use crate::domain::later;
use crate::sim::Chance;

/// A packet's usual way, in milliseconds.
const WAY_MS: (i64, i64) = (4, 20);
/// A late one's.
const LATE_MS: i64 = 1_500;
/// Until one is said again.
const AGAIN_MS: i64 = 20_000;

/// The times at which the copies of a packet arrive.
pub(super) fn arrivals(
    chance: &mut Chance,
    rates: Rates,
    storm: bool,
    now: Timestamp,
) -> Vec<Timestamp> {
    let worse = if storm { 4.0 } else { 1.0 };
    let way = |chance: &mut Chance| {
        let late = if chance.happens(rates.late * worse) { LATE_MS } else { 0 };
        let spread = WAY_MS.1 - WAY_MS.0 + late;
        let ms = WAY_MS.0 + chance.one_of(spread as usize) as i64;
        later(now, SignedDuration::from_millis(ms))
    };
    let mut at = Vec::new();
    if !chance.happens(rates.lost * worse) {
        at.push(way(chance));
    }
    if chance.happens(rates.doubled * worse) {
        at.push(way(chance));
    }
    if chance.happens(rates.again) {
        let ms = chance.one_of(AGAIN_MS as usize) as i64;
        at.push(later(now, SignedDuration::from_millis(ms)));
    }
    at
}

/// What a packet says, as far as a witness reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    pub(super) first_line: &'a str,
    pub(super) call_id: &'a str,
    /// The method of its CSeq.
    pub(super) method: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn of(bytes: &'a Bytes) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let value = |name: &str| {
            text.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        Some(Self {
            first_line: text.split("\r\n").next()?,
            call_id: value("Call-ID")?,
            method: value("CSeq")?.split(' ').nth(1)?,
        })
    }

    /// A request of this method.
    pub(super) fn asks(&self, method: &str) -> bool {
        !self.first_line.starts_with("SIP/2.0") && self.method == method
    }

    /// A response to an INVITE.
    pub(super) fn status_of_invite(&self) -> Option<u16> {
        let status = self.first_line.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()?;
        (self.method == "INVITE").then_some(status)
    }
}

/// The same response with another status: a carrier that contradicts itself.
pub(super) fn contradiction(bytes: &Bytes, status_line: &str) -> Option<Bytes> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, rest) = text.split_once("\r\n")?;
    let head = rest.split("\r\n\r\n").next()?;
    let lines = head
        .split("\r\n")
        .filter(|line| !line.starts_with("Content-") && !line.starts_with("Contact"));
    let head: String = lines.map(|line| format!("{line}\r\n")).collect();
    Some(Bytes::from(format!("{status_line}\r\n{head}Content-Length: 0\r\n\r\n")))
}
