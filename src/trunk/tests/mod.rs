//! The desk against carriers made of the same SIP engine, in virtual time: no socket, no clock.

mod behaviour;
mod failure;
mod identity;
mod inbound;
mod passport;
mod places;
mod srtp;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::config::{Login, TrunkConfig, TrunksConfig};
use super::desk::Desk;
use super::directory::{Directory, Route};
use super::fact::{TrunkEvent, TrunkHealth};
use crate::call::EndCause;
use crate::compliance::{Gate, Permit, Rulebooks};
use crate::domain::{
    Amd, AmdDeadline, AnswerRules, Calendar, CallId, Campaign, CampaignId, Country, Lead, LeadId,
    LeadOrder, PacingMode, PhoneNumber, SafeHarbour, Share, TrunkId, WaitFrom,
};
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{
    DialogId, Endpoint, EndpointConfig, Event, IncomingInvite, Input, Output, RequestId,
};

pub(super) const CALL: CallId = CallId(1);
pub(super) const EAST: TrunkId = TrunkId(0);
pub(super) const WEST: TrunkId = TrunkId(1);

/// A carrier: an endpoint, what it heard and did not take care of yet.
pub(super) struct Carrier {
    pub(super) sip: Endpoint,
    pub(super) heard: VecDeque<Event>,
    /// Takes no packet and sends none.
    pub(super) dead: bool,
}

/// The desk, two carriers and the wire between them.
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) desk: Desk,
    pub(super) sip: Endpoint,
    pub(super) carriers: [Carrier; 2],
    pub(super) told: Vec<(CallId, TrunkEvent)>,
    /// What a crash would need.
    pub(super) kept: Vec<(CallId, TrunkEvent)>,
    /// Packets that we sent.
    pub(super) sent: usize,
    wire: VecDeque<(SocketAddr, SocketAddr, Bytes)>,
}

pub(super) fn address(port: u16) -> SocketAddr {
    ([192, 0, 2, 1], port).into()
}

pub(super) fn media(port: u16) -> LocalMedia {
    use crate::domain::Codec;
    LocalMedia { address: address(port), codecs: vec![Codec::PCMU], srtp: None }
}

