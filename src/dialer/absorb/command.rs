//! What managers, the configuration and the store say.

use std::sync::Arc;

use jiff::Timestamp;

use crate::call::State;
use crate::compliance::List;
use crate::dialer::calls::Call;
use crate::dialer::campaign::CampaignRun;
use crate::dialer::{CampaignPhase, Command, Dialer, Notice};
use crate::domain::{CallId, Campaign, CampaignId, PhoneNumber};

impl Dialer {
    pub(super) fn absorb_command(&mut self, command: Command, now: Timestamp) {
        match command {
            Command::Believe(id, learned) => {
                if let Some(run) = self.campaigns.get_mut(&id) {
                    run.pacer.believe(*learned, run.campaign.ring_max);
                    run.tell_windows();
                }
            }
            Command::BooksBehind(behind) => {
                self.books_behind = behind;
                self.touch_all();
            }
            Command::CallerIds(so_far) => self.caller_ids.restore(so_far),
            Command::Campaign(campaign) => self.set_campaign(campaign, now),
            Command::ClockMoved(moved) => {
                self.clock_moved = moved;
                self.touch_all();
            }
            Command::DoNotCallAdd(number) => self.block(number, now),
            Command::DoNotCallList(list) => self.put_list(*list, now),
            Command::DoNotCallListDrop(id) => drop(self.gate.drop_list(id.as_str())),
            Command::DoNotCallRemove(number) => self.gate.do_not_call_remove(number),
            Command::Drain => self.drain(now),
            Command::HangUpAll => self.hang_up_all(now),
            Command::Ledger(id, so_far) => self.restore_ledger(id, &so_far, now),
            Command::LeadsChanged(id) => {
                if let Some(run) = self.campaigns.get_mut(&id) {
                    run.hopper.refresh();
                    self.touch(id);
                }
            }
            Command::Phase(id, phase) => self.set_phase(id, phase, now),
        }
    }

    /// This number is never dialed again: a call that rings there ends, one that talks goes on.
    pub(in crate::dialer) fn block(&mut self, number: PhoneNumber, now: Timestamp) {
        self.gate.do_not_call_add(number);
        let Some(id) = self.numbers.get(&number).copied() else { return };
        self.forbid(id, now);
    }

    /// The list holds from now on, and no call rings on to a number that it forbids. Registries are
    /// asked by the rulebooks at each new call: one that rings was allowed by the copy of its time.
    fn put_list(&mut self, list: List, now: Timestamp) {
        drop(self.gate.put_list(list));
        let lists = self.gate.lists();
        let forbidden = |call: &Call| {
            let named = self.campaigns.get(&call.campaign).map(|run| &run.campaign.do_not_call);
            let named = named.map_or(&[][..], Vec::as_slice);
            !call.do_not_call && lists.hit(call.lead.number, named).is_some()
        };
        let calls = self.calls.iter().filter(|(_, call)| forbidden(call));
        let calls: Vec<CallId> = calls.map(|(id, _)| id).collect();
        calls.into_iter().for_each(|id| self.forbid(id, now));
    }

    /// No further call to whom this one rings or talks with: ringing ends, a talk goes on.
    fn forbid(&mut self, id: CallId, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.do_not_call = true;
        let state = call.state;
        if let State::Ringing { .. } = state {
            self.move_call(id, state.hang_up(now), now);
        }
    }

    fn touch_all(&mut self) {
        let campaigns: Vec<CampaignId> = self.campaigns.keys().copied().collect();
        campaigns.into_iter().for_each(|id| self.touch(id));
    }

    fn set_campaign(&mut self, campaign: Arc<Campaign>, now: Timestamp) {
        let (id, priority) = (campaign.id, campaign.priority);
        match self.campaigns.get_mut(&id) {
            Some(run) => run.configure(campaign, now),
            None => {
                self.campaigns.insert(id, CampaignRun::new(campaign, now));
            }
        }
        self.shares.set_weight(id, priority, now);
        self.touch(id);
    }

    fn set_phase(&mut self, id: CampaignId, phase: CampaignPhase, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        if std::mem::replace(&mut run.phase, phase) == phase {
            return;
        }
        self.notify(Notice::Campaign { campaign: id, phase });
        if phase == CampaignPhase::Running {
            self.shares.begin(id, now);
        } else {
            self.withdraw_all(id, now);
        }
        if phase == CampaignPhase::Stopped {
            self.give_back(id, now);
        }
        self.touch(id);
    }

    fn drain(&mut self, now: Timestamp) {
        self.draining = true;
        let ids: Vec<CampaignId> = self.campaigns.keys().copied().collect();
        for id in ids {
            self.withdraw_all(id, now);
            self.give_back(id, now);
            self.keep_learned(id, now);
            self.touch(id);
        }
    }

    fn hang_up_all(&mut self, now: Timestamp) {
        let calls: Vec<(CallId, State)> =
            self.calls.iter().map(|(id, call)| (id, call.state)).collect();
        for (id, state) in calls {
            self.move_call(id, state.hang_up(now), now);
        }
    }
}
