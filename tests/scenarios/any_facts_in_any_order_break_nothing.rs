use std::cell::Cell;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use outdial::call::{CallEvent, EndCause};
use outdial::dialer::{AgentEvent, CampaignPhase, Command, Destination, Dialer, Input, Output};
use outdial::domain::{
    AgentId, CallId, CampaignId, Digit, Disposition, Fault, InboundOrder, Lead, LeadId, Outcome,
    PacingMode, PauseReason, PhoneNumber, PreviewEnd, Verdict, VerdictKind,
};
use outdial::sim::{Scenario, World};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::shift::{bad_day, for_seeds, step_audited};

const AGENTS: i64 = 6;
const CAMPAIGNS: i64 = 3;
const LEADS: i64 = 400;

/// No sequence of facts panics, and after each everything that is kept equals a recount.
#[test]
fn any_facts_in_any_order_break_nothing() {
    let totals = Cell::new((0, 0));
    for_seeds(0..40, |seed| {
        let mut chaos = Chaos(Pcg64Mcg::seed_from_u64(seed));
        let mut dialer = World::dialer_of(&Scenario::default());
        let mut now = Timestamp::UNIX_EPOCH;
        let (mut originated, mut ended) = (0_i64, 0_i64);
        for _ in 0..6_000 {
            now += SignedDuration::from_millis(chaos.below(1_500));
            // Time that seems to go back is a fact, too.
            let told_at = now - SignedDuration::from_millis(chaos.below(3) * 500);
            dialer.handle_input(chaos.fact(originated), told_at);
            dialer.audit().unwrap_or_else(|fault| panic!("{fault}"));
            (originated, ended) = count(&mut dialer, originated, ended);
            assert!(dialer.poll_timeout().is_none_or(|(at, _)| at > told_at.min(now)));
        }
        assert!(originated > 1 && ended > 1, "{originated} calls, {ended} ended");
        let (before, over) = totals.get();
        totals.set((before + originated, over + ended));
    });
    // Single seeds may stop early: caller ids that networks block are not rotated.
    let (originated, ended) = totals.get();
    assert!(originated > 40 * 30 && ended > 40 * 30, "{originated} calls, {ended} ended");
}

/// A shift of a lying world, recounted after every fact.
#[test]
fn a_bad_day_is_counted_right_at_every_fact() {
    for_seeds(0..2, |seed| {
        let mut scenario = bad_day(seed, 4);
        scenario.shift = SignedDuration::from_hours(1);
        let mut world = World::new(scenario);
        while step_audited(&mut world) {}
    });
}

fn count(dialer: &mut Dialer, mut originated: i64, mut ended: i64) -> (i64, i64) {
    while let Some(output) = dialer.poll_output() {
        match output {
            Output::Originate(call, _) => {
                originated += 1;
                assert_eq!(call, CallId(originated));
            }
            Output::Record(outdial::dialer::Record::Ended(_)) => ended += 1,
            _ => {}
        }
    }
    (originated, ended)
}

struct Chaos(Pcg64Mcg);

impl Chaos {
    fn below(&mut self, count: i64) -> i64 {
        self.0.random_range(0..count.max(1))
    }

    fn fact(&mut self, originated: i64) -> Input {
        let agent = AgentId(1 + self.below(AGENTS));
        // Mostly the latest calls, sometimes one that is long over or has never been.
        let call = match self.below(9) {
            0 => CallId((1 << 40) + self.below(200)),
            _ => CallId(originated + 2 - self.below(20)),
        };
        match self.below(20) {
            0..=5 => Input::Agent(agent, self.agent_event(call)),
            6..=14 => Input::Call(call, self.call_event(agent)),
            15 => Input::Command(self.command()),
            16 => self.inbound(),
            17 => self.leads(),
            _ => Input::Timeout,
        }
    }

    fn campaign(&mut self) -> CampaignId {
        CampaignId(1 + self.below(CAMPAIGNS + 1))
    }

    fn agent_event(&mut self, call: CallId) -> AgentEvent {
        match self.below(22) {
            0 => AgentEvent::HangUp,
            1 => AgentEvent::LegLost,
            2 => AgentEvent::LogOut,
            3..=5 => {
                let campaigns = (0..self.below(4)).map(|_| self.campaign()).collect();
                AgentEvent::LogIn { name: "agent".to_owned(), campaigns }
            }
            6 => AgentEvent::Pause(PauseReason("lunch".to_owned())),
            7 => AgentEvent::Disposition {
                call,
                disposition: Disposition(
                    ["sale", "do_not_call", "?"][self.below(3) as usize].into(),
                ),
                note: None,
                callback_at: None,
            },
            8..=9 => AgentEvent::DialOffered,
            10 => AgentEvent::SkipOffered { reason: "later".to_owned() },
            11 => {
                let campaign = self.campaign();
                let lead = Box::new(self.lead(campaign));
                AgentEvent::DialLead { lead, was_closed: self.below(2) == 0 }
            }
            12 => AgentEvent::Consult { with: self.destination() },
            13 => AgentEvent::Transfer { to: self.destination() },
            14 => AgentEvent::Conference,
            15 => [AgentEvent::Dismiss, AgentEvent::HandOver][self.below(2) as usize].clone(),
            16 => [AgentEvent::Park, AgentEvent::LeaveMessage][self.below(2) as usize].clone(),
            17 => AgentEvent::Retrieve { call },
            _ => AgentEvent::Ready,
        }
    }

