//! The desk against phones made of the same SIP engine, in virtual time: no socket, no clock.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::config::{Extension, StationConfig};
use super::desk::Desk;
use super::fact::{LegEnd, StationEvent};
use crate::domain::{AgentId, Codec, Direction};
use crate::sip::digest::{self, Algorithm};
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{
    Credentials, DialogId, Endpoint, EndpointConfig, Event, Input, Invite, Output, Register,
};

const ANN: AgentId = AgentId(7);
const REALM: &str = "dialer.example";

struct World {
    now: Timestamp,
    desk: Desk,
    sip: Endpoint,
    phone: Endpoint,
    heard: VecDeque<Event>,
    told: Vec<(AgentId, StationEvent)>,
    wire: VecDeque<(SocketAddr, SocketAddr, Bytes)>,
}

fn address(port: u16) -> SocketAddr {
    ([192, 0, 2, 1], port).into()
}

fn media(port: u16) -> LocalMedia {
    LocalMedia { address: address(port), codecs: vec![Codec::PCMU], srtp: None }
}

fn extension(agent: AgentId, name: &str) -> Extension {
    let ha1 = |algorithm| Some(digest::ha1(algorithm, name, REALM, "s3cret"));
    Extension {
        agent,
        name: name.to_owned(),
        md5: ha1(Algorithm::Md5),
        sha256: ha1(Algorithm::Sha256),
    }
}

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials { username: name.to_owned(), password: password.to_owned(), realm: None }
}

impl World {
    fn new() -> Self {
        let config = StationConfig::new(address(5060), REALM, 1);
        let sip = EndpointConfig { registrar: true, ..EndpointConfig::new(config.bind, 1) };
        let mut world = Self {
            now: Timestamp::from_second(1_750_000_000).unwrap(),
            desk: Desk::new(config),
            sip: Endpoint::new(sip),
            phone: Endpoint::new(EndpointConfig::new(address(5062), 2)),
            heard: VecDeque::new(),
            told: Vec::new(),
            wire: VecDeque::new(),
        };
        let extensions = vec![extension(ANN, "ann"), extension(AgentId(8), "bob")];
        world.desk.set_extensions(extensions, &mut world.sip, world.now);
        world
    }

    fn registered() -> Self {
        let mut world = Self::new();
        assert_eq!(world.register("ann", "ann", "s3cret", 300), Some(200));
        world.told.clear();
        world
    }

    /// Registers `aor` with the password of `name`, and says with what status.
    fn register(&mut self, aor: &str, name: &str, password: &str, expires_s: u32) -> Option<u16> {
        let register = Register {
            next_hop: address(5060),
            aor: format!("sip:{aor}@{REALM}"),
            expires_s,
            credentials: Some(credentials(name, password)),
        };
        self.phone.register(register, self.now);
        self.run_s(1);
        self.heard.iter().rev().find_map(|event| match event {
            Event::Response { status, .. } => *status,
            _ => None,
        })
    }

    fn run_s(&mut self, seconds: i64) {
        let end = self.now + SignedDuration::from_secs(seconds);
        loop {
            self.settle();
            let timers = [
                self.desk.poll_timeout(),
                self.sip.poll_timeout().map(|(at, _)| at),
                self.phone.poll_timeout().map(|(at, _)| at),
            ];
            match timers.into_iter().flatten().min().filter(|at| *at <= end) {
                None => break,
                Some(at) => self.now = self.now.max(at),
            }
            self.sip.handle_input(Input::Timeout, self.now);
            self.phone.handle_input(Input::Timeout, self.now);
        }
        self.now = end;
    }

