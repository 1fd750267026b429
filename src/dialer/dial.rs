//! New calls: what the pacer wants, of the leads that the gate allows.

use jiff::{SignedDuration, Timestamp};

use super::calls::Call;
use super::campaign::{CampaignRun, Standing, Wake};
use super::deadlines::Key;
use super::history::DecisionTaken;
use super::hopper::FETCH_RETRY;
use super::recent::Handed;
use super::step::look_at;
use super::{CampaignPhase, Dialer, Notice, Output};
use crate::compliance::{Abandonment, Case, Circumstances, Explanation, OnShift, Permit, Refusal};
use crate::domain::{CallId, CampaignId, Lead, PacingMode, later};
use crate::pacing::{Decision, Floor};

/// Leads that the gate may refuse in one step; then the world comes first.
pub(super) const REFUSALS_MAX: u32 = 64;

/// The rest is looked at after this.
pub(super) const REFUSALS_PAUSE: SignedDuration = SignedDuration::from_millis(20);

/// A lead whose number is on the line is asked for again after this.
const NUMBER_BUSY: SignedDuration = SignedDuration::from_secs(60);

/// No call that rings is given up before this, but for its ring time (16 CFR 310.4(b)(4)(ii)).
const RING_MIN: SignedDuration = SignedDuration::from_secs(15);

impl Dialer {
    pub(super) fn dial(&mut self, now: Timestamp) {
        if self.touched.is_empty() {
            return;
        }
        let mut touched = std::mem::take(&mut self.touched);
        // Who shares agents takes turns: the one that has had the least of its share of them goes
        // first, and of two alike the one whose last call is longest ago.
        if touched.len() > 1 {
            let last_call = |id: &CampaignId| self.campaigns.get(id).map(|run| run.last_call);
            touched.sort_by_cached_key(|id| (last_call(id), *id));
            let standing = |id: &CampaignId| self.shares.standing(*id, now);
            touched.sort_by(|one, other| standing(one).total_cmp(&standing(other)));
        }
        for id in &touched {
            self.dial_campaign(*id, now);
        }
        if self.touched.is_empty() {
            touched.clear();
            self.touched = touched;
        }
    }

    fn dial_campaign(&mut self, id: CampaignId, now: Timestamp) {
        self.keep_daily(id, now);
        let floor = self.floor(id);
        let others = self.others(id);
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        let shift = run.renew_calendar(now);
        let decision = run.pacer.decide(&floor, &others, now);
        let calls = self.within_share(id, decision.calls, &floor, now);
        let decision = Decision { calls, ..decision };
        let Some(run) = self.campaigns.get(&id) else { return };
        let (dialed, mut given_up) = (run.totals.dialed, 0);
        let standing = match standstill(run, &floor, shift, (self.draining, self.hindered())) {
            Some(standing) => standing,
            None => {
                let calls = self.let_through(id, decision.calls, now);
                if let Some(at) = decision.again_at {
                    self.set_wake(id, Wake::Pacing, Some(at));
                }
                given_up += self.give_up_ringing(id, decision.cancel, now);
                let missing = self.carry_out(id, calls, &floor, now);
                self.standing_of(id, Standing::of(decision), missing)
            }
        };
        if standing == Standing::NoAgent {
            given_up += self.give_up_ringing(id, u32::MAX, now);
        }
        if let (OnShift::Off { begins_at: Some(at) }, Standing::OffShift { .. }) = (shift, standing)
        {
            self.set_wake(id, Wake::Pacing, Some(at));
        }
        self.stand(id, standing, now);
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        let placed = (run.totals.dialed - dialed) as u32;
        run.history.push(DecisionTaken { at: now, floor, placed, given_up, standing });
    }

    /// Places the calls, or offers the leads to agents, and sees to it that more are there; returns
    /// how many found none.
    fn carry_out(&mut self, id: CampaignId, calls: u32, floor: &Floor, now: Timestamp) -> u32 {
        let Some(mode) = self.campaigns.get(&id).map(|run| run.campaign.pacing) else { return 0 };
        let missing = match mode {
            PacingMode::Preview { look_max, .. } => self.offer(id, calls, look_max, now),
            _ => self.place(id, calls, now),
        };
        match mode {
            PacingMode::Broadcast { lines_max, .. } => self.fetch(id, lines_max, now),
            PacingMode::Inbound { .. } | PacingMode::Manual => {}
            _ => self.fetch(id, floor.staffed(), now),
        }
        missing
    }

    /// What keeps every campaign from dialing.
    fn hindered(&self) -> Option<Standing> {
        let clock = self.clock_moved.then_some(Standing::ClockMoved);
        self.books_behind.then_some(Standing::BooksBehind).or(clock)
    }

