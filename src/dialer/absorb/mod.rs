//! Facts, and nothing but: what they change is written down, what follows is decided later in the
//! step. A fact that does not fit (unknown, twice, too late) changes nothing.

mod agent;
mod call;
mod command;
mod inbound;
mod leads;

use jiff::Timestamp;

use super::{Dialer, Input};

impl Dialer {
    pub(super) fn absorb(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Agent(agent, event) => self.absorb_agent(agent, event, now),
            Input::Call(call, event) => self.absorb_call(call, event, now),
            Input::Command(command) => self.absorb_command(command, now),
            Input::Inbound { call, lead } => self.absorb_inbound(call, lead, now),
            Input::Leads { campaign, leads, next_due } => {
                self.absorb_leads(campaign, leads, next_due, now);
            }
            Input::Timeout => {}
        }
    }
}
