//! Calls that agents choose: a lead is offered, and dialed or skipped; or the agent names one. The
//! gate is asked as for every other call, and the call is the agent's from its first ring on.

use jiff::{SignedDuration, Timestamp};

use super::calls::Call;
use super::campaign::Wake;
use super::deadlines::Key;
use super::dial::{REFUSALS_MAX, REFUSALS_PAUSE};
use super::{CampaignPhase, Dialer, Notice, Reason};
use crate::compliance::{Permit, Refusal};
use crate::domain::{AgentId, AgentState, CampaignId, Lead, LeadId, PacingMode, PreviewEnd, later};

/// A reason is cut after this many characters.
const REASON_MAX: usize = 64;

/// A lead that an agent looks at.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) lead: Box<Lead>,
    pub(super) until: Option<Timestamp>,
}

impl Dialer {
    /// Offers leads to so many ready agents, each of a lead that may be called now; returns how
    /// many found none.
    pub(super) fn offer(
        &mut self,
        id: CampaignId,
        count: u32,
        look_max: Option<SignedDuration>,
        now: Timestamp,
    ) -> u32 {
        let (mut missing, mut refusals) = (count, 0);
        while missing > 0 && refusals < REFUSALS_MAX {
            let Some(agent) = self.agents.longest_idle(id) else { return 0 };
            let Some(lead) = self.campaigns.get_mut(&id).and_then(|run| run.hopper.pop()) else {
                return missing;
            };
            if self.is_offered(lead.id) {
                continue;
            }
            match self.admit(lead, now) {
                // The permit is for a call now; the agent takes longer, and the gate is asked again.
                Some((lead, _)) => {
                    self.show(agent, lead, look_max.map(|look| later(now, look)), now);
                    missing -= 1;
                }
                None => refusals += 1,
            }
        }
        if missing > 0 {
            self.set_wake(id, Wake::Pacing, Some(later(now, REFUSALS_PAUSE)));
        }
        0
    }

    fn show(&mut self, agent: AgentId, lead: Box<Lead>, until: Option<Timestamp>, now: Timestamp) {
        self.set_agent(agent, AgentState::Previewing { lead: lead.id }, now);
        let deadline = until.map(|until| (until, Reason::PreviewLimit));
        self.deadlines.replace(Key::Agent(agent), None, deadline);
        self.offers.insert(agent, Offer { lead: lead.clone(), until });
        self.notify(Notice::Preview { agent, lead, until });
    }

    /// Whether an agent looks at this lead.
    pub(super) fn is_offered(&self, lead: LeadId) -> bool {
        self.offers.values().any(|offer| offer.lead.id == lead)
    }

    /// The lead that was offered goes back as it came, when there is one.
    pub(super) fn withdraw(&mut self, agent: AgentId, now: Timestamp) {
        if let Some(lead) = self.take_offer(agent) {
            self.release(&lead, lead.due_at.or(Some(now)), None, now);
        }
    }

    /// Nobody looks at leads of this campaign any more.
    pub(super) fn withdraw_all(&mut self, id: CampaignId, now: Timestamp) {
        let ours =
            |(agent, offer): (&AgentId, &Offer)| (offer.lead.campaign == id).then_some(*agent);
        let agents: Vec<AgentId> = self.offers.iter().filter_map(ours).collect();
        for agent in agents {
            self.free_agent(agent, now);
        }
    }

    fn take_offer(&mut self, agent: AgentId) -> Option<Box<Lead>> {
        let Offer { lead, until } = self.offers.remove(&agent)?;
        let deadline = until.map(|until| (until, Reason::PreviewLimit));
        self.deadlines.replace(Key::Agent(agent), deadline, None);
        Some(lead)
    }

    /// The time for looking is over: by the campaign's setting it is dialed or skipped.
    pub(super) fn expire_preview(&mut self, agent: AgentId, now: Timestamp) {
        let Some(offer) = self.offers.get_mut(&agent) else { return };
        offer.until = None;
        match self.campaigns.get(&offer.lead.campaign).map(|run| run.campaign.pacing) {
            Some(PacingMode::Preview { then: PreviewEnd::Dial, .. }) => {
                self.dial_offered(agent, now);
            }
            _ => self.skip_offered(agent, "no decision in time", now),
        }
    }

    pub(super) fn dial_offered(&mut self, agent: AgentId, now: Timestamp) {
        let Some(lead) = self.take_offer(agent) else { return };
        self.dial_for(agent, lead, false, now);
    }

    pub(super) fn skip_offered(&mut self, agent: AgentId, reason: &str, now: Timestamp) {
        let Some(lead) = self.take_offer(agent) else { return };
        let again = match self.campaigns.get(&lead.campaign).map(|run| run.campaign.pacing) {
            Some(PacingMode::Preview { skipped_after, .. }) => skipped_after,
            _ => SignedDuration::ZERO,
        };
        let reason: String = reason.chars().take(REASON_MAX).collect();
        let rule = Some(format!("agent.skipped: {reason}"));
        self.release(&lead, Some(later(now, again)), rule, now);
        self.free_agent(agent, now);
    }

