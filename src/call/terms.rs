//! What a campaign grants a call, and how long a person may wait.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Amd, Campaign, MachineRule, ScreenerRule, Share, TakeBack, WaitFrom, later};

/// How long a person has waited and may wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wait {
    /// The place in the queue: who has waited longest goes first.
    pub since: Timestamp,
    /// From then on the person counts as abandoned.
    pub due_by: Timestamp,
}

/// What a person who answers is called for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meets {
    /// A talk with an agent.
    Agent,
    /// The campaign's message, and nobody else.
    Message,
}

/// What the campaign grants a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Whether and how long it is screened.
    pub amd: Amd,
    /// How long it may ring.
    pub ring_max: SignedDuration,
    /// How long it may last.
    pub talk_max: SignedDuration,
    /// How long a person may wait after the greeting.
    pub wait_max: SignedDuration,
    /// From when that runs.
    pub wait_from: WaitFrom,
    /// What a person who answers is called for.
    pub meets: Meets,
    /// What is done with a machine.
    pub machine: MachineRule,
    /// How long its greeting may be.
    pub greeting_max: SignedDuration,
    /// What is done with a phone that answers for its owner.
    pub screener: ScreenerRule,
    /// How long its owner may take.
    pub screener_max: SignedDuration,
    /// What becomes of an agent who is connected to no person.
    pub take_back: TakeBack,
    /// From this probability on somebody undecided may be connected.
    pub likely_person: Option<Share>,
}

impl Terms {
    /// The terms of a campaign.
    pub fn of(campaign: &Campaign) -> Self {
        Self {
            amd: campaign.amd,
            ring_max: campaign.ring_max,
            talk_max: campaign.talk_max,
            wait_max: campaign.wait_max,
            wait_from: campaign.wait_from,
            meets: if campaign.pacing.is_broadcast() { Meets::Message } else { Meets::Agent },
            machine: campaign.answers.machine,
            greeting_max: campaign.answers.greeting_max,
            screener: campaign.answers.screener,
            screener_max: campaign.answers.screener_max,
            take_back: campaign.answers.take_back,
            likely_person: campaign.answers.likely_person,
        }
    }

    /// A person who waits since `at` and whose greeting was over at `greeted_at`. In the US the two
    /// seconds run from the end of the greeting (47 CFR 64.1200(a)(7)).
    pub(super) fn wait(&self, at: Timestamp, greeted_at: Timestamp) -> Wait {
        Wait { since: at, due_by: later(greeted_at, self.wait_max) }
    }

    /// A person found at `at`, who answered at `answered_at` and had said hello at `greeted_at`.
    pub(super) fn screened(
        &self,
        at: Timestamp,
        answered_at: Timestamp,
        greeted_at: Timestamp,
    ) -> Wait {
        match self.wait_from {
            WaitFrom::Answer => self.wait(at, answered_at),
            WaitFrom::GreetingEnd => self.wait(at, greeted_at),
        }
    }
}
