//! Faults on purpose, in virtual time and from one seed: the production dialer, its trunks with their
//! SIP, and the discipline of its outboxes, around books, a network, carriers and agents that are
//! made up and fail. Every step of the dialer's process is an operation, and the process can be
//! killed before any of them.
//!
//! What is real: [`Dialer`](crate::dialer::Dialer), the gate, [`Machine`](crate::trunk::Machine)
//! (every trunk and every SIP byte), [`server::promises`](crate::server::promises). What is modelled:
//! the books (`books`, the meaning of what `store` does, without its SQL), audio, the detector's
//! words and the agents' phones. What happened on the wire is witnessed beside the books, and
//! `judge` compares the two under the twelve invariants.

mod books;
mod bug;
mod carrier;
mod floor;
mod judge;
mod making_good;
mod network;
mod outbox;
mod plan;
mod process;
mod setting;
mod trail;
mod witness;
mod world;

pub use bug::Bug;
pub use judge::{Rule, Violation};
pub use plan::Plan;
pub use world::run;

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Of everything that happened, in order (SHA-256): the same plan gives the same.
    pub hash: String,
    /// Steps of the dialer's processes.
    pub operations: u64,
    /// Times that a process was killed.
    pub kills: u32,
    /// INVITEs that a carrier has seen.
    pub invites: usize,
    /// Answers on the wire.
    pub answers: usize,
    /// Calls that a kill has left up in the moment between the answer and its row, so that only the
    /// far end could end them.
    pub unknown: usize,
    /// What was broken.
    pub violations: Vec<Violation>,
    /// What happened, line by line, when it was to be kept.
    pub lines: Vec<String>,
}

/// The first run that catches a mistake, and what it says: kills in the reference shift first, then
/// seeds up to `seeds`.
pub fn catch(bug: Bug, seeds: u64) -> Option<(Plan, Violation)> {
    let reference = run(&Plan::reference(None)).operations;
    let kills = (1..=reference).step_by(29).map(|n| Plan::reference(Some(n)));
    let plans =
        [Plan::reference(None)].into_iter().chain(kills).chain((1..=seeds).map(Plan::of_seed));
    plans.into_iter().find_map(|plan| {
        let violation = run(&plan.clone().with(Some(bug))).violations.into_iter().next()?;
        // Only where the product itself holds.
        run(&plan).violations.is_empty().then_some((plan, violation))
    })
}

#[cfg(test)]
mod tests;
