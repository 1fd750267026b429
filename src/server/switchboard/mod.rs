//! The switchboard: the one owner of the legs. It carries out what the dialer decides on trunk,
//! station and media, and turns what they say into facts.
//!
//! The dialer knows calls and agents; the media engine knows legs; the trunk knows dialogs. Here,
//! and only here, they meet.

mod attend;
mod inbound;
mod keys;
mod line;
mod seat;
mod tone;
mod voice;

pub use attend::{Attendance, Manner};
pub use voice::Voice;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot, watch};

use self::attend::Attendances;
use self::line::Lines;
use self::seat::Seats;
use super::books::Entry;
use super::handle::{Fact, LogInFault};
use crate::call::{CallEvent, EndCause};
use crate::compliance::Permit;
use crate::dialer::{AgentEvent, Conversation, Input, Message, View};
use crate::domain::{
    AgentId, CallId, Campaign, CampaignId, Digit, Fault, Lead, Listening, Outcome,
};
use crate::media::{Engine, LegId, MediaFact};
use crate::sip::Kept;
use crate::station::{Browsers, Station, StationFact};
use crate::store::{CallerBegun, Store, StrayLeg};
use crate::trunk::{TrunkFact, Trunks};

/// What the switchboard is told to do.
#[derive(Debug)]
pub enum Order {
    /// A supervisor, whose leg is up, attends an agent's conversations; `was_called`: the leg ends when
    /// that does. Answered with whether the leg was up.
    Attend { attendance: Attendance, was_called: bool, reply: oneshot::Sender<bool> },
    /// A supervisor attends no longer. Answered with whether one did.
    AttendNoMore { listener: AgentId, reply: oneshot::Sender<bool> },
    /// Who attends whom.
    Attendances { reply: oneshot::Sender<Vec<Attendance>> },
    /// Listen for the end of the machine's greeting.
    AwaitGreetingEnd { call: CallId, limit: SignedDuration },
    /// Join the legs.
    Bridge { call: CallId, agent: AgentId },
    /// These talk with each other.
    Converse(Conversation),
    /// The attempt is written, under this Call-ID: dial.
    Dial { call: CallId, sip_call_id: String, permit: Permit },
    /// The attempt is being written; `Dial` or `Unwritten` follows.
    Expect { call: CallId },
    /// Answered when every order before it is carried out, on the trunks too.
    Fence { done: oneshot::Sender<()> },
    /// What the called party said first.
    FirstWords { call: CallId, reply: oneshot::Sender<Option<Vec<i16>>> },
    /// End the call.
    HangUp { call: CallId },
    /// Ring the agent's phone; answered when its leg is up.
    LogIn { agent: AgentId, reply: oneshot::Sender<Result<(), LogInFault>> },
    /// End the agent's leg.
    LogOut { agent: AgentId },
    /// Play to the called party.
    Play { call: CallId, message: Message },
    /// Press keys toward the called party.
    Press { call: CallId, digits: Vec<Digit> },
    /// Start the detector.
    Screen { call: CallId, listening: Listening },
    /// End every leg and stop.
    Stop { done: oneshot::Sender<()> },
    /// Take the agent's leg off the call.
    Unbridge { call: CallId, agent: AgentId },
    /// The attempt could not be written: it is not dialed, and not answered.
    Unwritten { call: CallId },
    /// Mute, hold, or let them talk.
    Voice { call: CallId, agent: AgentId, voice: Voice },
    /// The caller is written down: answer.
    Welcome { call: CallId, lead: Box<Lead> },
}

/// Whose leg it is.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Agent(AgentId),
    Call(CallId),
}

/// What is needed of each campaign on the line.
pub struct CampaignLine {
    /// The campaign.
    pub campaign: Arc<Campaign>,
    /// Its trunks, by preference.
    pub trunks: Vec<crate::domain::TrunkId>,
    /// What a caller hears who waits, over and over, 8 kHz.
    pub hold: Arc<[i16]>,
    /// What a broadcast says, 8 kHz.
    pub message: Arc<[i16]>,
    /// Who calls, for a phone that answers for its owner, 8 kHz.
    pub identification: Arc<[i16]>,
    /// What a machine is left, 8 kHz.
    pub voicemail: Arc<[i16]>,
    /// What an abandoned person hears, 8 kHz.
    pub safe_harbour: Arc<[i16]>,
}

/// The end of a call of which nothing was ever sent: given up before its INVITE, or never written.
/// Nobody was called, so it is neither a no-answer nor an attempt that counts.
pub fn never_left() -> EndCause {
    EndCause {
        outcome: Outcome::Failed,
        fault: Fault::Us,
        by_callee: false,
        sip_status: None,
        q850: None,
        retry_after: None,
        sip_call_id: None,
        trunk: None,
    }
}

/// The switchboard's own state; see [`Switchboard::run`].
pub struct Switchboard {
    attendances: Attendances,
    books: mpsc::UnboundedSender<Entry>,
    /// Who talks with whom, by the person's call.
    conversations: BTreeMap<CallId, Conversation>,
    browsers: Browsers,
    engine: Engine,
    facts: mpsc::Sender<Fact>,
    lines: Lines,
    owners: BTreeMap<LegId, Owner>,
    reception: mpsc::UnboundedSender<CallerBegun>,
    seats: Seats,
    station: Station,
    store: Store,
    trunks: Trunks,
    views: watch::Receiver<Arc<View>>,
}

/// Where the switchboard sends what it finds out.
pub struct Outlets {
    /// Records of callers of whom the dialer never heard.
    pub books: mpsc::UnboundedSender<Entry>,
    /// Facts for the dialer.
    pub facts: mpsc::Sender<Fact>,
    /// Callers to be written down.
    pub reception: mpsc::UnboundedSender<CallerBegun>,
}

