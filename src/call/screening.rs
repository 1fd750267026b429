//! What the detector's word makes of a call, before an agent has it and after.

use jiff::{SignedDuration, Timestamp};

use super::{Meets, State, Terms, Wait};
use crate::domain::{
    Amd, MachineRule, Outcome, ScreenerRule, TakeBack, Verdict, VerdictKind, later,
};

impl State {
    /// A verdict that comes after the detector's time still keeps a machine from an agent, and one
    /// that comes after the agent takes it back.
    pub(super) fn screened(self, verdict: &Verdict, at: Timestamp, terms: &Terms) -> Self {
        let Some(outcome) = outcome_of(verdict.kind) else {
            return self.heard_person(verdict, at, terms);
        };
        match self {
            State::Screening { .. } => self.no_person(outcome, at, terms),
            State::Waiting(_) if is_followed(outcome, terms) => self.no_person(outcome, at, terms),
            State::Bridged { .. } | State::Joining { .. } if takes_back(outcome, terms) => {
                self.no_person(outcome, at, terms)
            }
            // The message was for a person; who is asked about is the recorder now.
            State::Identifying { .. } if outcome != Outcome::Screener => {
                self.no_person(outcome, at, terms)
            }
            // Nobody waited for an agent who did not come.
            State::Messaging { outcome: Outcome::Abandoned, .. }
                if matches!(terms.amd, Amd::Alongside { .. }) =>
            {
                State::Leaving { outcome, since: at }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Waiting(_) => self,
        }
    }

    /// How likely a person is, while the detector has not decided.
    pub(super) fn likely(self, verdict: &Verdict, terms: &Terms) -> Self {
        match self {
            State::Screening { since, .. } => {
                let enough = |least: &crate::domain::Share| verdict.probability >= least.get();
                let likely = verdict.kind == VerdictKind::Human
                    && terms.likely_person.as_ref().is_some_and(enough);
                State::Screening { since, likely }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Waiting(_) => self,
        }
    }

    /// The network has answered in nobody's place, and said why.
    pub(super) fn tone_means(self, outcome: Outcome) -> Self {
        match self {
            State::Leaving { outcome: Outcome::FalseAnswer, since } => {
                State::Leaving { outcome, since }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    /// The machine listens now.
    pub(super) fn greeting_over(self, at: Timestamp) -> Self {
        match self {
            State::Greeting { .. } => State::Messaging { outcome: Outcome::MessageLeft, since: at },
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    /// Whether this step takes the call from an agent, since no person is there.
    pub fn is_taken_back_by(&self, to: &Self) -> bool {
        let had_agent = matches!(self, State::Bridged { .. } | State::Joining { .. });
        had_agent && is_no_person(to)
    }

    /// Whether this step finds that no person was there, whatever was believed before.
    pub fn is_disproved_by(&self, to: &Self) -> bool {
        let was_abandoned = matches!(self, State::Messaging { outcome: Outcome::Abandoned, .. });
        self.is_taken_back_by(to) || was_abandoned && is_no_person(to)
    }

    /// A person speaks: after all, where something else was heard before.
    fn heard_person(self, verdict: &Verdict, at: Timestamp, terms: &Terms) -> Self {
        match self {
            State::Screening { since, .. } => {
                let greeted_ms = SignedDuration::from_millis(i64::from(verdict.greeted_ms()));
                let greeted_at = later(since, greeted_ms).min(at);
                person(terms.screened(at, since, greeted_at), at, terms)
            }
            State::Identifying { agent: Some(agent), .. } if terms.meets == Meets::Agent => {
                State::Joining { agent, since: at, wait: terms.wait(at, at) }
            }
            State::Greeting { .. } | State::Identifying { .. } => {
                person(terms.wait(at, at), at, terms)
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Waiting(_) => self,
        }
    }

    /// The campaign's rules for what is no person.
    fn no_person(self, outcome: Outcome, at: Timestamp, terms: &Terms) -> Self {
        match (outcome, terms.machine, terms.screener) {
            (Outcome::AnsweringMachine, MachineRule::LeaveMessage, _) => {
                State::Greeting { since: at }
            }
            (Outcome::Screener, _, ScreenerRule::Identify) => {
                State::Identifying { agent: None, since: at }
            }
            (Outcome::Screener, _, ScreenerRule::ReserveAgent) => {
                State::Identifying { agent: self.agent(), since: at }
            }
            _ => State::Leaving { outcome, since: at },
        }
    }
}

/// A person has been found.
pub(super) fn person(wait: Wait, at: Timestamp, terms: &Terms) -> State {
    match terms.meets {
        Meets::Agent => State::Waiting(wait),
        Meets::Message => State::Messaging { outcome: Outcome::Messaged, since: at },
    }
}

/// A state that only the detector's word leads to.
fn is_no_person(state: &State) -> bool {
    match state {
        State::Greeting { .. } | State::Identifying { .. } => true,
        State::Leaving { outcome, .. } => {
            outcome.is_recorded()
                || matches!(outcome, Outcome::FalseAnswer | Outcome::Fax | Outcome::Silence)
        }
        State::Bridged { .. }
        | State::Ended { .. }
        | State::Joining { .. }
        | State::Linked { .. }
        | State::Messaging { .. }
        | State::Parked { .. }
        | State::Ringing { .. }
        | State::Screening { .. }
        | State::Waiting(_) => false,
    }
}

/// `None` for a person.
fn outcome_of(kind: VerdictKind) -> Option<Outcome> {
    match kind {
        VerdictKind::Announcement | VerdictKind::Music => Some(Outcome::Announcement),
        VerdictKind::Fax => Some(Outcome::Fax),
        VerdictKind::Human => None,
        VerdictKind::Machine => Some(Outcome::AnsweringMachine),
        VerdictKind::Screener => Some(Outcome::Screener),
        VerdictKind::Silence => Some(Outcome::Silence),
        VerdictKind::Tone => Some(Outcome::FalseAnswer),
    }
}

/// Whether the campaign lets the detector end a call that waits for an agent.
fn is_followed(outcome: Outcome, terms: &Terms) -> bool {
    match terms.amd {
        Amd::Alongside { .. } | Amd::BeforeConnect { .. } => true,
        Amd::FaxOnly { .. } => outcome == Outcome::Fax,
        Amd::Off => false,
    }
}

/// Whether the campaign takes such a call from an agent who has it. Silence is left to the agent's
/// ear: the detector's says only that nothing was heard yet.
fn takes_back(outcome: Outcome, terms: &Terms) -> bool {
    let wanted = outcome == Outcome::Fax || terms.take_back != TakeBack::Keep;
    wanted && outcome != Outcome::Silence && is_followed(outcome, terms)
}
