//! Facts in, decisions out.

mod absorb;
mod audit;
mod breaker;
mod by_hand;
mod calls;
mod campaign;
mod census;
mod close;
mod deadlines;
mod decided;
mod desk;
mod dial;
mod expire;
mod history;
mod hopper;
mod io;
mod ledger;
mod notice;
mod recent;
mod recycle;
mod route;
mod screening;
mod sharing;
mod step;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::acd::{Agents, Queue, Shares};
use crate::compliance::Gate;
use crate::domain::{AgentId, CallId, CampaignId, Lead, LeadId, PhoneNumber, Slots};

use by_hand::Offer;
use calls::Call;
use campaign::CampaignRun;
use deadlines::Deadlines;
use desk::WrapUp;
use recent::Recent;

pub use crate::acd::AgentCounts;
pub use census::CallCounts;
pub use decided::Decided;
pub use history::DecisionTaken;
pub use io::{
    AgentEvent, CallRecord, CampaignPhase, Command, Input, LedgerEntry, LedgerSoFar, Message,
    Output, Reason, Record, Why,
};
pub use ledger::WindowView;
pub use notice::Notice;
pub use view::{AgentView, CampaignView, Totals, View};

/// What a dialer starts with.
#[derive(Debug)]
pub struct DialerConfig {
    /// The first call gets this number, the next one more: reserved in the store, never used
    /// before.
    pub first_call: CallId,
    /// Where chance comes from.
    pub seed: u64,
    /// Who is asked before each call.
    pub gate: Gate,
}

/// The dialer: one for the process. It reads no clock, touches no socket and draws no chance but
/// from its seed; the same facts give the same decisions.
///
/// Give it a fact with [`handle_input`](Self::handle_input), take every decision with
/// [`poll_output`](Self::poll_output), and wake it with [`Input::Timeout`] at
/// [`poll_timeout`](Self::poll_timeout).
#[derive(Debug)]
pub struct Dialer {
    now: Timestamp,
    draining: bool,
    books_behind: bool,
    next_call: CallId,
    chance: Pcg64Mcg,
    gate: Gate,
    calls: Slots<CallId, Box<Call>>,
    /// The numbers that are on the line, and the leads; one call each.
    numbers: BTreeMap<PhoneNumber, CallId>,
    leads: BTreeMap<LeadId, CallId>,
    campaigns: BTreeMap<CampaignId, CampaignRun>,
    agents: Agents,
    wrap_ups: BTreeMap<AgentId, WrapUp>,
    offers: BTreeMap<AgentId, Offer>,
    queue: Queue,
    /// Calls that are being screened and are likely a person's.
    likely: Queue,
    shares: Shares,
    deadlines: Deadlines,
    recent: Recent,
    /// Campaigns that want another look at the end of this step.
    touched: Vec<CampaignId>,
    /// People whose wait is over, until this step has routed them.
    overdue: Vec<CallId>,
    outputs: VecDeque<Output>,
}

impl Dialer {
    /// A dialer without campaigns and agents.
    pub fn new(config: DialerConfig) -> Self {
        Self {
            now: Timestamp::MIN,
            draining: false,
            books_behind: false,
            next_call: config.first_call,
            chance: Pcg64Mcg::seed_from_u64(config.seed),
            gate: config.gate,
            calls: Slots::default(),
            numbers: BTreeMap::new(),
            leads: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            agents: Agents::default(),
            wrap_ups: BTreeMap::new(),
            offers: BTreeMap::new(),
            queue: Queue::default(),
            likely: Queue::default(),
            shares: Shares::default(),
            deadlines: Deadlines::default(),
            recent: Recent::default(),
            touched: Vec::new(),
            overdue: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The next decision, in order; `None` when all are taken. Decides nothing itself.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Of the leads of this fact, the numbers that are on the do-not-call list: what the fact does
    /// not say and a decision may hang on.
    pub fn listed(&self, input: &Input) -> Vec<PhoneNumber> {
        let Input::Leads { leads, .. } = input else { return Vec::new() };
        let numbers = leads.iter().map(|lead: &Lead| lead.number);
        numbers.filter(|number| self.gate.is_on_do_not_call_list(*number)).collect()
    }

    /// For a dialer that is told a log without the do-not-call list of its start: these numbers
    /// were on it.
    pub fn assume_listed(&mut self, numbers: &[PhoneNumber]) {
        numbers.iter().for_each(|number| self.gate.do_not_call_add(*number));
    }

    /// When it wants [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        self.deadlines.next()
    }
}