/// Everything that speaks to the switchboard.
pub struct Inlets {
    /// From the dialer and the API.
    pub orders: mpsc::UnboundedReceiver<Order>,
    /// From the trunks.
    pub trunk: mpsc::UnboundedReceiver<TrunkFact>,
    /// From the agents' SIP phones.
    pub station: mpsc::UnboundedReceiver<StationFact>,
    /// From the phones in agents' browsers.
    pub browsers: mpsc::UnboundedReceiver<StationFact>,
    /// From the media engine.
    pub media: mpsc::UnboundedReceiver<MediaFact>,
}

impl Switchboard {
    /// A switchboard with no leg up.
    pub fn new(
        engine: Engine,
        trunks: Trunks,
        (station, browsers): (Station, Browsers),
        store: Store,
        campaigns: BTreeMap<CampaignId, CampaignLine>,
        outlets: Outlets,
        views: watch::Receiver<Arc<View>>,
    ) -> Self {
        let Outlets { books, facts, reception } = outlets;
        Self {
            attendances: Attendances::default(),
            books,
            conversations: BTreeMap::new(),
            browsers,
            engine,
            facts,
            lines: Lines::new(campaigns),
            owners: BTreeMap::new(),
            reception,
            seats: Seats::default(),
            station,
            store,
            trunks,
            views,
        }
    }

    /// Serves until [`Order::Stop`]. Orders go first: a bridge never waits behind a burst of facts.
    pub async fn run(mut self, mut inlets: Inlets) {
        loop {
            tokio::select! {
                biased;
                order = inlets.orders.recv() => match order {
                    Some(Order::Stop { done }) => {
                        self.stop();
                        let _ = done.send(());
                        return;
                    }
                    Some(order) => self.carry_out(order).await,
                    None => return,
                },
                Some(fact) = inlets.trunk.recv() => self.hear_trunk(fact).await,
                Some(fact) = inlets.media.recv() => self.hear_media(fact).await,
                Some(fact) = inlets.station.recv() => self.hear_station(fact).await,
                Some(fact) = inlets.browsers.recv() => self.hear_station(fact).await,
            }
        }
    }

    async fn carry_out(&mut self, order: Order) {
        match order {
            Order::Attend { attendance, was_called, reply } => {
                // Whoever has asked may have gone.
                let _ = reply.send(self.attend(attendance, was_called));
            }
            Order::AttendNoMore { listener, reply } => {
                let _ = reply.send(self.attend_no_more(listener));
            }
            Order::Attendances { reply } => {
                let _ = reply.send(self.attendances.all());
            }
            Order::AwaitGreetingEnd { call, limit } => self.await_greeting_end(call, limit),
            Order::Bridge { call, agent } => self.bridge(call, agent).await,
            Order::Converse(talk) => self.converse(talk),
            Order::Dial { call, sip_call_id, permit } => self.dial(call, sip_call_id, permit).await,
            Order::Expect { call } => self.expect(call),
            Order::Fence { done } => {
                self.trunks.fence().await;
                // Nobody may wait for it any more.
                let _ = done.send(());
            }
            Order::FirstWords { call, reply } => {
                // Whoever has asked may have gone.
                let _ = reply.send(self.first_words(call));
            }
            Order::HangUp { call } => self.hang_up(call),
            Order::LogIn { agent, reply } => self.log_in(agent, reply).await,
            Order::LogOut { agent } => self.log_out(agent),
            Order::Play { call, message } => self.play(call, message),
            Order::Press { call, digits } => self.press(call, &digits),
            Order::Screen { call, listening } => self.screen(call, listening),
            Order::Stop { done } => drop(done),
            Order::Unbridge { call, agent } => self.unbridge(call, agent),
            Order::Unwritten { call } => self.unwritten(call).await,
            Order::Voice { call, agent, voice } => self.set_voice(call, agent, voice),
            Order::Welcome { call, lead } => self.welcome(call, lead),
        }
    }

    /// Has it written down how this leg could be ended by another process.
    fn write_down(&self, owner: Owner, kept: &Kept) {
        let leg = match owner {
            Owner::Agent(agent) => StrayLeg::Agent(agent),
            Owner::Call(call) => StrayLeg::Call(call),
        };
        match serde_json::to_string(kept) {
            // Closed books: the server is stopping, and ends its legs itself.
            Ok(dialog) => drop(self.books.send(Entry::Dialog { leg, dialog: Some(dialog) })),
            Err(error) => tracing::error!(?owner, %error, "a dialog cannot be written down"),
        }
    }

    async fn tell_call(&self, at: jiff::Timestamp, call: CallId, event: CallEvent) {
        let fact = Fact { at, input: Input::Call(call, event), absorbed: None };
        // A closed queue: the server is stopping.
        let _ = self.facts.send(fact).await;
    }

    async fn tell_agent(&self, at: jiff::Timestamp, agent: AgentId, event: AgentEvent) {
        let fact = Fact { at, input: Input::Agent(agent, event), absorbed: None };
        let _ = self.facts.send(fact).await;
    }

    async fn hear_media(&mut self, fact: MediaFact) {
        match self.owners.get(&fact.leg) {
            Some(Owner::Call(call)) => {
                let call = *call;
                self.hear_call_media(call, fact).await;
            }
            Some(Owner::Agent(agent)) => {
                let agent = *agent;
                self.hear_seat_media(agent, &fact);
            }
            None => {}
        }
    }

    fn stop(&mut self) {
        for call in self.lines.calls() {
            self.trunks.hang_up(call);
        }
        for agent in self.seats.agents() {
            self.drop_phone(agent);
        }
    }
}
