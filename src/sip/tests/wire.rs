//! Two endpoints and the wire between them: 10 ms each way, with losses drawn from a seed.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::sip::{DialogId, Endpoint, EndpointConfig, Event, Input, Invite, Output};

pub const CALLER: usize = 0;
pub const CALLEE: usize = 1;

const DELAY: SignedDuration = SignedDuration::from_millis(10);

/// Two endpoints, the time, and what happened.
pub struct Wire {
    pub now: Timestamp,
    pub ends: [Endpoint; 2],
    /// Every event of each end, in order.
    pub events: [Vec<Event>; 2],
    /// The first line of every packet, lost ones too: from which end, and what.
    pub lines: Vec<(usize, String)>,
    flying: BTreeMap<(Timestamp, u64), (usize, Bytes)>,
    sent: u64,
    loss: f64,
    chance: Pcg64,
}

pub fn address(end: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1 + end as u8], 5060))
}

impl Wire {
    pub fn new() -> Self {
        Self::losing(0.0, 1)
    }

    pub fn losing(loss: f64, seed: u64) -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            ends: [CALLER, CALLEE].map(|end| {
                let config = EndpointConfig::new(address(end), seed * 2 + end as u64);
                Endpoint::new(EndpointConfig { registrar: true, ..config })
            }),
            events: [Vec::new(), Vec::new()],
            lines: Vec::new(),
            flying: BTreeMap::new(),
            sent: 0,
            loss,
            chance: Pcg64::seed_from_u64(seed),
        }
    }

    /// The caller calls, and the callee hears of it.
    pub fn call(&mut self) -> (DialogId, DialogId) {
        let caller = self.ends[CALLER].invite(invite(), self.now);
        self.run(SignedDuration::from_secs(10));
        (caller, self.incoming())
    }

    /// A call that is answered and confirmed.
    pub fn talk(&mut self) -> (DialogId, DialogId) {
        let (caller, callee) = self.call();
        self.ends[CALLEE].answer(callee, "v=0\r\ns=callee\r\n".into(), self.now);
        self.run(SignedDuration::from_secs(20));
        (caller, callee)
    }

    /// The dialog of the last call that came in.
    pub fn incoming(&self) -> DialogId {
        let dialogs = self.events[CALLEE].iter().rev();
        dialogs
            .filter_map(|event| match event {
                Event::Incoming { dialog, .. } => Some(*dialog),
                _ => None,
            })
            .next()
            .expect("a call came in")
    }

    /// Lets `time` pass.
    pub fn run(&mut self, time: SignedDuration) {
        let end = self.now + time;
        loop {
            self.drain();
            let packet = self.flying.first_key_value().map(|((at, _), _)| *at);
            let timers = self.ends.each_ref().map(|end| end.poll_timeout().map(|(at, _)| at));
            let next = [packet, timers[CALLER], timers[CALLEE]].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if packet == Some(next) {
                let (_, (to, bytes)) = self.flying.pop_first().expect("it is there");
                let from = address(1 - to);
                self.ends[to].handle_input(Input::Datagram { from, bytes: &bytes }, self.now);
            } else {
                for end in &mut self.ends {
                    end.handle_input(Input::Timeout, self.now);
                }
            }
        }
        self.now = end;
    }

    fn drain(&mut self) {
        for end in [CALLER, CALLEE] {
            while let Some(output) = self.ends[end].poll_output() {
                match output {
                    Output::Event(event) => self.events[end].push(event),
                    Output::Transmit { to, bytes } => {
                        assert_eq!(to, address(1 - end), "a packet to a stranger");
                        let text = String::from_utf8_lossy(&bytes);
                        self.lines.push((end, text.lines().next().unwrap_or("").to_owned()));
                        if !self.chance.random_bool(self.loss) {
                            self.sent += 1;
                            self.flying.insert((self.now + DELAY, self.sent), (1 - end, bytes));
                        }
                    }
                }
            }
        }
    }

    /// How many packets of that end start so.
    pub fn count(&self, end: usize, start: &str) -> usize {
        self.lines.iter().filter(|(from, line)| *from == end && line.starts_with(start)).count()
    }

    /// Last events: one for every dialog, no more and no less.
    pub fn last_events(&self, end: usize) -> Vec<&Event> {
        self.events[end]
            .iter()
            .filter(|event| matches!(event, Event::Ended { .. } | Event::Failed { .. }))
            .collect()
    }
}

pub fn invite() -> Invite {
    Invite {
        next_hop: address(CALLEE),
        request_uri: "sip:+15551230001@carrier.example".into(),
        from: "\"Acme\" <sip:+15557650000@dialer.example>".into(),
        to: "<sip:+15551230001@carrier.example>".into(),
        sdp: "v=0\r\ns=caller\r\n".into(),
        headers: vec![("P-Asserted-Identity".into(), "<sip:+15557650000@dialer.example>".into())],
        credentials: None,
    }
}