fn carrier(port: u16) -> Carrier {
    let sip = Endpoint::new(EndpointConfig::new(address(port), port.into()));
    Carrier { sip, heard: VecDeque::new(), dead: false }
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(adjust: impl Fn(&mut TrunkConfig)) -> Self {
        Self::of(adjust, |_| {})
    }

    /// Carriers that register us.
    pub(super) fn with_registrar(adjust: impl Fn(&mut TrunkConfig)) -> Self {
        let mut world = Self::with(adjust);
        for (carrier, port) in world.carriers.iter_mut().zip([5071, 5072]) {
            let config = EndpointConfig::new(address(port), port.into());
            carrier.sip = Endpoint::new(EndpointConfig { registrar: true, ..config });
        }
        world
    }

    /// So many calls at once on both.
    pub(super) fn with_total(channels_max: u32) -> Self {
        Self::of(|_| {}, |config| config.channels_max = Some(channels_max))
    }

    fn of(adjust: impl Fn(&mut TrunkConfig), total: impl Fn(&mut TrunksConfig)) -> Self {
        let now = Timestamp::from_second(1_750_000_000).unwrap();
        let mut config = TrunksConfig::new(address(5060), 1);
        total(&mut config);
        for (id, name, port) in [(EAST, "east", 5071), (WEST, "west", 5072)] {
            let mut trunk = TrunkConfig::new(id, name, address(port));
            trunk.login = Some(Login {
                username: "dialer".to_owned(),
                password: "s3cret".to_owned(),
                realm: None,
            });
            adjust(&mut trunk);
            config.trunks.push(trunk);
        }
        config.directory = Directory::new([Route {
            number: PhoneNumber::from_e164("+12015550100").unwrap(),
            campaign: CampaignId(7),
            country: Country::US,
            trunks: vec![EAST],
        }]);
        config.first_inbound = CallId(100);
        let callers = config.trunks.iter().flat_map(TrunkConfig::networks).collect();
        let sip = EndpointConfig { callers, ..EndpointConfig::new(config.bind, 1) };
        Self {
            now,
            desk: Desk::new(config, now),
            sip: Endpoint::new(sip),
            carriers: [carrier(5071), carrier(5072)],
            told: Vec::new(),
            kept: Vec::new(),
            sent: 0,
            wire: VecDeque::new(),
        }
    }

    pub(super) fn originate(&mut self, call: CallId) {
        let order = vec![EAST, WEST];
        let sip_call_id = format!("call-{}", call.0);
        self.desk.originate(call, sip_call_id, permit(self.now), address(4000), order, self.now);
        self.settle();
    }

    pub(super) fn hang_up(&mut self, call: CallId) {
        self.desk.hang_up(call, &mut self.sip, self.now);
    }

    /// Lets packets fly and timers fire for so long.
    pub(super) fn run(&mut self, length: SignedDuration) {
        let end = self.now + length;
        loop {
            self.settle();
            let timers = [
                self.desk.poll_timeout(),
                self.sip.poll_timeout().map(|(at, _)| at),
                self.carriers[0].sip.poll_timeout().map(|(at, _)| at),
                self.carriers[1].sip.poll_timeout().map(|(at, _)| at),
            ];
            match timers.into_iter().flatten().min().filter(|at| *at <= end) {
                None => break,
                Some(at) => self.now = self.now.max(at),
            }
            self.sip.handle_input(Input::Timeout, self.now);
            for carrier in &mut self.carriers {
                carrier.sip.handle_input(Input::Timeout, self.now);
            }
        }
        self.now = end;
    }

    pub(super) fn run_s(&mut self, seconds: i64) {
        self.run(SignedDuration::from_secs(seconds));
    }

    /// Lets packets fly until none is left. No time passes.
    pub(super) fn settle(&mut self) {
        loop {
            self.collect();
            self.desk.register(&mut self.sip, self.now);
            self.desk.probe(&mut self.sip, self.now);
            self.desk.outwait(&mut self.sip, self.now);
            self.desk.give_up_doomed(&mut self.sip, self.now);
            self.desk.place(&mut self.sip, self.now);
            self.collect();
            let facts = self.desk.take_facts();
            let kept = |event: &TrunkEvent| matches!(event, TrunkEvent::Dialog(_));
            let facts = facts.into_iter().map(|fact| (fact.call, fact.event));
            let (kept, told): (Vec<_>, Vec<_>) = facts.partition(|(_, event)| kept(event));
            self.kept.extend(kept);
            self.told.extend(told);
            let Some((from, to, bytes)) = self.wire.pop_front() else { return };
            let input = Input::Datagram { from, bytes: &bytes };
            if to == address(5060) {
                self.sip.handle_input(input, self.now);
            }
            for carrier in &mut self.carriers {
                if to == carrier.sip.contact() && !carrier.dead {
                    carrier.sip.handle_input(input, self.now);
                }
            }
        }
    }

    fn collect(&mut self) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                Output::Event(event) => self.desk.absorb(event, &mut self.sip, self.now),
                Output::Transmit { to, bytes } => {
                    self.sent += 1;
                    self.wire.push_back((address(5060), to, bytes));
                }
            }
        }
        for carrier in &mut self.carriers {
            while let Some(output) = carrier.sip.poll_output() {
                match output {
                    Output::Event(event) => carrier.heard.push_back(event),
                    Output::Transmit { .. } if carrier.dead => {}
                    Output::Transmit { to, bytes } => {
                        self.wire.push_back((carrier.sip.contact(), to, bytes));
                    }
                }
            }
        }
    }

    /// The INVITE that came to a carrier, if one did.
    pub(super) fn invited(&mut self, trunk: TrunkId) -> Option<(DialogId, IncomingInvite)> {
        let heard = &mut self.carriers[usize::from(trunk.0)].heard;
        while let Some(event) = heard.pop_front() {
            if let Event::Incoming { dialog, invite, .. } = event {
                return Some((dialog, *invite));
            }
        }
        None
    }

    /// The REGISTER that came to a carrier, if one did.
    pub(super) fn registered(&mut self, trunk: TrunkId) -> Option<RequestId> {
        let heard = &mut self.carriers[usize::from(trunk.0)].heard;
        while let Some(event) = heard.pop_front() {
            if let Event::Request { id, .. } = event {
                return Some(id);
            }
        }
        None
    }

    /// The carrier answers the INVITE that came to it.
    pub(super) fn answer(&mut self, trunk: TrunkId) -> DialogId {
        let (dialog, invite) = self.invited(trunk).expect("an INVITE");
        let (answer, _) = sdp::answer(&invite.sdp.unwrap(), &media(6000), 1).unwrap();
        let now = self.now;
        self.carrier(trunk).answer(dialog, answer, now);
        self.settle();
        dialog
    }

    /// The carrier turns the INVITE away that came to it.
    pub(super) fn reject(&mut self, trunk: TrunkId, status: u16, headers: &[(&str, &str)]) {
        let (dialog, _) = self.invited(trunk).expect("an INVITE");
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(owned).collect();
        let now = self.now;
        self.carrier(trunk).reject(dialog, status, headers, now);
        self.settle();
    }

    pub(super) fn carrier(&mut self, trunk: TrunkId) -> &mut Endpoint {
        &mut self.carriers[usize::from(trunk.0)].sip
    }

    /// What was told of a call, in short: `ringing answered ended:busy/callee`.
    pub(super) fn story(&self, call: CallId) -> String {
        let words: Vec<String> = self
            .told
            .iter()
            .filter(|(told, _)| *told == call)
            .map(|(_, event)| match event {
                TrunkEvent::Answered(_) => "answered".to_owned(),
                TrunkEvent::Dialog(_) => "dialog".to_owned(),
                TrunkEvent::Digit(digit) => format!("digit:{}", digit.as_char()),
                TrunkEvent::EarlyMedia(_) => "early".to_owned(),
                TrunkEvent::Ended(cause) => {
                    format!("ended:{}/{:?}", cause.outcome, cause.fault).to_lowercase()
                }
                TrunkEvent::Incoming(incoming) => format!("incoming:{:?}", incoming.caller),
                TrunkEvent::Retarget(target) => format!("retarget:{:?}", target.direction),
                TrunkEvent::Ringing => "ringing".to_owned(),
            })
            .collect();
        words.join(" ")
    }

    pub(super) fn cause(&self, call: CallId) -> EndCause {
        let ended = |(told, event): &(CallId, TrunkEvent)| match event {
            TrunkEvent::Ended(cause) if *told == call => Some(cause.clone()),
            _ => None,
        };
        self.told.iter().find_map(ended).expect("an end")
    }

    pub(super) fn health(&self, trunk: TrunkId) -> TrunkHealth {
        self.desk.status()[usize::from(trunk.0)].health
    }

    pub(super) fn channels(&self) -> u32 {
        self.desk.status().iter().map(|status| status.channels).sum()
    }
}

/// A permit of the gate for a fictional number, good for five seconds.
pub(super) fn permit(now: Timestamp) -> Permit {
    let lead = Lead {
        id: LeadId(1),
        campaign: CampaignId(1),
        number: PhoneNumber::from_e164("+12015550123").unwrap(),
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: BTreeMap::new(),
        facts: Default::default(),
        history: Vec::new(),
        due_at: None,
    };
    let campaign = Campaign {
        id: CampaignId(1),
        name: "test".to_owned(),
        country: Country::new("US").unwrap(),
        caller_ids: vec![PhoneNumber::from_e164("+12015550199").unwrap()],
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: vec!["test-carrier".to_owned()],
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::Off,
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(30),
        talk_max: SignedDuration::from_secs(3600),
        safe_harbour: SafeHarbour { message: None, opt_out: None },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 10,
        recycling: BTreeMap::new(),
        dispositions: Vec::new(),
        script: Default::default(),
        order: LeadOrder::NewFirst,
    };
    Gate::new(Rulebooks::embedded(), []).check(&lead, &campaign, Default::default(), now).unwrap()
}
