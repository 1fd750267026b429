//! Who is called: how often who answers, and how long everything takes.

use jiff::SignedDuration;

use super::{Drift, Spread};

/// Who is called: shares of all calls (the rest is not answered), and times.
#[derive(Clone, Debug, PartialEq)]
pub struct Callees {
    /// A person answers, before the drift.
    pub person: f64,
    /// How that share moves over the day.
    pub drift: Drift,
    /// A machine answers.
    pub machine: f64,
    /// A fax machine answers.
    pub fax: f64,
    /// A phone that answers for its owner.
    pub screener: f64,
    /// 486.
    pub busy: f64,
    /// 404 after a tone.
    pub vacant: f64,
    /// The carrier fails.
    pub failed: f64,
    /// Answered, and nothing is heard.
    pub silent: f64,
    /// From the INVITE to the 180; with zero, no 180 comes before the answer.
    pub post_dial: SignedDuration,
    /// From the 180 until a person answers; drawn anew until it is below the ring time.
    pub person_rings: Spread,
    /// From the 180 until a machine answers; drawn anew likewise.
    pub machine_rings: Spread,
    /// From the INVITE until the carrier says busy, or fails.
    pub busy_after: Spread,
    /// From the INVITE until the carrier says vacant.
    pub vacant_after: Spread,
    /// The person's first words.
    pub greeting: Spread,
    /// From the answer to the detector's word.
    pub screening: Spread,
    /// What the detector says before it is sure, and takes back later.
    pub doubts: Doubts,
    /// How long a machine speaks before it records.
    pub machine_greeting: Spread,
    /// From the identification until the owner of a phone with a screener comes.
    pub owner_comes: Spread,
    /// How long a person waits for somebody to speak; `None`: for ever.
    pub patience: Option<Spread>,
    /// The talk with an agent.
    pub talk: Spread,
    /// The talks that are of another kind.
    pub short_talks: Option<ShortTalks>,
    /// How often somebody answers just as the call is given up.
    pub crossing: f64,
}

/// What the detector says before it is sure, and takes back later. All shares, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Doubts {
    /// People who are told to be likely, halfway to the verdict.
    pub likely_people: f64,
    /// Machines that are told to be likely people then.
    pub likely_machines: f64,
    /// Machines that are called people, and machines only two seconds later.
    pub mistaken: f64,
}

/// Talks of another kind than the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShortTalks {
    /// The share of all talks, 0 to 1.
    pub share: f64,
    /// How long they are.
    pub talk: Spread,
}

impl Default for Callees {
    fn default() -> Self {
        Self {
            person: 0.20,
            drift: Drift::default(),
            machine: 0.35,
            fax: 0.0,
            screener: 0.0,
            busy: 0.05,
            vacant: 0.08,
            failed: 0.005,
            silent: 0.005,
            post_dial: SignedDuration::from_millis(400),
            person_rings: Spread::of(12.0, 5.0),
            machine_rings: Spread::of(18.0, 4.0),
            busy_after: Spread::of(3.0, 1.5),
            vacant_after: Spread::of(3.0, 1.5),
            greeting: Spread::of(1.0, 0.35),
            screening: Spread::of(1.3, 0.35),
            doubts: Doubts::default(),
            machine_greeting: Spread::of(12.0, 5.0),
            owner_comes: Spread::of(10.0, 6.0),
            patience: Some(Spread::of(6.0, 3.0)),
            talk: Spread::of(180.0, 150.0),
            short_talks: None,
            crossing: 0.01,
        }
    }
}
