//! Facts in, decisions out.

mod absorb;
mod audit;
mod breaker;
mod by_hand;
mod caller_ids;
mod calls;
mod campaign;
mod census;
mod close;
mod conversation;
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
mod transfer;
mod view;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::acd::{Agents, Queue, Shares};
use crate::compliance::{Gate, ListId, Lists};
use crate::domain::{AgentId, CallId, CampaignId, Lead, LeadId, PhoneNumber, Slots};

use by_hand::Offer;
use caller_ids::CallerIds;
use calls::Call;
use campaign::CampaignRun;
use deadlines::Deadlines;
use desk::WrapUp;
use recent::Recent;
use transfer::Company;

pub use crate::acd::AgentCounts;
pub use caller_ids::{CallerIdHour, CallerIdRest, CallerIdSoFar, CallerIdView, RestReason};
pub use census::CallCounts;
pub use conversation::{Conversation, Destination, Party};
pub use decided::Decided;
pub use history::DecisionTaken;
pub use io::{
    AgentEvent, CallRecord, CampaignPhase, Command, Input, LedgerEntry, Message, Output, Reason,
    Record, Why,
};
pub use ledger::{LedgerSoFar, WindowView};
pub use notice::Notice;
pub use view::{AgentView, CampaignView, CompanyView, ParkedView, Totals, View};
pub use words::DetectorView;

/// Numbers by the do-not-call list that has them.
pub type Listed = BTreeMap<String, Vec<PhoneNumber>>;

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
    clock_moved: bool,
    next_call: CallId,
    chance: Pcg64Mcg,
    gate: Gate,
    calls: Slots<CallId, Box<Call>>,
    /// The numbers that are on the line, and the leads; one call each.
    numbers: BTreeMap<PhoneNumber, CallId>,
    leads: BTreeMap<LeadId, CallId>,
    caller_ids: CallerIds,
    campaigns: BTreeMap<CampaignId, CampaignRun>,
    agents: Agents,
    wrap_ups: BTreeMap<AgentId, WrapUp>,
    offers: BTreeMap<AgentId, Offer>,
    /// Whoever was brought to a call by its agent.
    company: BTreeMap<CallId, Company>,
    parked: BTreeSet<CallId>,
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
            clock_moved: false,
            next_call: config.first_call,
            chance: Pcg64Mcg::seed_from_u64(config.seed),
            gate: config.gate,
            calls: Slots::default(),
            numbers: BTreeMap::new(),
            leads: BTreeMap::new(),
            caller_ids: CallerIds::default(),
            campaigns: BTreeMap::new(),
            agents: Agents::default(),
            wrap_ups: BTreeMap::new(),
            offers: BTreeMap::new(),
            company: BTreeMap::new(),
            parked: BTreeSet::new(),
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

    /// Of the leads of this fact, the numbers that are on do-not-call lists, by list; of a new list,
    /// the leads at hand that are on it: what the fact does not say and a decision may hang on.
    pub fn listed(&self, input: &Input) -> Listed {
        let mut listed = Listed::new();
        let mut add = |list: &str, number| {
            listed.entry(list.to_owned()).or_default().push(number);
        };
        match input {
            Input::Leads { leads, .. } => leads.iter().for_each(|lead| {
                let lists = self.gate.lists().all_with(lead.number);
                lists.into_iter().for_each(|list| add(list, lead.number));
            }),
            Input::Agent(
                _,
                AgentEvent::Consult { with: Destination::Number { lead, .. } }
                | AgentEvent::DialLead { lead, .. }
                | AgentEvent::Transfer { to: Destination::Number { lead, .. } },
            ) => {
                let lists = self.gate.lists().all_with(lead.number);
                lists.into_iter().for_each(|list| add(list, lead.number));
            }
            Input::Command(Command::DoNotCallList(list)) => {
                let at_hand = self.leads_at_hand().map(|lead| lead.number);
                let on_it = at_hand.filter(|number| list.holds(*number));
                on_it.for_each(|number| add(list.header().id.as_str(), number));
            }
            Input::Agent(..)
            | Input::Call(..)
            | Input::Command(_)
            | Input::Inbound { .. }
            | Input::Timeout => {}
        }
        listed
    }

    /// Leads that may be called without being fetched again, and those on the line.
    fn leads_at_hand(&self) -> impl Iterator<Item = &Lead> {
        let fetched = self.campaigns.values().flat_map(|run| run.hopper.leads());
        let offered = self.offers.values().map(|offer| &*offer.lead);
        fetched.chain(offered).chain(self.calls.values().map(|call| &*call.lead))
    }

    /// For a dialer that is told a log without the do-not-call lists: whom they held, of those that
    /// it will ask for.
    pub fn assume_listed(&mut self, listed: &Listed) {
        for (list, numbers) in listed {
            numbers.iter().for_each(|number| self.gate.assume_listed(list, *number));
        }
    }

    /// For a dialer that is told a log: a newer copy of the list is there.
    pub fn assume_renewed(&mut self, list: &ListId) {
        self.gate.assume_renewed(list.as_str());
    }

    /// The do-not-call lists as the gate asks them.
    pub fn lists(&self) -> &Lists {
        self.gate.lists()
    }

    /// When it wants [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        self.deadlines.next()
    }
}