    fn destination(&mut self) -> Destination {
        match self.below(4) {
            0 => Destination::Agent(AgentId(1 + self.below(AGENTS))),
            1 => Destination::Campaign(self.campaign()),
            _ => {
                let campaign = self.campaign();
                let lead = Box::new(self.lead(campaign));
                Destination::Number { lead, was_closed: self.below(2) == 0 }
            }
        }
    }

    fn call_event(&mut self, agent: AgentId) -> CallEvent {
        let kinds = [VerdictKind::Human, VerdictKind::Human, VerdictKind::Machine];
        let kind = kinds[self.below(3) as usize];
        match self.below(14) {
            0 => CallEvent::BridgeFailed { agent },
            1..=3 => CallEvent::Bridged { agent },
            4 => CallEvent::EarlyMedia,
            5 => CallEvent::Ended(self.cause()),
            6 => CallEvent::MediaTimeout,
            7 => CallEvent::Played,
            8 => CallEvent::Ringing,
            9 => Digit::new('9').map_or(CallEvent::Played, CallEvent::Digit),
            10..=11 => CallEvent::Answered,
            _ => {
                let greeting_end_ms = Some(u32::MAX);
                let verdict = Verdict { kind, probability: 0.5, at_ms: 700, greeting_end_ms };
                CallEvent::Screened(verdict)
            }
        }
    }

    fn cause(&mut self) -> EndCause {
        EndCause {
            outcome: Outcome::ALL[self.below(Outcome::ALL.len() as i64) as usize],
            fault: [Fault::Callee, Fault::Carrier, Fault::Us][self.below(3) as usize],
            by_callee: self.below(2) == 0,
            sip_status: None,
            q850: None,
            retry_after: Some(SignedDuration::from_secs(self.below(i64::MAX))),
            sip_call_id: None,
            trunk: None,
        }
    }

    fn command(&mut self) -> Command {
        let number = number(1 + self.below(LEADS));
        match self.below(20) {
            0 => Command::DoNotCallAdd(number),
            1 => Command::DoNotCallRemove(number),
            2 => Command::HangUpAll,
            3..=4 => Command::LeadsChanged(self.campaign()),
            5 => Command::Phase(self.campaign(), CampaignPhase::Paused),
            6 => Command::Phase(self.campaign(), CampaignPhase::Stopped),
            7..=13 => Command::Phase(self.campaign(), CampaignPhase::Running),
            _ => {
                let mut campaign = Scenario::default().campaign;
                campaign.id = CampaignId(1 + self.below(CAMPAIGNS));
                campaign.pacing = self.pacing();
                campaign.wait_max = SignedDuration::from_millis(self.below(2) * 2_000);
                campaign.wrap_up_max = SignedDuration::from_secs(self.below(3) * 5);
                Command::Campaign(Arc::new(campaign))
            }
        }
    }

    /// Somebody calls in, or is said to a second time.
    fn inbound(&mut self) -> Input {
        let (call, campaign) = (CallId((1 << 40) + self.below(200)), self.campaign());
        Input::Inbound { call, lead: Box::new(self.lead(campaign)) }
    }

    fn pacing(&mut self) -> PacingMode {
        match self.below(8) {
            0 => PacingMode::Broadcast { calls_per_minute: 30.0, lines_max: 4 },
            1 => PacingMode::Manual,
            4 => PacingMode::Inbound { order: InboundOrder::First },
            2..=3 => PacingMode::Preview {
                look_max: (self.below(2) == 0).then_some(SignedDuration::from_secs(5)),
                then: [PreviewEnd::Dial, PreviewEnd::Skip][self.below(2) as usize],
                skipped_after: SignedDuration::from_secs(60),
            },
            _ => PacingMode::Progressive,
        }
    }

    fn leads(&mut self) -> Input {
        let campaign = self.campaign();
        let leads = (0..self.below(30)).map(|_| self.lead(campaign)).collect();
        let next_due = (self.below(2) == 0).then_some(Timestamp::UNIX_EPOCH);
        Input::Leads { campaign, leads, next_due }
    }

    fn lead(&mut self, campaign: CampaignId) -> Lead {
        let id = 1 + self.below(LEADS);
        // Now and then another lead with the same number, or a stranger.
        let number = number(if self.below(9) == 0 { 1 } else { id });
        let campaign = if self.below(30) == 0 { CampaignId(99) } else { campaign };
        Lead {
            id: LeadId(id),
            campaign,
            number,
            first_name: None,
            last_name: None,
            state: None,
            zip: None,
            attributes: Default::default(),
            facts: Default::default(),
            history: Vec::new(),
            due_at: None,
        }
    }
}

fn number(id: i64) -> PhoneNumber {
    let Some(number) = PhoneNumber::from_e164(&format!("+1212{}", 2_000_000 + id)) else {
        panic!("not a number: {id}");
    };
    number
}
