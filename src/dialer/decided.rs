//! What one fact made the dialer decide, in a few words and as a number that tells two runs apart.

use std::fmt::{self, Write};

use super::{Notice, Output, Record};

/// FNV-1a's constants for 64 bits (draft-eastlake-fnv-21).
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The decisions of one fact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    count: u32,
    digest: Fnv,
    words: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Fnv(u64);

impl Default for Decided {
    fn default() -> Self {
        Self { count: 0, digest: Fnv(BASIS), words: String::new() }
    }
}

impl Decided {
    /// Takes the next decision.
    pub fn add(&mut self, output: &Output) {
        // Every field of a decision is in its `Debug` form, floats in the shortest text that gives
        // their bits again, numbers of telephones masked beside the lead's own number. Neither
        // writer fails.
        let _ = write!(self.digest, "{output:?};");
        if !self.words.is_empty() {
            self.words.push_str(", ");
        }
        let _ = say(output, &mut self.words);
        self.count += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The same for the same decisions in the same order, on any machine.
    pub fn digest(&self) -> u64 {
        self.digest.0
    }

    /// `dial 17 (lead 5), fetch 40 for campaign 1`; empty when nothing was decided.
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        Ok(())
    }
}

fn say(output: &Output, words: &mut String) -> fmt::Result {
    match output {
        Output::AwaitGreetingEnd(call, _) => write!(words, "wait for {call}'s greeting to end"),
        Output::Bridge(call, agent) => write!(words, "bridge {call} to agent {agent}"),
        Output::Converse(talk) => write!(words, "let {} be talked with", talk.call),
        Output::FetchLeads { campaign, count } => {
            write!(words, "fetch {count} for campaign {campaign}")
        }
        Output::HangUp(call) => write!(words, "hang up {call}"),
        Output::Notify(notice) => say_notice(notice, words),
        Output::Originate(call, permit) => write!(words, "dial {call} (lead {})", permit.lead()),
        Output::Play(call, _) => write!(words, "play to {call}"),
        Output::Record(record) => say_record(record, words),
        Output::Screen(call, _) => write!(words, "screen {call}"),
        Output::Unbridge(call, agent) => write!(words, "part {call} from agent {agent}"),
    }
}

fn say_notice(notice: &Notice, words: &mut String) -> fmt::Result {
    match notice {
        Notice::Agent { agent, .. } => write!(words, "tell of agent {agent}"),
        Notice::DetectorDrifts { campaign, .. } => {
            write!(words, "the detector of {campaign} drifts")
        }
        Notice::CallerIdRests { number, .. } => write!(words, "rest caller id {number:?}"),
        Notice::Campaign { campaign, .. } => write!(words, "tell of campaign {campaign}"),
        Notice::Company { agent, .. } => write!(words, "tell agent {agent} who is there"),
        Notice::Detected { agent, call, kind, .. } => {
            write!(words, "tell agent {agent} that {call} is {kind}")
        }
        Notice::DialRefused { agent, lead, .. } => {
            write!(words, "refuse lead {lead} to agent {agent}")
        }
        Notice::HandingRefused { agent, .. } => write!(words, "refuse agent {agent} to hand on"),
        Notice::Preview { agent, lead, .. } => {
            write!(words, "offer lead {} to agent {agent}", lead.id)
        }
        Notice::ScreenPop { agent, call, .. } => write!(words, "show {call} to agent {agent}"),
    }
}

fn say_record(record: &Record, words: &mut String) -> fmt::Result {
    match record {
        Record::Agent { agent, .. } => write!(words, "write agent {agent}"),
        Record::Answered { call, .. } => write!(words, "write {call} answered"),
        Record::Bridged { call, .. } => write!(words, "write {call} bridged"),
        Record::CallerIdRests { number, .. } => write!(words, "write that {number:?} rests"),
        Record::Disposition { call, .. } => write!(words, "write {call} disposition"),
        Record::DoNotCall { call, .. } => write!(words, "write {call} do not call"),
        Record::Ended(record) => write!(words, "write {} {}", record.call, record.outcome),
        Record::Learned { campaign, .. } => {
            write!(words, "keep what campaign {campaign} has learned")
        }
        Record::Released { lead, .. } => write!(words, "give back lead {lead}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, CallId};

    fn decided(outputs: &[Output]) -> Decided {
        let mut decided = Decided::default();
        outputs.iter().for_each(|output| decided.add(output));
        decided
    }

    #[test]
    fn decisions_have_words_and_a_digest_that_no_other_ones_have() {
        let bridge = || Output::Bridge(CallId(1), AgentId(2));
        let both = decided(&[Output::HangUp(CallId(7)), bridge()]);
        assert_eq!(both.words(), "hang up 7, bridge 1 to agent 2");
        assert_eq!(both.count(), 2);
        assert_eq!(both, decided(&[Output::HangUp(CallId(7)), bridge()]));
        assert_ne!(both.digest(), decided(&[bridge(), Output::HangUp(CallId(7))]).digest());
        assert_ne!(both.digest(), decided(&[Output::HangUp(CallId(8)), bridge()]).digest());
    }

    #[test]
    fn the_digest_is_the_same_on_every_machine() {
        // FNV-1a of "a" and of "HangUp(CallId(7));".
        let mut fnv = Fnv(BASIS);
        let _ = fnv.write_str("a");
        assert_eq!(fnv.0, 0xaf63_dc4c_8601_ec8c);
        let mut fnv = Fnv(BASIS);
        let _ = fnv.write_str("HangUp(CallId(7));");
        assert_eq!(fnv.0, decided(&[Output::HangUp(CallId(7))]).digest());
    }
}
