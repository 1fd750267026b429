//! Agents: one nailed-up leg toward a phone each, from login to logout.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Entry, Owner, Switchboard};
use crate::dialer::AgentEvent;
use crate::domain::{AgentId, MediaTarget};
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

#[derive(Debug)]
struct Seat {
    leg: LegId,
    stage: Stage,
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
    pub(super) fn log_in(&mut self, agent: AgentId, reply: Reply) {
        if self.seats.taken.contains_key(&agent) {
            let _ = reply.send(Err(LogInFault::AlreadyLoggedIn));
            return;
        }
        let leg = match self.engine.open() {
            Ok(leg) => leg,
            Err(error) => {
                let _ = reply.send(Err(LogInFault::NoPort(error.to_string())));
                return;
            }
        };
        self.owners.insert(leg.id, Owner::Agent(agent));
        self.seats.taken.insert(agent, Seat { leg: leg.id, stage: Stage::Ringing(reply) });
        self.station.call(agent, leg.local);
    }

    pub(super) fn log_out(&mut self, agent: AgentId) {
        self.station.drop(agent);
        self.free_seat(agent, LogInFault::Stopping);
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
            StationEvent::LegUp(target) => self.leg_up(at, agent, target).await,
            StationEvent::Registered | StationEvent::Unregistered => {}
            StationEvent::Retarget(target) => {
                if let Some(seat) = self.seats.taken.get(&agent) {
                    self.engine.connect(seat.leg, target);
                }
            }
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
                self.seats.taken.insert(agent, Seat { leg: leg.id, stage: Stage::DialedIn });
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
            return self.station.drop(agent);
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
            MediaEvent::Silent => self.station.drop(agent),
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
        LegEnd::HungUp => LogInFault::NoAnswer("it was hung up".to_owned()),
        LegEnd::NoMedia => LogInFault::NoAnswer("it offers no audio that we speak".to_owned()),
        LegEnd::NotAnswered(None) => LogInFault::NoAnswer("it said nothing".to_owned()),
        LegEnd::NotAnswered(Some(status)) => LogInFault::NoAnswer(format!("status {status}")),
        LegEnd::NotRegistered => LogInFault::NotRegistered,
    }
}