    fn settle(&mut self) {
        loop {
            self.desk.expire(&mut self.sip, self.now);
            while let Some(output) = self.sip.poll_output() {
                match output {
                    Output::Event(event) => self.desk.absorb(event, &mut self.sip, self.now),
                    Output::Transmit { to, bytes } => {
                        self.wire.push_back((address(5060), to, bytes));
                    }
                }
            }
            while let Some(output) = self.phone.poll_output() {
                match output {
                    Output::Event(event) => self.heard.push_back(event),
                    Output::Transmit { to, bytes } => {
                        self.wire.push_back((address(5062), to, bytes));
                    }
                }
            }
            let facts = self.desk.take_facts();
            self.told.extend(facts.into_iter().map(|fact| (fact.agent, fact.event)));
            let Some((from, to, bytes)) = self.wire.pop_front() else { return };
            let input = Input::Datagram { from, bytes: &bytes };
            if to == address(5060) {
                self.sip.handle_input(input, self.now);
            } else if to == address(5062) {
                self.phone.handle_input(input, self.now);
            }
        }
    }

    /// The phone picks up the call that came to it.
    fn pick_up(&mut self) -> DialogId {
        let (dialog, offer) = self.called().expect("an INVITE");
        let (answer, _) = sdp::answer(&offer, &media(6000), 1).unwrap();
        self.phone.answer(dialog, answer, self.now);
        self.settle();
        dialog
    }

    fn called(&mut self) -> Option<(DialogId, String)> {
        while let Some(event) = self.heard.pop_front() {
            if let Event::Incoming { dialog, invite, .. } = event {
                return Some((dialog, invite.sdp.unwrap()));
            }
        }
        None
    }

    /// Calls `sip:user@dialer` from ann's phone.
    fn dial(&mut self, user: &str, name: &str, password: &str) -> DialogId {
        let uri = format!("sip:{user}@{REALM}");
        let invite = Invite {
            next_hop: address(5060),
            request_uri: uri.clone(),
            from: format!("<sip:{name}@{REALM}>"),
            to: format!("<{uri}>"),
            sdp: sdp::offer(&media(6000), 1),
            headers: Vec::new(),
            credentials: Some(credentials(name, password)),
        };
        let dialog = self.phone.invite(invite, self.now);
        self.settle();
        dialog
    }

    /// What was told of ann, in short.
    fn story(&self) -> String {
        let word = |event: &StationEvent| match event {
            StationEvent::Away => "away".to_owned(),
            StationEvent::IncomingLeg => "incoming".to_owned(),
            StationEvent::LegDown(why) => format!("down:{why:?}"),
            StationEvent::Dialog(_) => "dialog".to_owned(),
            StationEvent::LegUp(_) => "up".to_owned(),
            StationEvent::Registered => "registered".to_owned(),
            StationEvent::Retarget(target) => format!("retarget:{:?}", target.direction),
            StationEvent::Unregistered => "unregistered".to_owned(),
        };
        let kept = |event: &StationEvent| matches!(event, StationEvent::Dialog(_));
        let told = self.told.iter().filter(|(_, event)| !kept(event));
        let words: Vec<String> = told.map(|(_, event)| word(event)).collect();
        assert!(self.told.iter().all(|(agent, _)| *agent == ANN));
        words.join(" ")
    }

    fn refused_with(&self) -> Option<u16> {
        self.heard.iter().find_map(|event| match event {
            Event::Failed { failure, .. } => failure.status,
            _ => None,
        })
    }
}

#[test]
fn a_phone_registers_by_its_password_and_its_registration_runs_out() {
    let mut world = World::new();
    assert_eq!(world.register("ann", "ann", "s3cret", 300), Some(200));
    world.run_s(200);
    assert_eq!(world.register("ann", "ann", "s3cret", 300), Some(200));
    world.run_s(298);
    assert_eq!(world.story(), "registered");
    world.run_s(3);
    assert_eq!(world.story(), "registered unregistered");
}

#[test]
fn a_phone_may_take_its_registration_back() {
    let mut world = World::new();
    world.register("ann", "ann", "s3cret", 300);
    assert_eq!(world.register("ann", "ann", "s3cret", 0), Some(200));
    assert_eq!(world.story(), "registered unregistered");
}

#[test]
fn nobody_registers_without_the_password_or_for_another() {
    let mut world = World::new();
    assert_eq!(world.register("ann", "ann", "guess", 300), Some(401));
    assert_eq!(world.register("ann", "eve", "s3cret", 300), Some(401));
    assert_eq!(world.register("ann", "bob", "s3cret", 300), Some(403));
    assert_eq!(world.register("ann", "ann", "s3cret", 10), Some(423));
    assert_eq!(world.story(), "");
}

