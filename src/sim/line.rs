//! The lines: what is true of each call, whatever the dialer has been told.

use jiff::{SignedDuration, Timestamp};

use super::callee::Then;
use super::world::{Happening, World};
use crate::call::{CallEvent, EndCause};
use crate::dialer::{AgentEvent, Input};
use crate::domain::{AgentId, CallId, Digit, Fault, Outcome, Verdict, VerdictKind, later};

const JOIN_TIME: SignedDuration = SignedDuration::from_millis(5);
const HANG_UP_TIME: SignedDuration = SignedDuration::from_millis(40);
const MESSAGE_TIME: SignedDuration = SignedDuration::from_secs(6);
const MACHINE_RECORDS: SignedDuration = SignedDuration::from_secs(30);
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
}

/// What a line will do, if it still can.
#[derive(Clone, Debug)]
pub(super) enum LineAct {
    Answer(VerdictKind),
    /// Somebody answers while the CANCEL is on its way.
    CrossingAnswer,
    End(EndCause),
    Join(AgentId),
    LoseHeart,
    LoseMedia,
    MessageOver,
    Press(Digit),
    Ring,
    Screened(Verdict),
    TalkOver(AgentId),
    Vanish(AgentId),
}

impl World {
    pub(super) fn dial(&mut self, call: CallId, now: Timestamp) {
        self.lines.insert(call, Line::default());
        let fate = self.scenario.callees.fate(&mut self.chance);
        if let Some(after) = fate.rings_after {
            self.plan_line(call, later(now, after), LineAct::Ring);
        }
        match fate.then {
            Then::Answers { after, who } => {
                self.plan_line(call, later(now, after), LineAct::Answer(who));
            }
            Then::Refuses { after, outcome, fault } => {
                let cause = cause(outcome, fault, true);
                self.plan_line(call, later(now, after), LineAct::End(cause));
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
        let end = LineAct::End(cause(Outcome::Cancelled, Fault::Us, false));
        self.plan_line(call, later(now, HANG_UP_TIME), end);
    }

    pub(super) fn screen(&mut self, call: CallId, limit: SignedDuration, now: Timestamp) {
        let Some(who) = self.lines.get(&call).and_then(|line| line.who) else { return };
        let (after, verdict) = self.scenario.callees.verdict(who, limit, &mut self.chance);
        self.plan_line(call, later(now, after), LineAct::Screened(verdict));
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

    pub(super) fn play(&mut self, call: CallId, now: Timestamp) {
        self.plan_line(call, later(now, MESSAGE_TIME), LineAct::MessageOver);
        let key = self.scenario.campaign.safe_harbour.opt_out;
        if let Some(key) = key.filter(|_| self.chance.happens(OPT_OUT)) {
            self.plan_line(call, later(now, MESSAGE_TIME / 2), LineAct::Press(key));
        }
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
            LineAct::End(cause) => return Some(self.ends(call, cause)),
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
                return Some(self.ends(call, cause(Outcome::NoAnswer, Fault::Callee, true)));
            }
            LineAct::LoseMedia => CallEvent::MediaTimeout,
            LineAct::MessageOver => CallEvent::Played,
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
                return Some(self.ends(call, cause(Outcome::NoAnswer, Fault::Callee, true)));
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
        if let Some(line) = self.lines.get_mut(&call) {
            line.who = Some(who);
        }
        self.leads.answered(call);
        let callees = self.scenario.callees;
        match who {
            VerdictKind::Human => {
                let patience =
                    self.chance.time(callees.greeting) + self.chance.time(callees.patience);
                self.plan_line(call, later(now, patience), LineAct::LoseHeart);
            }
            VerdictKind::Silence => {
                self.plan_line(call, later(now, MEDIA_TIMEOUT), LineAct::LoseMedia);
            }
            VerdictKind::Fax | VerdictKind::Machine | VerdictKind::Tone => {
                self.plan_line(call, later(now, MACHINE_RECORDS), LineAct::LoseHeart);
            }
        }
    }

    fn joins(&mut self, call: CallId, agent: AgentId, now: Timestamp) -> CallEvent {
        let desks = self.scenario.desks;
        if self.chance.happens(desks.bridge_fails) {
            return CallEvent::BridgeFailed { agent };
        }
        if let Some(line) = self.lines.get_mut(&call) {
            (line.agent, line.served) = (Some(agent), true);
        }
        let talk = self.chance.time(self.scenario.callees.talk);
        self.plan_line(call, later(now, talk), LineAct::TalkOver(agent));
        if self.chance.happens(desks.vanish) {
            self.plan_line(call, later(now, talk / 2), LineAct::Vanish(agent));
        }
        CallEvent::Bridged { agent }
    }

    fn ends(&mut self, call: CallId, cause: EndCause) -> Input {
        if let Some(line) = self.lines.remove(&call) {
            let person = line.who == Some(VerdictKind::Human);
            if person && !line.served && !cause.by_callee {
                self.unserved.push(call);
            }
        }
        Input::Call(call, CallEvent::Ended(cause))
    }
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
