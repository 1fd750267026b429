//! The lines: what is true of each call, whatever the dialer has been told.

use jiff::{SignedDuration, Timestamp};

use super::fate::Then;
use super::world::{Happening, World};
use crate::call::{CallEvent, EndCause};
use crate::dialer::{AgentEvent, Input, Message};
use crate::domain::{
    AgentId, CallId, Digit, Fault, GreetingOver, Listening, MachineRule, Outcome, Verdict,
    VerdictKind, WaitFrom, later,
};

const JOIN_TIME: SignedDuration = SignedDuration::from_millis(5);
const HANG_UP_TIME: SignedDuration = SignedDuration::from_millis(40);
const MESSAGE_TIME: SignedDuration = SignedDuration::from_secs(6);
const MACHINE_RECORDS: SignedDuration = SignedDuration::from_secs(30);
/// How long an agent takes to see that nobody is there.
const MACHINE_MET: SignedDuration = SignedDuration::from_secs(4);
const MEDIA_TIMEOUT: SignedDuration = SignedDuration::from_secs(20);

/// How often somebody who hears the message presses the key.
const OPT_OUT: f64 = 0.1;

/// What is true of a call.
#[derive(Debug, Default)]
pub(super) struct Line {
    who: Option<VerdictKind>,
    given_up: bool,
    joining: Option<AgentId>,
    agent: Option<AgentId>,
    served: bool,
    greeting: SignedDuration,
    answered_at: Option<Timestamp>,
    /// When the person who answered must have an agent.
    due_by: Option<Timestamp>,
    /// The dialer was told that nobody is there: what it does with a person then is no fault of its.
    slandered: bool,
    /// The person is counted, as served in time or not.
    is_judged: bool,
}

/// What a line will do, if it still can.
#[derive(Clone, Debug)]
pub(super) enum LineAct {
    Answer(VerdictKind),
    /// Somebody answers while the CANCEL is on its way.
    CrossingAnswer,
    End(Outcome, Fault),
    GreetingOver,
    Join(AgentId),
    Likely(Verdict),
    LoseHeart,
    LoseMedia,
    MessageOver,
    OwnerComes,
    Press(Digit),
    Ring,
    Screened(Verdict),
    TalkOver(AgentId),
    Vanish(AgentId),
}

impl World {
    pub(super) fn dial(&mut self, call: CallId, now: Timestamp) {
        self.lines.insert(call, Line::default());
        self.measure.today(|day| day.dialed += 1);
        let person = self.path.share(now);
        let ring_max = self.scenario.campaign.ring_max;
        let fate = self.scenario.callees.fate(person, ring_max, &mut self.chance);
        if let Some(after) = fate.rings_after {
            self.plan_line(call, later(now, after), LineAct::Ring);
        }
        match fate.then {
            Then::Answers { after, who } => {
                self.plan_line(call, later(now, after), LineAct::Answer(who));
            }
            Then::Refuses { after, outcome, fault } => {
                self.plan_line(call, later(now, after), LineAct::End(outcome, fault));
            }
            Then::RingsOn => {}
        }
    }

    pub(super) fn hang_up(&mut self, call: CallId, now: Timestamp) {
        let crosses = self.chance.happens(self.scenario.callees.crossing);
        let lost = self.chance.happens(self.scenario.lies.end_lost);
        let Some(line) = self.lines.get_mut(&call) else { return };
        line.given_up = true;
        let unanswered = line.who.is_none();
        if lost {
            self.lines.remove(&call);
            return;
        }
        if unanswered && crosses {
            self.plan_line(call, later(now, HANG_UP_TIME / 2), LineAct::CrossingAnswer);
        }
        let end = LineAct::End(Outcome::Cancelled, Fault::Us);
        self.plan_line(call, later(now, HANG_UP_TIME), end);
    }

    pub(super) fn screen(&mut self, call: CallId, listening: Listening, now: Timestamp) {
        let Some(line) = self.lines.get(&call) else { return };
        let Some(who) = line.who else { return };
        let callees = &self.scenario.callees;
        let (after, verdict) = callees.verdict(who, line.greeting, listening, &mut self.chance);
        self.doubt(call, who, (after, verdict), listening, now);
        self.plan_line(call, later(now, after), LineAct::Screened(verdict));
    }

    /// What the detector says before its verdict, or in its place.
    fn doubt(
        &mut self,
        call: CallId,
        who: VerdictKind,
        (after, verdict): (SignedDuration, Verdict),
        listening: Listening,
        now: Timestamp,
    ) {
        let doubts = self.scenario.callees.doubts;
        let person = Verdict { kind: VerdictKind::Human, probability: 0.8, ..verdict };
        let share = match who {
            VerdictKind::Human => doubts.likely_people,
            _ => doubts.likely_machines,
        };
        if listening.likely.is_some() && share > 0.0 && self.chance.happens(share) {
            self.plan_line(call, later(now, after / 2), LineAct::Likely(person));
        }
        let mistaken = who == VerdictKind::Machine && doubts.mistaken > 0.0;
        if mistaken && self.chance.happens(doubts.mistaken) {
            self.plan_line(call, later(now, after / 2), LineAct::Screened(person));
        }
    }

