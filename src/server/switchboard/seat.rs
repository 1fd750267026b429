//! Agents: one nailed-up leg toward a phone each, a browser's or a SIP phone, from login to logout.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Entry, Owner, Switchboard, Voice};
use crate::dialer::AgentEvent;
use crate::domain::{AgentId, AgentState, CallId, MediaTarget, PauseReason};
use crate::media::{LegId, MediaEvent, MediaFact};
use crate::server::LogInFault;
use crate::station::{LegEnd, StationEvent, StationFact};
use crate::store::StrayLeg;

/// Who hears that the login is done.
type Reply = oneshot::Sender<Result<(), LogInFault>>;

/// How far an agent's leg is.
#[derive(Debug)]
enum Stage {
    /// The phone dialed in by itself; its leg is not confirmed yet.
    DialedIn,
    /// The phone is being called; who asked for the login waits.
    Ringing(Reply),
    Up,
}

/// What the agent speaks by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phone {
    Browser,
    Sip,
}

#[derive(Debug)]
struct Seat {
    leg: LegId,
    phone: Phone,
    stage: Stage,
    /// The person who hears music while the agent's browser is gone.
    left_alone: Option<CallId>,
    /// The agent was ready when the browser went, and is again when it is back.
    was_ready: bool,
}

impl Seat {
    fn new(leg: LegId, phone: Phone, stage: Stage) -> Self {
        Self { leg, phone, stage, left_alone: None, was_ready: false }
    }
}

/// The agents' legs, ringing or up.
#[derive(Default)]
pub(super) struct Seats {
    taken: BTreeMap<AgentId, Seat>,
}

impl Seats {
    pub(super) fn agents(&self) -> impl Iterator<Item = AgentId> {
        self.taken.keys().copied()
    }

    /// The leg of an agent whose phone has answered.
    pub(super) fn leg(&self, agent: AgentId) -> Option<LegId> {
        let seat = self.taken.get(&agent)?;
        matches!(seat.stage, Stage::Up).then_some(seat.leg)
    }
}

impl Switchboard {
    /// Gives the agent a leg toward the browser, where the agent's page has a phone, or else toward
    /// the SIP phone.
    pub(super) async fn log_in(&mut self, agent: AgentId, reply: Reply) {
        if self.seats.taken.contains_key(&agent) {
            let _ = reply.send(Err(LogInFault::AlreadyLoggedIn));
            return;
        }
        let in_browser = self.browsers.is_connected(agent).await;
        let (phone, leg) = if in_browser {
            (Phone::Browser, self.engine.open_on(self.browsers.attach(agent)))
        } else {
            (Phone::Sip, self.engine.open())
        };
        let leg = match leg {
            Ok(leg) => leg,
            Err(error) => {
                let _ = reply.send(Err(LogInFault::NoPort(error.to_string())));
                return;
            }
        };
        self.owners.insert(leg.id, Owner::Agent(agent));
        self.seats.taken.insert(agent, Seat::new(leg.id, phone, Stage::Ringing(reply)));
        if phone == Phone::Sip {
            self.station.call(agent, leg.local);
        }
    }

    pub(super) fn log_out(&mut self, agent: AgentId) {
        self.drop_phone(agent);
        self.free_seat(agent, LogInFault::Stopping);
    }

    /// Ends the leg toward the agent's phone.
    pub(super) fn drop_phone(&self, agent: AgentId) {
        match self.seats.taken.get(&agent).map(|seat| seat.phone) {
            Some(Phone::Browser) => self.browsers.drop(agent),
            Some(Phone::Sip) | None => self.station.drop(agent),
        }
    }

    pub(super) async fn hear_station(&mut self, fact: StationFact) {
        let StationFact { at, agent, event } = fact;
        match event {
            StationEvent::IncomingLeg => self.dialed_in(agent),
            StationEvent::Dialog(kept) => self.write_down(Owner::Agent(agent), &kept),
            StationEvent::LegDown(end) => {
                let leg = StrayLeg::Agent(agent);
                let _ = self.books.send(Entry::Dialog { leg, dialog: None });
                let was_up = self.seats.leg(agent).is_some();
                self.free_seat(agent, fault_of(end));
                if was_up {
                    self.tell_agent(at, agent, AgentEvent::LegLost).await;
                }
            }
            StationEvent::Away => self.leave_alone(at, agent).await,
            StationEvent::LegUp(target) => self.leg_up(at, agent, target).await,
            StationEvent::Registered | StationEvent::Unregistered => {}
            StationEvent::Retarget(target) => {
                let Some(seat) = self.seats.taken.get_mut(&agent) else { return };
                self.engine.connect(seat.leg, target);
                let was_ready = std::mem::take(&mut seat.was_ready);
                if let Some(call) = seat.left_alone.take() {
                    self.set_voice(call, agent, Voice::Open);
                }
                if was_ready {
                    self.tell_agent(at, agent, AgentEvent::Ready).await;
                }
            }
        }
    }

