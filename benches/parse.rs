//! What SIP costs: one message taken apart, one call at both ends, and whether a call grows dearer
//! with the calls that are already there.
//!
//! `cargo bench --bench parse`. A call is INVITE, 180, 200, ACK, BYE, 200 between two endpoints in
//! one thread, without sockets; it counts both ends, so a dialer's share is about half. Time moves
//! 1 ms a call, so that 32 s of finished transactions wait for their timers as they do at 1,000
//! calls a second.

use std::hint::black_box;
use std::net::SocketAddr;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use outdial::domain::Codec;
use outdial::sip::message::{Head, Message};
use outdial::sip::sdp::{self, LocalMedia};
use outdial::sip::{DialogId, Endpoint, EndpointConfig, Event, Input, Invite, Output};

const TICK: SignedDuration = SignedDuration::from_millis(1);

fn address(end: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 5060 + end as u16))
}

fn media(end: usize) -> LocalMedia {
    let address = SocketAddr::from(([127, 0, 0, 1], 40_000 + 2 * end as u16));
    LocalMedia { address, codecs: Codec::LAWS.to_vec(), srtp: None }
}

/// A caller and a callee, and the time.
struct Pair {
    ends: [Endpoint; 2],
    now: Timestamp,
    offer: String,
    answer: String,
}

impl Pair {
    fn new() -> Self {
        let end = |end| {
            let config = EndpointConfig::new(address(end), end as u64);
            Endpoint::new(EndpointConfig { dialogs_max: 1_000_000, ..config })
        };
        let offer = sdp::offer(&media(0), 1);
        let answer = sdp::answer(&offer, &media(1), 1).map(|(answer, _)| answer);
        Self {
            ends: [end(0), end(1)],
            now: Timestamp::UNIX_EPOCH,
            answer: answer.unwrap_or_default(),
            offer,
        }
    }

    fn invite(&self) -> Invite {
        Invite {
            next_hop: address(1),
            request_uri: "sip:+15551230001@127.0.0.1:5061".into(),
            from: "<sip:+15557650000@127.0.0.1:5060>".into(),
            to: "<sip:+15551230001@127.0.0.1:5061>".into(),
            sdp: self.offer.clone(),
            headers: Vec::new(),
            credentials: None,
        }
    }

    /// Carries packets to and fro until none is left, answering what comes in. The caller's dialog
    /// is hung up when it is answered, if it is to be.
    fn settle(&mut self, hang_up: bool) {
        loop {
            let mut quiet = true;
            for end in 0..2 {
                while let Some(output) = self.ends[end].poll_output() {
                    quiet = false;
                    match output {
                        Output::Event(event) => self.act(end, event, hang_up),
                        Output::Transmit { bytes, .. } => {
                            let datagram = Input::Datagram { from: address(end), bytes: &bytes };
                            self.ends[1 - end].handle_input(datagram, self.now);
                        }
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn act(&mut self, end: usize, event: Event, hang_up: bool) {
        match event {
            Event::Answered { dialog, sdp } => {
                let answer = sdp.unwrap_or_default();
                black_box(sdp::read_answer(&answer, &media(0)).is_ok());
                if hang_up {
                    self.ends[end].hang_up(dialog, self.now);
                }
            }
            Event::Incoming { dialog, .. } => {
                self.ends[end].ring(dialog, 180, None, self.now);
                self.ends[end].answer(dialog, self.answer.clone(), self.now);
            }
            _ => {}
        }
    }

    fn call(&mut self, hang_up: bool) -> DialogId {
        self.now += TICK;
        for end in &mut self.ends {
            if end.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
                end.handle_input(Input::Timeout, self.now);
            }
        }
        let invite = self.invite();
        let dialog = self.ends[0].invite(invite, self.now);
        self.settle(hang_up);
        dialog
    }
}

/// The first packet that a caller sends, and the answer to it.
fn messages() -> [Vec<u8>; 2] {
    let mut pair = Pair::new();
    let invite = pair.invite();
    pair.ends[0].invite(invite, pair.now);
    let Some(Output::Transmit { bytes: invite, .. }) = pair.ends[0].poll_output() else {
        return Default::default();
    };
    let datagram = Input::Datagram { from: address(0), bytes: &invite };
    pair.ends[1].handle_input(datagram, pair.now);
    let mut answer = Vec::new();
    while let Some(output) = pair.ends[1].poll_output() {
        match output {
            Output::Event(event) => pair.act(1, event, false),
            Output::Transmit { bytes, .. } => answer = bytes.to_vec(),
        }
    }
    [invite.to_vec(), answer]
}

fn parse(criterion: &mut Criterion) {
    for (name, bytes) in ["INVITE", "200"].into_iter().zip(messages()) {
        criterion.bench_function(&format!("parse {name}, {} bytes", bytes.len()), |bencher| {
            bencher.iter(|| {
                let head = Head::read(black_box(&bytes)).expect("it has a head");
                Message::parse(&head.text, head.rest).expect("it is good").body.len()
            });
        });
    }
}

fn call(criterion: &mut Criterion) {
    for live in [0, 1_000, 10_000] {
        let mut pair = Pair::new();
        for _ in 0..live {
            pair.call(false);
        }
        criterion.bench_function(&format!("a call at both ends, {live} others live"), |bencher| {
            bencher.iter_batched(|| (), |()| pair.call(true), BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, parse, call);
criterion_main!(benches);
