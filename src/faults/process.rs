//! One process of the dialer: what is production's in it, in the order in which the server's tasks do
//! it, one step at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::books::{Answer, Request};
use super::carrier;
use super::floor::DeskAct;
use super::outbox::Dial;
use super::world::{Happening, World};
use crate::call::{CallEvent, EndCause};
use crate::clock::Pulse;
use crate::dialer::{Command, Dialer, Input};
use crate::domain::{AgentId, CallId, CampaignId, PhoneNumber, TrunkId};
use crate::server::promises::{Expected, Waiting, Watch};
use crate::server::{CallIds, Entry, Mail, Order, never_left};
use crate::sip;
use crate::store::StrayLeg;
use crate::trunk::{Machine, TrunkEvent, TrunkFact};

/// From the joining of the legs to the agent's first packet.
const FIRST_PACKET: SignedDuration = SignedDuration::from_millis(20);

/// One step of a process.
#[derive(Debug)]
pub(super) enum Item {
    /// What the books say to a request; `None`: nobody knows whether it was applied.
    Answer(Asked, Option<Answer>),
    /// The agent's first packet leaves toward the call.
    Audio(CallId),
    Beat,
    Desk(AgentId, DeskAct),
    Fact(Input),
    /// Another process has the books.
    Fenced,
    /// The dialogs that the last process left have been ended.
    Forget(Vec<(StrayLeg, String)>),
    /// All that was ordered before the number was forbidden has been carried out.
    Forbidden(PhoneNumber),
    Order(Order),
    Packet(SocketAddr, Bytes),
    /// The records that could not be written.
    WriteAgain,
}

/// What was asked of the books.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Beat,
    Begin(CallId),
    Claim(CampaignId),
    DoNotCall,
    Forget,
    LetGo,
    Write,
}

/// What a crash ends.
pub(super) struct Process {
    pub(super) address: SocketAddr,
    /// Its clock, against the right one.
    pub(super) off: SignedDuration,
    pub(super) dialer: Dialer,
    pub(super) trunks: Machine,
    pub(super) pulse: Pulse,
    pub(super) watch: Watch,
    pub(super) call_maker: CallIds,
    pub(super) seats: BTreeSet<AgentId>,
    /// Call-IDs of the calls that are up or on their way.
    pub(super) call_ids: BTreeMap<CallId, String>,
    /// The last call of each agent.
    pub(super) talks: BTreeMap<AgentId, CallId>,
    /// Calls that were joined with an agent.
    joined: BTreeSet<CallId>,
    expected: Expected,
    pub(super) dials: BTreeMap<CallId, Dial>,
    pub(super) waiting: Waiting,
    pub(super) books_busy: bool,
    /// The last fact and the last order are carried out then: each queue is in order.
    facts_at: Timestamp,
    orders_at: Timestamp,
    pub(super) frozen: bool,
    /// It has lost its books: it ends its calls, and nothing else.
    pub(super) fenced: bool,
    /// What has come while it stood still.
    pub(super) backlog: VecDeque<Item>,
}

impl Process {
    pub(super) fn new(
        (address, off): (SocketAddr, SignedDuration),
        dialer: Dialer,
        trunks: Machine,
        pulse: Pulse,
        call_maker: CallIds,
        now: Timestamp,
    ) -> Self {
        Self {
            address,
            off,
            dialer,
            trunks,
            pulse,
            watch: Watch::default(),
            call_maker,
            seats: BTreeSet::new(),
            call_ids: BTreeMap::new(),
            talks: BTreeMap::new(),
            joined: BTreeSet::new(),
            expected: Expected::default(),
            dials: BTreeMap::new(),
            waiting: Waiting::default(),
            books_busy: false,
            facts_at: now,
            orders_at: now,
            frozen: false,
            fenced: false,
            backlog: VecDeque::new(),
        }
    }

    /// When it wants to be woken, on the right clock.
    pub(super) fn wakes_at(&self) -> Option<Timestamp> {
        let dialer = self.dialer.poll_timeout().filter(|_| !self.fenced).map(|(at, _)| at);
        let at = dialer.into_iter().chain(self.trunks.poll_timeout()).min()?;
        (!self.frozen).then(|| at - self.off)
    }
}

