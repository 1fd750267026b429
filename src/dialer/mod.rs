//! Facts in, decisions out.

mod io;
mod step;
mod view;

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::compliance::Gate;
use crate::domain::CallId;

pub use io::{
    AgentEvent, CallRecord, CampaignPhase, Command, Input, LedgerEntry, Message, Notice, Output,
    Reason, Record, Why,
};
pub use view::{AgentCounts, AgentView, CallCounts, CampaignView, Totals, View};

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
    next_call: CallId,
    seed: u64,
    gate: Gate,
    outputs: VecDeque<Output>,
}

impl Dialer {
    /// A dialer without campaigns and agents.
    pub fn new(config: DialerConfig) -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            next_call: config.first_call,
            seed: config.seed,
            gate: config.gate,
            outputs: VecDeque::new(),
        }
    }

    /// The next decision, in order; `None` when all are taken. Decides nothing itself.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        None
    }

    /// A snapshot for people.
    pub fn view(&self, now: Timestamp) -> View {
        View { at: now.max(self.now), draining: false, campaigns: Vec::new(), agents: Vec::new() }
    }
}
