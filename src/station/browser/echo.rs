//! What an agent said a second ago, for who wants to hear how they sound.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// Long enough to be told from one's own voice.
const DELAY: SignedDuration = SignedDuration::from_secs(1);
/// More than a second of packets of 20 ms; of shorter ones the rest is lost.
const PACKETS_MAX: usize = 100;

/// Packets on their way back.
#[derive(Debug, Default)]
pub(super) struct Echo(VecDeque<(Timestamp, Bytes)>);

impl Echo {
    pub(super) fn hear(&mut self, packet: Bytes, now: Timestamp) {
        if self.0.len() < PACKETS_MAX {
            self.0.push_back((now.saturating_add(DELAY).unwrap_or(Timestamp::MAX), packet));
        }
    }

    /// The next packet whose time has come.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Bytes> {
        self.0.pop_front_if(|(at, _)| *at <= now).map(|(_, packet)| packet)
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.0.front().map(|(at, _)| *at)
    }
}