    /// The dialer hears a lie of a call: that no person is there.
    pub(super) fn slander(&mut self, call: CallId) {
        if let Some(line) = self.lines.get_mut(&call) {
            line.slandered = true;
        }
    }

    /// A machine's greeting is over when it is over, whoever waits for it.
    pub(super) fn await_greeting_end(&mut self, call: CallId, now: Timestamp) {
        let Some(line) = self.lines.get(&call) else { return };
        let over_at = later(line.answered_at.unwrap_or(now), line.greeting);
        self.plan_line(call, over_at.max(now), LineAct::GreetingOver);
    }

    pub(super) fn join(&mut self, call: CallId, agent: AgentId, now: Timestamp) {
        if let Some(line) = self.lines.get_mut(&call) {
            line.joining = Some(agent);
        }
        self.plan_line(call, later(now, JOIN_TIME), LineAct::Join(agent));
    }

    pub(super) fn part(&mut self, call: CallId) {
        if let Some(line) = self.lines.get_mut(&call) {
            (line.joining, line.agent) = (None, None);
        }
    }

    pub(super) fn play(&mut self, call: CallId, message: Message, now: Timestamp) {
        match message {
            // What the call was for, or a caller's bad luck: no abandoned person.
            Message::Campaign => {
                if let Some(line) = self.lines.get_mut(&call) {
                    (line.served, line.is_judged) = (true, true);
                }
            }
            Message::Identification => {
                let after = self.chance.time(self.scenario.callees.owner_comes);
                self.plan_line(call, later(now, after), LineAct::OwnerComes);
            }
            Message::SafeHarbour => self.judge(call, true, now),
            Message::Voicemail => {}
        }
        self.plan_line(call, later(now, MESSAGE_TIME), LineAct::MessageOver);
        let key = self.scenario.campaign.safe_harbour.opt_out;
        if let Some(key) = key.filter(|_| self.chance.happens(OPT_OUT)) {
            self.plan_line(call, later(now, MESSAGE_TIME / 2), LineAct::Press(key));
        }
    }

    /// Somebody has called us, and waits until then.
    pub(super) fn answer_caller(&mut self, call: CallId, gives_up_at: Timestamp) {
        let who = Some(VerdictKind::Human);
        // No law counts them: the measure of the floor does not either.
        self.lines.insert(call, Line { who, is_judged: true, ..Line::default() });
        self.plan_line(call, gives_up_at, LineAct::LoseHeart);
    }

    /// What the dialer hears of it, when it happens.
    pub(super) fn line_acts(
        &mut self,
        call: CallId,
        act: LineAct,
        now: Timestamp,
    ) -> Option<Input> {
        let line = self.lines.get_mut(&call)?;
        let told = match act {
            LineAct::Answer(who) => {
                if line.who.is_some() || line.given_up {
                    return None;
                }
                self.answers(call, who, now);
                CallEvent::Answered
            }
            LineAct::CrossingAnswer => {
                line.who = Some(VerdictKind::Human);
                self.leads.answered(call);
                CallEvent::Answered
            }
            LineAct::End(outcome, fault) => {
                let cause = cause(outcome, fault, fault != Fault::Us);
                return Some(self.ends(call, cause, now));
            }
            LineAct::GreetingOver => CallEvent::GreetingOver(GreetingOver::Beep),
            LineAct::Likely(verdict) => CallEvent::Likely(verdict),
            LineAct::Join(agent) => {
                if line.joining.take() != Some(agent) {
                    return None;
                }
                self.joins(call, agent, now)
            }
            LineAct::LoseHeart => {
                if line.served || line.given_up {
                    return None;
                }
                return Some(self.ends(call, cause(Outcome::NoAnswer, Fault::Callee, true), now));
            }
            LineAct::LoseMedia => CallEvent::MediaTimeout,
            LineAct::MessageOver => CallEvent::Played,
            LineAct::OwnerComes => {
                if line.given_up {
                    return None;
                }
                line.who = Some(VerdictKind::Human);
                line.due_by = Some(later(now, self.scenario.campaign.wait_max));
                CallEvent::Screened(owner())
            }
            LineAct::Press(key) => CallEvent::Digit(key),
            LineAct::Ring => {
                if line.who.is_some() {
                    return None;
                }
                CallEvent::Ringing
            }
            LineAct::Screened(verdict) => CallEvent::Screened(verdict),
            LineAct::TalkOver(agent) => {
                if line.agent != Some(agent) {
                    return None;
                }
                if self.chance.happens(0.5) {
                    return Some(Input::Agent(agent, AgentEvent::HangUp));
                }
                return Some(self.ends(call, cause(Outcome::NoAnswer, Fault::Callee, true), now));
            }
            LineAct::Vanish(agent) => {
                if line.agent != Some(agent) {
                    return None;
                }
                return Some(self.vanish(agent));
            }
        };
        Some(Input::Call(call, told))
    }

