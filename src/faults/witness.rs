//! What was seen on the wire, whatever the books say of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Who has answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Callee {
    Machine,
    Person,
}

/// One call as the wire has seen it, by its Call-ID.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// As digits.
    pub(super) number: u64,
    /// Which process has sent it.
    pub(super) process: u32,
    /// When its first INVITE left.
    pub(super) left_at: Option<Timestamp>,
    /// When the carrier had it.
    pub(super) invite_at: Option<Timestamp>,
    pub(super) rang: bool,
    /// Some response has reached its process.
    pub(super) heard: bool,
    /// Who answered, and when the 200 left.
    pub(super) answer: Option<(Callee, Timestamp)>,
    /// When a 200 first reached a process.
    pub(super) answer_heard_at: Option<Timestamp>,
    /// An ACK has left a process, and has reached the carrier.
    pub(super) ack_left: bool,
    pub(super) acked: bool,
    /// When an agent was first heard.
    pub(super) agent_at: Option<Timestamp>,
    /// The final response that is no 200.
    pub(super) refused: Option<u16>,
    /// The dialer has ended it, or tried to.
    pub(super) ended_by_us_at: Option<Timestamp>,
    /// Over at the carrier.
    pub(super) over_at: Option<Timestamp>,
    /// The dialer's BYE ended it.
    pub(super) ended_by_dialer: bool,
    /// Its process was killed while it was up and not known to be: only the far end can end it.
    pub(super) unknown: bool,
    /// The carrier has contradicted itself.
    pub(super) lied: bool,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub(super) struct Witness {
    pub(super) calls: BTreeMap<String, Seen>,
    /// Numbers whose do-not-call request was acknowledged, and when.
    pub(super) forbidden: BTreeMap<u64, Timestamp>,
}

impl Witness {
    pub(super) fn call(&mut self, call_id: &str) -> &mut Seen {
        self.calls.entry(call_id.to_owned()).or_default()
    }

    /// Calls that the carrier has up.
    pub(super) fn live(&self) -> usize {
        self.calls
            .values()
            .filter(|seen| seen.invite_at.is_some() && seen.over_at.is_none())
            .count()
    }
}