impl World {
    /// One step of a process that is there and runs.
    pub(super) fn step(&mut self, id: u32, item: Item) {
        let fenced = self.processes.get(&id).is_some_and(|process| process.fenced);
        if fenced && !matches!(item, Item::Packet(..)) {
            return;
        }
        match item {
            Item::Answer(asked, answer) => self.books_said(id, asked, answer),
            Item::Audio(call) => self.agent_heard(id, call),
            Item::Beat => self.ask(id, Asked::Beat, Request::Beat),
            Item::Desk(agent, act) => self.desk_acts(id, agent, act),
            Item::Fact(input) => self.tell(id, input),
            Item::Fenced => self.leave(id),
            Item::Forbidden(number) => {
                self.witness.forbidden.insert(number.digits(), self.now);
            }
            Item::Forget(ended) => self.ask(id, Asked::Forget, Request::Forget(ended)),
            Item::Order(order) => self.carry_out(id, order),
            Item::Packet(from, bytes) => {
                self.witness_heard(&bytes);
                let input = sip::Input::Datagram { from, bytes: &bytes };
                self.drive(id, |trunks, now| trunks.handle_input(input, now));
            }
            Item::WriteAgain => {
                if let Some(process) = self.processes.get_mut(&id) {
                    process.books_busy = false;
                }
                self.work(id);
            }
        }
    }