    pub(super) fn plan_line(&mut self, call: CallId, at: Timestamp, act: LineAct) {
        self.timeline.plan(at, Happening::Line(call, act));
    }

    fn answers(&mut self, call: CallId, who: VerdictKind, now: Timestamp) {
        self.leads.answered(call);
        let person = who == VerdictKind::Human;
        let waits_out = self.scenario.campaign.answers.machine == MachineRule::LeaveMessage;
        let greeting = match who {
            VerdictKind::Human => self.chance.time(self.scenario.callees.greeting),
            VerdictKind::Machine if waits_out => {
                self.chance.time(self.scenario.callees.machine_greeting)
            }
            _ => SignedDuration::ZERO,
        };
        let due_by = person.then(|| self.due_by(greeting, now));
        if let Some(line) = self.lines.get_mut(&call) {
            (line.who, line.greeting, line.due_by) = (Some(who), greeting, due_by);
            line.answered_at = Some(now);
        }
        match who {
            VerdictKind::Human => {
                if let Some(patience) = self.scenario.callees.patience {
                    let waits = greeting + self.chance.time(patience);
                    self.plan_line(call, later(now, waits), LineAct::LoseHeart);
                }
            }
            VerdictKind::Silence => {
                self.plan_line(call, later(now, MEDIA_TIMEOUT), LineAct::LoseMedia);
            }
            VerdictKind::Announcement
            | VerdictKind::Fax
            | VerdictKind::Machine
            | VerdictKind::Music
            | VerdictKind::Screener
            | VerdictKind::Tone => {
                self.measure.today(|day| day.machines += 1);
                self.plan_line(call, later(now, MACHINE_RECORDS), LineAct::LoseHeart);
            }
        }
    }

    /// Until when a person who answered at `now` must have an agent, by the campaign's clock.
    fn due_by(&self, greeting: SignedDuration, now: Timestamp) -> Timestamp {
        let campaign = &self.scenario.campaign;
        let from = match campaign.wait_from {
            WaitFrom::Answer => now,
            WaitFrom::GreetingEnd => later(now, greeting),
        };
        later(from, campaign.wait_max)
    }

    fn joins(&mut self, call: CallId, agent: AgentId, now: Timestamp) -> CallEvent {
        let desks = self.scenario.desks;
        if self.chance.happens(desks.bridge_fails) {
            return CallEvent::BridgeFailed { agent };
        }
        if let Some(line) = self.lines.get_mut(&call) {
            (line.agent, line.served) = (Some(agent), true);
            let late = line.due_by.is_some_and(|due_by| now > due_by);
            self.judge(call, late, now);
        }
        let who = self.lines.get(&call).and_then(|line| line.who);
        let talk = match who {
            Some(VerdictKind::Human | VerdictKind::Silence) | None => self.talk_time(agent),
            Some(_) => MACHINE_MET,
        };
        self.plan_line(call, later(now, talk), LineAct::TalkOver(agent));
        if self.chance.happens(desks.vanish) {
            self.plan_line(call, later(now, talk / 2), LineAct::Vanish(agent));
        }
        CallEvent::Bridged { agent }
    }

    /// Counts once whether a person had an agent in time.
    fn judge(&mut self, call: CallId, abandoned: bool, now: Timestamp) {
        let Some(line) = self.lines.get_mut(&call) else { return };
        if line.who != Some(VerdictKind::Human) || std::mem::replace(&mut line.is_judged, true) {
            return;
        }
        self.measure.person(abandoned, now);
        if let Some(due_by) = line.due_by.filter(|_| line.served) {
            let from = later(due_by, -self.scenario.campaign.wait_max);
            let wait_s = now.duration_since(from).as_secs_f64().max(0.0);
            self.measure.today(|day| day.people_waits.count(wait_s));
        }
    }

    fn ends(&mut self, call: CallId, cause: EndCause, now: Timestamp) -> Input {
        if let Some(line) = self.lines.get(&call) {
            let leaves_in_time = cause.by_callee && line.due_by.is_some_and(|due| now <= due);
            let is_person = line.who == Some(VerdictKind::Human) && !line.slandered;
            let unserved = is_person && !line.served && !cause.by_callee;
            self.judge(call, !leaves_in_time, now);
            self.lines.remove(&call);
            if unserved {
                self.leads.unserved(call);
            }
        }
        Input::Call(call, CallEvent::Ended(cause))
    }
}

fn owner() -> Verdict {
    Verdict { kind: VerdictKind::Human, probability: 0.9, at_ms: 20_000, greeting_end_ms: None }
}

fn cause(outcome: Outcome, fault: Fault, by_callee: bool) -> EndCause {
    EndCause {
        outcome,
        fault,
        by_callee,
        sip_status: None,
        q850: None,
        retry_after: None,
        sip_call_id: None,
        trunk: None,
    }
}