#[test]
fn a_leg_comes_up_and_the_agent_may_hang_up() {
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    let dialog = world.pick_up();
    world.run_s(3600);
    assert_eq!(world.story(), "up unregistered", "a leg outlives the registration");
    let held = sdp::offer(&media(6000), 2).replace("a=sendrecv", "a=sendonly");
    world.phone.reoffer(dialog, held, world.now);
    world.run_s(1);
    world.phone.hang_up(dialog, world.now);
    world.run_s(1);
    let held = Direction::ReceiveOnly;
    assert_eq!(world.story(), format!("up unregistered retarget:{held:?} down:HungUp"));
}

#[test]
fn a_leg_is_dropped_once() {
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    world.pick_up();
    world.desk.drop(ANN, &mut world.sip, world.now);
    world.desk.drop(ANN, &mut world.sip, world.now);
    world.run_s(60);
    assert_eq!(world.story(), "up down:Dropped");
    assert!(world.desk.is_idle());
}

#[test]
fn a_phone_that_is_not_there_or_does_not_pick_up_says_so() {
    let mut world = World::new();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    assert_eq!(world.story(), format!("down:{:?}", LegEnd::NotRegistered));
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    let (dialog, _) = world.called().unwrap();
    world.phone.ring(dialog, 180, None, world.now);
    world.run_s(31);
    assert_eq!(world.story(), format!("down:{:?}", LegEnd::NotAnswered(None)));
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    let (dialog, _) = world.called().unwrap();
    world.phone.reject(dialog, 486, Vec::new(), world.now);
    world.run_s(1);
    assert_eq!(world.story(), format!("down:{:?}", LegEnd::NotAnswered(Some(486))));
}

#[test]
fn a_phone_without_usable_audio_gets_no_leg() {
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    let (dialog, _) = world.called().unwrap();
    world.phone.answer(dialog, "v=0\r\nm=audio 99999 RTP/AVP x\r\n".to_owned(), world.now);
    world.run_s(1);
    assert_eq!(world.story(), format!("down:{:?}", LegEnd::NoMedia));
}

#[test]
fn a_registered_phone_may_dial_in() {
    let mut world = World::registered();
    world.dial("login", "ann", "s3cret");
    assert_eq!(world.story(), "incoming");
    world.desk.accept(ANN, address(4000), &mut world.sip, world.now);
    world.run_s(1);
    assert_eq!(world.story(), "incoming up");
    world.run_s(60);
    world.desk.drop(ANN, &mut world.sip, world.now);
    world.run_s(1);
    assert_eq!(world.story(), "incoming up down:Dropped");
}

#[test]
fn a_phone_that_dials_in_and_is_not_accepted_is_turned_away() {
    let mut world = World::registered();
    world.dial("login", "ann", "s3cret");
    world.run_s(31);
    assert_eq!(world.story(), format!("incoming down:{:?}", LegEnd::NotAnswered(None)));
    assert_eq!(world.refused_with(), Some(480));
}

#[test]
fn strangers_and_wrong_numbers_ring_nowhere() {
    for (user, name, password, status) in [
        ("login", "ann", "guess", 401),
        ("login", "eve", "s3cret", 401),
        ("login", "bob", "s3cret", 403),
        ("+12015550123", "ann", "s3cret", 404),
    ] {
        let mut world = World::registered();
        world.dial(user, name, password);
        world.run_s(1);
        assert_eq!(world.refused_with(), Some(status), "{user} {name}");
        assert_eq!(world.story(), "");
    }
}

#[test]
fn an_agent_who_is_taken_off_the_table_loses_registration_and_leg() {
    let mut world = World::registered();
    world.desk.call(ANN, address(4000), &mut world.sip, world.now);
    world.settle();
    world.pick_up();
    world.desk.set_extensions(Vec::new(), &mut world.sip, world.now);
    world.run_s(1);
    assert_eq!(world.story(), "up unregistered down:Dropped");
    assert_eq!(world.register("ann", "ann", "s3cret", 300), Some(401));
}
