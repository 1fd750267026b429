//! Where each agent's phone is: the bindings of the registrar (RFC 3261 §10.3).
//!
//! One binding an agent: the newest. A nailed-up leg goes to one phone, and a desk phone that was
//! restarted comes with a new contact and no memory of the old one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::Timestamp;

use crate::domain::AgentId;

/// A registered phone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Binding {
    /// The URI of the Contact header, without its brackets and header parameters.
    pub(super) contact: String,
    /// Where the REGISTER came from: requests go back there, through the NAT that it opened.
    pub(super) source: SocketAddr,
    /// The REGISTER's Call-ID and CSeq, by which an old one that comes late is known (step 7).
    pub(super) call_id: String,
    /// See `call_id`.
    pub(super) cseq: u32,
    /// When it runs out.
    pub(super) expires_at: Timestamp,
}

/// What a REGISTER has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// The phone is there, or is somewhere else now.
    Came,
    /// Another REGISTER of the same dialog has overtaken this one: nothing was changed.
    Late,
    /// As before, only longer.
    Renewed,
}

/// Every binding, by agent and by the time it runs out.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    by_agent: BTreeMap<AgentId, Binding>,
    by_expiry: BTreeSet<(Timestamp, AgentId)>,
}

impl Bindings {
    pub(super) fn of(&self, agent: AgentId) -> Option<&Binding> {
        self.by_agent.get(&agent)
    }

    pub(super) fn bind(&mut self, agent: AgentId, binding: Binding) -> Change {
        let old = self.by_agent.get(&agent);
        if old.is_some_and(|old| is_late(old, &binding.call_id, binding.cseq)) {
            return Change::Late;
        }
        let change = match old {
            Some(old) if old.contact == binding.contact && old.source == binding.source => {
                Change::Renewed
            }
            Some(_) | None => Change::Came,
        };
        self.remove(agent);
        self.by_expiry.insert((binding.expires_at, agent));
        self.by_agent.insert(agent, binding);
        change
    }

    /// Takes the binding away when the phone asks for it, unless the request comes late; says
    /// whether there was one.
    pub(super) fn unbind(&mut self, agent: AgentId, call_id: &str, cseq: u32) -> bool {
        let late = self.of(agent).is_some_and(|old| is_late(old, call_id, cseq));
        !late && self.remove(agent)
    }

    pub(super) fn remove(&mut self, agent: AgentId) -> bool {
        let Some(old) = self.by_agent.remove(&agent) else { return false };
        self.by_expiry.remove(&(old.expires_at, agent));
        true
    }

    /// Takes away what has run out, and says whose it was.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<AgentId> {
        let mut gone = Vec::new();
        while let Some((at, agent)) = self.by_expiry.first().copied() {
            if at > now {
                break;
            }
            self.remove(agent);
            gone.push(agent);
        }
        gone
    }

    pub(super) fn next_expiry(&self) -> Option<Timestamp> {
        self.by_expiry.first().map(|(at, _)| *at)
    }
}

/// Step 7: the same Call-ID with a CSeq that is not higher is out of order.
fn is_late(old: &Binding, call_id: &str, cseq: u32) -> bool {
    old.call_id == call_id && cseq <= old.cseq
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: AgentId = AgentId(7);

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn binding(cseq: u32, expires: i64) -> Binding {
        Binding {
            contact: "sip:7@192.0.2.7:5062".to_owned(),
            source: ([192, 0, 2, 7], 5062).into(),
            call_id: "a".to_owned(),
            cseq,
            expires_at: second(expires),
        }
    }

    #[test]
    fn a_binding_runs_out_unless_it_is_renewed() {
        let mut bindings = Bindings::default();
        assert_eq!(bindings.bind(AGENT, binding(1, 60)), Change::Came);
        assert_eq!(bindings.bind(AGENT, binding(2, 120)), Change::Renewed);
        assert_eq!(bindings.next_expiry(), Some(second(120)));
        assert_eq!(bindings.expire(second(119)), []);
        assert_eq!(bindings.expire(second(120)), [AGENT]);
        assert_eq!(bindings.of(AGENT), None);
        assert_eq!(bindings.next_expiry(), None);
    }

    #[test]
    fn a_restarted_phone_takes_the_place_of_its_old_contact() {
        let mut bindings = Bindings::default();
        bindings.bind(AGENT, binding(9, 60));
        let moved = Binding {
            contact: "sip:7@192.0.2.7:40000".to_owned(),
            call_id: "b".to_owned(),
            ..binding(1, 90)
        };
        assert_eq!(bindings.bind(AGENT, moved.clone()), Change::Came);
        assert_eq!(bindings.of(AGENT), Some(&moved));
        assert_eq!(bindings.expire(second(60)), [], "the old deadline went with the old contact");
    }

    #[test]
    fn a_register_that_was_overtaken_changes_nothing() {
        let mut bindings = Bindings::default();
        bindings.bind(AGENT, binding(5, 60));
        assert_eq!(bindings.bind(AGENT, binding(4, 600)), Change::Late);
        assert!(!bindings.unbind(AGENT, "a", 5));
        assert_eq!(bindings.next_expiry(), Some(second(60)));
        assert!(bindings.unbind(AGENT, "a", 6));
        assert!(!bindings.unbind(AGENT, "a", 7), "there is none any more");
    }
}