    /// An agent names the lead. Whoever is with a person or waits for one does not.
    pub(super) fn dial_chosen(
        &mut self,
        agent: AgentId,
        lead: Box<Lead>,
        was_closed: bool,
        now: Timestamp,
    ) {
        let looks_at_it = self.offers.get(&agent).is_some_and(|offer| offer.lead.id == lead.id);
        if self.leads.contains_key(&lead.id) || (self.is_offered(lead.id) && !looks_at_it) {
            let no =
                No::ours("lead.in_use", "The lead is in a call, or another agent looks at it.");
            return self.tell_no(agent, lead.id, no.refusal);
        }
        if let Some(run) = self.campaigns.get_mut(&lead.campaign) {
            run.hopper.take(lead.id);
        }
        match self.agents.state(agent) {
            AgentState::LoggedOut | AgentState::Reserved { .. } | AgentState::Talking { .. } => {
                let no = No::ours("agent.busy", "The agent has a call, or is not logged in.");
                return self.refuse(agent, &lead, no, was_closed, now);
            }
            // The pause goes on after the call.
            AgentState::Paused { reason } => self.agents.ask_pause(agent, Some(reason)),
            AgentState::Previewing { .. } | AgentState::Ready | AgentState::WrapUp { .. } => {}
        }
        if looks_at_it {
            self.take_offer(agent);
        }
        self.dial_for(agent, lead, was_closed, now);
    }

    /// Dials a lead for the agent whose choice it is, if it may be called.
    fn dial_for(&mut self, agent: AgentId, mut lead: Box<Lead>, was_closed: bool, now: Timestamp) {
        match self.permit_by_hand(&mut lead, now) {
            Ok(permit) => {
                let (campaign, call) = (lead.campaign, self.take_call_number());
                self.add_call_of(agent, call, Call::new(campaign, lead, now), now);
                self.reserve(call, agent, now);
                self.order(campaign, call, permit);
            }
            Err(no) => {
                self.refuse(agent, &lead, no, was_closed, now);
                let looks = matches!(self.agents.state(agent), AgentState::Previewing { .. });
                if looks && !self.offers.contains_key(&agent) {
                    self.free_agent(agent, now);
                }
            }
        }
    }

    fn permit_by_hand(&mut self, lead: &mut Lead, now: Timestamp) -> Result<Permit, No> {
        let unknown = || No::ours("campaign.unknown", "There is no such campaign.");
        let run = self.campaigns.get(&lead.campaign).ok_or_else(unknown)?;
        if !run.campaign.pacing.is_by_hand() {
            return Err(No::ours("campaign.paced", "The campaign is not dialed by hand."));
        }
        if run.phase != CampaignPhase::Running {
            return Err(No::ours("campaign.at_rest", "The campaign does not dial."));
        }
        self.permit_chosen(lead, now)
    }

    /// An outside number that an agent wants to bring to a person: the rules are asked as for every other
    /// call; that the campaign rests, or is not dialed by hand, says nothing of it.
    pub(super) fn permit_party(
        &mut self,
        agent: AgentId,
        lead: &mut Lead,
        was_closed: bool,
        now: Timestamp,
    ) -> Option<Permit> {
        if self.leads.contains_key(&lead.id) || self.is_offered(lead.id) {
            let no =
                No::ours("lead.in_use", "The lead is in a call, or another agent looks at it.");
            self.tell_no(agent, lead.id, no.refusal);
            return None;
        }
        match self.permit_chosen(lead, now) {
            Ok(permit) => {
                // What it will be due at after the call: as before.
                lead.due_at = lead.due_at.filter(|_| !was_closed);
                Some(permit)
            }
            Err(no) => {
                self.refuse(agent, lead, no, was_closed, now);
                None
            }
        }
    }

    fn permit_chosen(&mut self, lead: &mut Lead, now: Timestamp) -> Result<Permit, No> {
        let unknown = || No::ours("campaign.unknown", "There is no such campaign.");
        if self.draining || self.books_behind || self.clock_moved {
            return Err(No::ours("campaign.at_rest", "Nobody is dialed now."));
        }
        if self.numbers.contains_key(&lead.number) {
            return Err(No::ours("number.in_progress", "The number is in a call already."));
        }
        let answer = self.ask_gate(lead, now).ok_or_else(unknown)?;
        answer.map_err(|refusal| No { refusal, is_the_gates: true })
    }

    /// Gives the lead back, and says why the agent's call is not made.
    fn refuse(&mut self, agent: AgentId, lead: &Lead, no: No, was_closed: bool, now: Timestamp) {
        let No { refusal, is_the_gates } = no;
        if was_closed {
            self.release(lead, None, Some(refusal.rule.clone()), now);
        } else if is_the_gates {
            self.release(lead, refusal.ask_again_at, Some(refusal.rule.clone()), now);
        } else {
            self.release(lead, lead.due_at.or(Some(now)), None, now);
        }
        self.tell_no(agent, lead.id, refusal);
    }

    fn tell_no(&mut self, agent: AgentId, lead: LeadId, refusal: Refusal) {
        let Refusal { rule, sentence, .. } = refusal;
        self.notify(Notice::DialRefused { agent, lead, rule, sentence });
    }
}

/// Why an agent's call is not made.
struct No {
    refusal: Refusal,
    /// The law's or the house's rules; otherwise it says nothing of the lead.
    is_the_gates: bool,
}

impl No {
    fn ours(rule: &str, sentence: &str) -> Self {
        let (rule, sentence) = (rule.to_owned(), sentence.to_owned());
        let refusal = Refusal { rule, sentence, ask_again_at: None };
        Self { refusal, is_the_gates: false }
    }
}
