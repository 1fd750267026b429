//! The session timer (RFC 4028): who says now and then that the call still lives, and when it is
//! taken for dead.

use jiff::{SignedDuration, Timestamp};

use crate::sip::message::fields::{Refresher, session_expires};
use crate::sip::message::{Message, Name};
use crate::sip::reason::Reason;
use crate::sip::transaction::{PATIENCE, T4, after};

/// The shortest interval that anyone may ask for (§4).
pub const INTERVAL_S_MIN: u32 = 90;

/// Longer than any call lasts.
const INTERVAL_S_MAX: u32 = 7 * 24 * 3600;

/// An agreed session timer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Session {
    interval_s: u32,
    /// We refresh.
    ours: bool,
    wake_at: Timestamp,
    refreshing: bool,
}

impl Session {
    /// What the 2xx to a request of ours agreed on. Without a refresher it is the one who asked.
    pub fn agreed(response: &Message<'_>, now: Timestamp) -> Option<Self> {
        let (seconds, refresher) = session_expires(response.get(Name::SessionExpires)?)?;
        Some(Self::new(seconds, refresher != Some(Refresher::Uas), now))
    }

    /// What we agree to in answer to a request of the far end: its interval, and whom it names. If
    /// it names nobody, it refreshes when it can (§9 table 2).
    pub fn agree(request: &Message<'_>, now: Timestamp) -> Option<Self> {
        let (seconds, refresher) = session_expires(request.get(Name::SessionExpires)?)?;
        let ours = match refresher {
            None => !request.lists(Name::Supported, "timer"),
            Some(refresher) => refresher == Refresher::Uas,
        };
        Some(Self::new(seconds, ours, now))
    }

    /// The same, counted from now.
    pub fn restart(self, now: Timestamp) -> Self {
        Self::new(self.interval_s, self.ours, now)
    }

    /// A 422 wants it longer (§6); refreshed again at once, if it is.
    pub fn raise(&mut self, interval_s_min: u32, now: Timestamp) {
        if (self.interval_s + 1..=INTERVAL_S_MAX).contains(&interval_s_min) {
            (self.interval_s, self.refreshing, self.wake_at) = (interval_s_min, false, now);
        }
    }

    /// Something else is under way; looked at again a little later.
    pub fn postpone(&mut self, now: Timestamp) {
        self.wake_at = after(now, T4);
    }

    /// Half of it is never shorter than 45 s, whatever a far end writes.
    fn new(seconds: u32, ours: bool, now: Timestamp) -> Self {
        let interval_s = seconds.clamp(INTERVAL_S_MIN, INTERVAL_S_MAX);
        let mut session = Self { interval_s, ours, wake_at: now, refreshing: false };
        session.wake_at = after(now, session.wait(1, 2));
        if !ours {
            session.await_other(now);
        }
        session
    }

    fn wait(&self, numerator: u32, denominator: u32) -> SignedDuration {
        let seconds = u64::from(self.interval_s) * u64::from(numerator) / u64::from(denominator);
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// The call ends at the interval less 32 s or a third of it, whichever is shorter (§10).
    fn await_other(&mut self, now: Timestamp) {
        let margin = self.wait(1, 3).min(PATIENCE);
        self.wake_at = after(now, self.wait(1, 1).saturating_sub(margin));
    }

    /// Our refresh goes out; until its 2xx the clock runs toward the end. It goes out at half the
    /// interval, so what is left to that end is counted from here.
    pub fn refresh_sent(&mut self, now: Timestamp) {
        let margin = self.wait(1, 3).min(PATIENCE);
        self.refreshing = true;
        self.wake_at = after(now, self.wait(1, 2).saturating_sub(margin));
    }

    /// When the endpoint is to look at it, and why.
    pub fn deadline(&self) -> (Timestamp, Reason) {
        let ours = self.ours && !self.refreshing;
        (self.wake_at, if ours { Reason::SessionRefresh } else { Reason::SessionExpired })
    }

    /// Whether we refresh.
    pub fn is_ours(&self) -> bool {
        self.ours
    }

    /// The header for our 2xx: `uac` is whoever sent the request that it answers.
    pub fn in_answer(&self) -> String {
        format!("{};refresher={}", self.interval_s, if self.ours { "uas" } else { "uac" })
    }

    /// The header for our refresh.
    pub fn in_request(&self) -> String {
        format!("{};refresher=uac", self.interval_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(value: &str) -> Option<Session> {
        let head = format!(
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@h>\r\nTo: <sip:b@h>\r\n\
             Call-ID: c\r\nCSeq: 1 INVITE\r\nSession-Expires: {value}\r\n"
        );
        let message = Message::parse(&head, b"").ok()?;
        Session::agreed(&message, Timestamp::UNIX_EPOCH)
    }

    fn deadline_s(session: Option<Session>) -> Option<(i64, Reason)> {
        session.map(|session| session.deadline()).map(|(at, reason)| (at.as_second(), reason))
    }

    #[test]
    fn whoever_refreshes_does_so_at_half_and_the_other_waits_to_near_the_end() {
        let at = |value| deadline_s(agreed(value));
        assert_eq!(at("1800;refresher=uac"), Some((900, Reason::SessionRefresh)));
        assert_eq!(at("1800"), Some((900, Reason::SessionRefresh)));
        assert_eq!(at("1800;refresher=uas"), Some((1768, Reason::SessionExpired)));
        assert_eq!(at("90;refresher=uas"), Some((60, Reason::SessionExpired)));
    }

    #[test]
    fn no_far_end_makes_us_refresh_in_a_hurry() {
        for value in ["0", "1;refresher=uac"] {
            assert_eq!(deadline_s(agreed(value)), Some((45, Reason::SessionRefresh)));
        }
        assert_eq!(agreed("-1"), None);
    }
}