    /// The agent's browser is gone, for seconds perhaps: whom the agent talks with is not to hear silence,
    /// and nobody is to be put through.
    async fn leave_alone(&mut self, at: Timestamp, agent: AgentId) {
        let view = self.views.borrow().clone();
        let state = view.agents.iter().find(|seen| seen.id == agent).map(|seen| &seen.state);
        let Some(seat) = self.seats.taken.get_mut(&agent) else { return };
        match state {
            Some(AgentState::Reserved { call } | AgentState::Talking { call }) => {
                seat.left_alone = Some(*call);
                self.set_voice(*call, agent, Voice::Held);
            }
            Some(AgentState::Ready) => {
                seat.was_ready = true;
                let reason = PauseReason("phone away".to_owned());
                self.tell_agent(at, agent, AgentEvent::Pause(reason)).await;
            }
            Some(
                AgentState::LoggedOut
                | AgentState::Paused { .. }
                | AgentState::Previewing { .. }
                | AgentState::WrapUp { .. },
            )
            | None => {}
        }
    }

    /// The phone called us: its leg is the login.
    fn dialed_in(&mut self, agent: AgentId) {
        if self.seats.taken.contains_key(&agent) {
            return self.station.drop(agent);
        }
        match self.engine.open() {
            Ok(leg) => {
                self.owners.insert(leg.id, Owner::Agent(agent));
                self.seats.taken.insert(agent, Seat::new(leg.id, Phone::Sip, Stage::DialedIn));
                self.station.accept(agent, leg.local);
            }
            Err(error) => {
                tracing::error!(%agent, %error, "no media leg for an agent's phone");
                self.station.drop(agent);
            }
        }
    }

    async fn leg_up(&mut self, at: Timestamp, agent: AgentId, target: MediaTarget) {
        let Some(seat) = self.seats.taken.get_mut(&agent) else {
            // Logged out while it rang.
            return self.drop_phone(agent);
        };
        self.engine.connect(seat.leg, target);
        match std::mem::replace(&mut seat.stage, Stage::Up) {
            Stage::DialedIn => {
                let known = self.store.books().agent(agent).await.ok().flatten();
                let Some(known) = known else { return self.log_out(agent) };
                let event = AgentEvent::LogIn { name: known.name, campaigns: known.campaigns };
                self.tell_agent(at, agent, event).await;
            }
            Stage::Ringing(reply) => {
                let _ = reply.send(Ok(()));
            }
            Stage::Up => {}
        }
    }

    pub(super) fn hear_seat_media(&mut self, agent: AgentId, fact: &MediaFact) {
        match fact.event {
            MediaEvent::Closed { .. } => {
                self.owners.remove(&fact.leg);
            }
            // A phone that sends nothing is a phone that has gone: its leg ends, and the person
            // goes to another agent.
            MediaEvent::Silent => self.drop_phone(agent),
            MediaEvent::Digit(_)
            | MediaEvent::Features(_)
            | MediaEvent::GreetingOver(_)
            | MediaEvent::Heard
            | MediaEvent::Likely(_)
            | MediaEvent::Played
            | MediaEvent::Screened(_)
            | MediaEvent::Tone(_) => {}
        }
    }

    fn free_seat(&mut self, agent: AgentId, why: LogInFault) {
        self.attend_no_more(agent);
        self.attend_nobody(agent);
        let Some(seat) = self.seats.taken.remove(&agent) else { return };
        self.engine.close(seat.leg);
        if let Stage::Ringing(reply) = seat.stage {
            let _ = reply.send(Err(why));
        }
    }
}

fn fault_of(end: LegEnd) -> LogInFault {
    match end {
        LegEnd::Dropped => LogInFault::Stopping,
        LegEnd::Lost => LogInFault::NoAnswer("the browser is gone".to_owned()),
        LegEnd::HungUp => LogInFault::NoAnswer("it was hung up".to_owned()),
        LegEnd::NoMedia => LogInFault::NoAnswer("it offers no audio that we speak".to_owned()),
        LegEnd::NotAnswered(None) => LogInFault::NoAnswer("it said nothing".to_owned()),
        LegEnd::NotAnswered(Some(status)) => LogInFault::NoAnswer(format!("status {status}")),
        LegEnd::NotRegistered => LogInFault::NotRegistered,
    }
}