    /// What the pacer sees.
    fn floor(&self, id: CampaignId) -> Floor {
        let agents = self.agents.counts(id);
        let calls = self.campaigns.get(&id).map(|run| run.census).unwrap_or_default();
        Floor {
            ready: agents.ready,
            talking: agents.talking + agents.reserved + agents.previewing,
            wrap_up: agents.wrap_up,
            ringing: calls.ringing,
            screening: calls.screening,
            waiting: calls.waiting,
            messaging: calls.messaging + calls.leaving + calls.greeting + calls.identifying,
            claimed: self.claimed(id),
        }
    }

    /// Of the calls wanted, those that lines which keep failing get.
    fn let_through(&mut self, id: CampaignId, wanted: u32, now: Timestamp) -> u32 {
        let Some(run) = self.campaigns.get_mut(&id) else { return 0 };
        let ringing = run.census.ringing;
        match run.breaker.open_at(now) {
            Some(at) => {
                self.set_wake(id, Wake::Pacing, Some(at));
                0
            }
            None if run.breaker.is_trying() => wanted.min(1_u32.saturating_sub(ringing)),
            None => wanted,
        }
    }

    /// Places calls; returns how many found no lead.
    fn place(&mut self, id: CampaignId, calls: u32, now: Timestamp) -> u32 {
        let (mut missing, mut refusals) = (calls, 0);
        while missing > 0 && refusals < REFUSALS_MAX {
            let Some(lead) = self.campaigns.get_mut(&id).and_then(|run| run.hopper.pop()) else {
                return missing;
            };
            match self.admit(lead, now) {
                Some((lead, permit)) => {
                    self.originate(id, lead, permit, now);
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

    /// Whether a lead may be called now: not twice at once, not on out-of-date knowledge, not past
    /// the gate. What may not goes back.
    pub(super) fn admit(&mut self, mut lead: Lead, now: Timestamp) -> Option<(Box<Lead>, Permit)> {
        if self.leads.contains_key(&lead.id) {
            return None;
        }
        if self.numbers.contains_key(&lead.number) {
            let rule = Some("number.in_progress".to_owned());
            self.release(&lead, Some(later(now, NUMBER_BUSY)), rule, now);
            return None;
        }
        match self.recent.judge(&lead, now) {
            Handed::Closed => {
                // The books may not know: no attempt of its last call was ever in them.
                self.release(&lead, None, Some("lead.closed".to_owned()), now);
                return None;
            }
            Handed::Good => {}
            Handed::NotBefore(due_at) => {
                self.release(&lead, Some(due_at), None, now);
                return None;
            }
        }
        match self.ask_gate(&mut lead, now)? {
            Ok(permit) => Some((Box::new(lead), permit)),
            Err(refusal) => {
                self.release(&lead, refusal.ask_again_at, Some(refusal.rule), now);
                None
            }
        }
    }

    /// The gate's answer, with every call to the number in mind; `None` for a lead of no campaign.
    pub(super) fn ask_gate(
        &mut self,
        lead: &mut Lead,
        now: Timestamp,
    ) -> Option<Result<Permit, Refusal>> {
        self.recent.complete(lead);
        let agent_reserved = self.holds_an_agent(lead.campaign);
        let run = self.campaigns.get_mut(&lead.campaign)?;
        let abandonment = Abandonment::Windows(run.tally.windows());
        let shown = self.caller_ids.choose(&run.campaign, lead.number, now);
        let caller_id = shown.as_ref().ok().copied().flatten();
        let circumstances = Circumstances { agent_reserved, abandonment, caller_id };
        // What the law refuses is told before what a number's rest does.
        let answer = self
            .gate
            .check(lead, &run.campaign, circumstances, now)
            .and_then(|permit| shown.map(|_| permit));
        run.totals.refused += u64::from(answer.is_err());
        Some(answer)
    }

    /// What every rule would say of a call to the lead, at any time, as the floor stands now; `None`
    /// for a lead of no campaign.
    pub fn explain(&self, lead: &Lead, at: Timestamp) -> Option<Explanation> {
        let run = self.campaigns.get(&lead.campaign)?;
        let circumstances = Circumstances {
            agent_reserved: self.holds_an_agent(lead.campaign),
            abandonment: Abandonment::Windows(run.tally.windows()),
            caller_id: None,
        };
        let case = Case::of_lead(lead, &run.campaign, circumstances);
        Some(self.gate.explain(&case, at))
    }

    /// Whether one more call has an agent of its own: one to one, nobody can be abandoned.
    fn holds_an_agent(&self, id: CampaignId) -> bool {
        let by_hand = self.campaigns.get(&id).is_some_and(|run| run.campaign.pacing.is_by_hand());
        let floor = self.floor(id);
        by_hand || floor.ready > floor.claimed + floor.ringing + floor.screening + floor.waiting
    }

    fn originate(&mut self, id: CampaignId, lead: Box<Lead>, permit: Permit, now: Timestamp) {
        let call = self.take_call_number();
        self.add_call(call, Call::new(id, lead, now));
        self.order(id, call, permit);
    }

    pub(super) fn take_call_number(&mut self) -> CallId {
        let call = self.next_call;
        self.next_call = CallId(call.0 + 1);
        call
    }

    pub(super) fn order(&mut self, id: CampaignId, call: CallId, permit: Permit) {
        if let Some(run) = self.campaigns.get_mut(&id) {
            run.totals.dialed += 1;
            run.last_call = call;
        }
        if let Some(call) = self.calls.get_mut(&call) {
            call.caller_id = Some(permit.caller_id());
        }
        self.caller_ids.show(permit.caller_id(), self.now);
        self.outputs.push_back(Output::Originate(call, permit));
    }

    /// Asks the store for leads, or to be woken when it will have some.
    fn fetch(&mut self, id: CampaignId, agents: u32, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        if let Some(count) = run.hopper.wants(agents, now) {
            run.hopper.ask(count);
            self.outputs.push_back(Output::FetchLeads { campaign: id, count });
            self.set_wake(id, Wake::FetchRetry, Some(later(now, FETCH_RETRY)));
            self.set_wake(id, Wake::LeadDue, None);
        } else {
            let due = run.hopper.next_due().filter(|at| *at > now && !run.hopper.is_asking());
            self.set_wake(id, Wake::LeadDue, due);
        }
    }

    /// The store will have a lead of this campaign by then.
    pub(super) fn expect_lead(&mut self, id: CampaignId, at: Option<Timestamp>, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        if let Some(at) = at {
            run.hopper.expect(at.max(now));
            look_at(&mut self.touched, id);
        }
    }

    /// Calls that have rung long enough are given up, the oldest first, before somebody answers to
    /// nobody; returns how many.
    fn give_up_ringing(&mut self, id: CampaignId, count: u32, now: Timestamp) -> u32 {
        for given_up in 0..count {
            let Some(run) = self.campaigns.get(&id) else { return given_up };
            let Some((call, began_at)) = run.ringing.iter().next() else { return given_up };
            let from = later(*began_at, RING_MIN);
            if from > now {
                self.set_wake(id, Wake::Pacing, Some(from));
                return given_up;
            }
            let Some(state) = self.calls.get(&call).map(|call| call.state) else { return given_up };
            self.move_call(call, state.hang_up(now), now);
        }
        count
    }

    fn standing_of(&self, id: CampaignId, dialing: Standing, missing: u32) -> Standing {
        let Some(run) = self.campaigns.get(&id) else { return dialing };
        if run.breaker.is_trying() {
            return Standing::LinesFail { faults: run.breaker.faults() };
        }
        if missing == 0 && !run.hopper.is_dry() {
            return dialing;
        }
        Standing::NoLead {
            calls: dialing.calls(),
            next_due: run.hopper.next_due(),
            asking: run.hopper.is_asking(),
        }
    }

    fn stand(&mut self, id: CampaignId, standing: Standing, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        let before = run.standing.replace((now, standing));
        let is_news = before.is_some_and(|(_, before)| standing.is_news(&before));
        let phase = run.phase;
        if is_news {
            self.notify(Notice::Campaign { campaign: id, phase });
        }
    }

    pub(super) fn set_wake(&mut self, id: CampaignId, wake: Wake, at: Option<Timestamp>) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        let old = run.set_wake(wake, at);
        let with_reason = |at: Timestamp| (at, wake.reason());
        self.deadlines.replace(Key::Campaign(id), old.map(with_reason), at.map(with_reason));
    }
}

/// Why a campaign does not dial, whatever the pacer says.
fn standstill(
    run: &CampaignRun,
    floor: &Floor,
    shift: OnShift,
    (draining, hindered): (bool, Option<Standing>),
) -> Option<Standing> {
    if draining {
        return Some(Standing::Draining);
    }
    match run.phase {
        CampaignPhase::Paused => Some(Standing::Paused),
        CampaignPhase::Stopped => Some(Standing::Stopped),
        CampaignPhase::Running => match shift {
            OnShift::Off { begins_at } => {
                let begins_at = begins_at.map(|at| run.roster.face(at));
                Some(Standing::OffShift { begins_at })
            }
            OnShift::Always | OnShift::On { .. } => {
                if hindered.is_some() {
                    return hindered;
                }
                let needs_agents = !run.campaign.pacing.is_broadcast();
                (needs_agents && floor.staffed() == 0).then_some(Standing::NoAgent)
            }
        },
    }
}