    /// A deadline of the process has come.
    pub(super) fn wake(&mut self, id: u32) {
        let Some(process) = self.processes.get(&id) else { return };
        let now = self.now + process.off;
        if !process.fenced && process.dialer.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.tell(id, Input::Timeout);
        }
        self.drive(id, |trunks, now| trunks.handle_input(sip::Input::Timeout, now));
    }

    /// A fact, which the pump meets after those before it.
    pub(super) fn fact(&mut self, id: u32, input: Input) {
        let hop = SignedDuration::from_micros(20 + self.chance.one_of(150) as i64);
        let Some(process) = self.processes.get_mut(&id) else { return };
        process.facts_at = (self.now + hop).max(process.facts_at + SignedDuration::from_micros(1));
        self.timeline.plan(process.facts_at, Happening::Op(id, Item::Fact(input)));
    }

    /// An order, which the line carries out after those before it.
    pub(super) fn order(&mut self, id: u32, item: Item) {
        let hop = SignedDuration::from_micros(20 + self.chance.one_of(150) as i64);
        let Some(process) = self.processes.get_mut(&id) else { return };
        process.orders_at =
            (self.now + hop).max(process.orders_at + SignedDuration::from_micros(1));
        self.timeline.plan(process.orders_at, Happening::Op(id, item));
    }

    fn tell(&mut self, id: u32, input: Input) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        let now = self.now + process.off;
        let forbidden = match &input {
            Input::Command(Command::DoNotCallAdd(number)) => Some(*number),
            _ => None,
        };
        process.dialer.handle_input(input, now);
        let mut outputs = Vec::new();
        while let Some(output) = process.dialer.poll_output() {
            outputs.push(output);
        }
        for output in outputs {
            match Mail::of(output, now) {
                Mail::Books(entry) => self.enter(id, entry),
                Mail::Dial(request) => self.write_ahead(id, request),
                Mail::Line(order) => self.order(id, Item::Order(order)),
                Mail::Notice(notice) => self.desk_hears(id, &notice),
            }
        }
        if let Some(number) = forbidden {
            self.order(id, Item::Forbidden(number));
        }
        self.work(id);
    }

    /// As the switchboard does it, on lines that are made up.
    fn carry_out(&mut self, id: u32, order: Order) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        match order {
            Order::Bridge { call, agent } => {
                let up = process.call_ids.contains_key(&call) && process.seats.contains(&agent);
                if up {
                    process.joined.insert(call);
                    let at = self.now + FIRST_PACKET;
                    self.timeline.plan(at, Happening::Op(id, Item::Audio(call)));
                    self.fact(id, Input::Call(call, CallEvent::Bridged { agent }));
                } else {
                    self.fact(id, Input::Call(call, CallEvent::BridgeFailed { agent }));
                }
            }
            Order::Dial { call, sip_call_id, permit } => {
                if !process.expected.take(call) {
                    return self.over(id, call, never_left());
                }
                process.call_ids.insert(call, sip_call_id.clone());
                let local = (process.address.ip(), 20_000).into();
                self.drive(id, |trunks, now| {
                    trunks.originate(call, sip_call_id, permit, local, vec![TrunkId(0)], now);
                });
            }
            Order::Expect { call } => process.expected.add(call),
            Order::HangUp { call } => {
                if process.call_ids.contains_key(&call) {
                    // The first packet is not later than the BYE.
                    if process.joined.contains(&call) {
                        self.agent_heard(id, call);
                    }
                    self.drive(id, |trunks, now| trunks.hang_up(call, now));
                } else {
                    process.expected.give_up(call);
                }
            }
            Order::Play { call, .. } => self.play(id, call),
            Order::Screen { call, listening } => self.screen(id, call, listening),
            Order::Unwritten { call } => {
                process.expected.take(call);
                self.over(id, call, never_left());
            }
            Order::Attend { .. }
            | Order::AttendNoMore { .. }
            | Order::Attendances { .. }
            | Order::AwaitGreetingEnd { .. }
            | Order::Converse(_)
            | Order::Fence { .. }
            | Order::FirstWords { .. }
            | Order::LogIn { .. }
            | Order::LogOut { .. }
            | Order::Press { .. }
            | Order::Stop { .. }
            | Order::Unbridge { .. }
            | Order::Voice { .. }
            | Order::Welcome { .. } => {}
        }
    }

    pub(super) fn over(&mut self, id: u32, call: CallId, cause: EndCause) {
        self.fact(id, Input::Call(call, CallEvent::Ended(cause)));
    }

    /// The trunks do something: what they send leaves, and what they tell is told.
    pub(super) fn drive(&mut self, id: u32, act: impl FnOnce(&mut Machine, Timestamp)) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        act(&mut process.trunks, self.now + process.off);
        let (packets, facts) = (process.trunks.take_packets(), process.trunks.take_facts());
        let address = process.address;
        for (to, bytes) in packets {
            self.witness_sent(id, &bytes);
            self.send(address, to, bytes);
        }
        facts.into_iter().for_each(|fact| self.hear(id, fact));
        self.work(id);
    }

    fn hear(&mut self, id: u32, fact: TrunkFact) {
        let TrunkFact { call, event, .. } = fact;
        match event {
            TrunkEvent::Answered(_) => self.fact(id, Input::Call(call, CallEvent::Answered)),
            TrunkEvent::Dialog(kept) => {
                let dialog = serde_json::to_string(&kept).ok();
                self.enter(id, Entry::Dialog { leg: StrayLeg::Call(call), dialog });
            }
            TrunkEvent::EarlyMedia(_) => self.fact(id, Input::Call(call, CallEvent::EarlyMedia)),
            TrunkEvent::Ended(cause) => {
                if let Some(process) = self.processes.get_mut(&id) {
                    process.call_ids.remove(&call);
                }
                self.over(id, call, cause);
            }
            TrunkEvent::Ringing => self.fact(id, Input::Call(call, CallEvent::Ringing)),
            TrunkEvent::Digit(_) | TrunkEvent::Incoming(_) | TrunkEvent::Retarget(_) => {}
        }
    }

    fn agent_heard(&mut self, id: u32, call: CallId) {
        let Some(call_id) = self.processes.get(&id).and_then(|p| p.call_ids.get(&call)) else {
            return;
        };
        let (call_id, now) = (call_id.clone(), self.now);
        let seen = self.witness.call(&call_id);
        if seen.over_at.is_none() {
            seen.agent_at.get_or_insert(now);
        }
    }

    /// What a process hears: an answer, or a refusal by a carrier that has not refused.
    fn witness_heard(&mut self, bytes: &Bytes) {
        let Some(words) = super::network::Words::of(bytes) else { return };
        let Some(status) = words.status_of_invite() else { return };
        let now = self.now;
        if status >= 200 {
            self.trail.note(now, format_args!("p: hears {status} {}", words.call_id));
        }
        let seen = self.witness.call(words.call_id);
        seen.heard = true;
        match status {
            200 => {
                seen.answer_heard_at.get_or_insert(now);
            }
            300.. => {
                seen.lied |= seen.answer_heard_at.is_none() && seen.refused != Some(status);
            }
            _ => {}
        }
    }

    /// What leaves, as the witness sees it.
    fn witness_sent(&mut self, id: u32, bytes: &Bytes) {
        let Some(words) = super::network::Words::of(bytes) else { return };
        let now = self.now;
        let seen = self.witness.call(words.call_id);
        if words.asks("INVITE") && seen.left_at.is_none() {
            (seen.left_at, seen.process) = (Some(now), id);
            self.trail.note(now, format_args!("p{id}: INVITE {}", words.call_id));
            let uri = words.first_line.split(' ').nth(1).and_then(carrier::called);
            seen.number = uri.map_or(0, PhoneNumber::digits);
        }
        seen.ack_left |= words.asks("ACK") && seen.answer_heard_at.is_some();
        if words.asks("BYE") || words.asks("CANCEL") {
            self.trail.note(now, format_args!("p{id}: {} {}", words.method, words.call_id));
            seen.ended_by_us_at.get_or_insert(now);
        }
    }
}
