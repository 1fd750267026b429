//! Calls: one leg toward a trunk each.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::inbound::{Arrival, Stage};
use super::keys::{Keys, Told};
use super::{CampaignLine, Owner, Switchboard, never_left, tone};
use crate::amd::{Detector, EarlyMedia, Signal};
use crate::call::{CallEvent, EndCause};
use crate::clock;
use crate::compliance::Permit;
use crate::crash::{self, Point};
use crate::dialer::Message;
use crate::domain::{
    AgentId, AnswerRules, CallId, CampaignId, Digit, Fault, Listening, MachineRule, Outcome,
};
use crate::media::{Leg, LegId, MediaEvent, MediaFact, Repeat, Screening};
use crate::server::first_words;
use crate::server::promises::Expected;
use crate::trunk::{TrunkEvent, TrunkFact};

/// One call's leg.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) leg: LegId,
    /// Where its audio is to go.
    pub(super) local: SocketAddr,
    pub(super) campaign: CampaignId,
    /// It has come in.
    pub(super) arrival: Option<Arrival>,
    recorded: bool,
    screened: bool,
    answer: Answer,
    keys: Keys,
    /// The line's last word, kept until the media leg is closed.
    pub(super) ended: Option<(Timestamp, EndCause)>,
    /// The file with what the detector heard.
    kept: Option<String>,
}

impl Line {
    fn new(Leg { id: leg, local }: Leg, campaign: CampaignId, answer: Answer) -> Self {
        let (recorded, screened) = (false, false);
        Self {
            leg,
            local,
            campaign,
            arrival: None,
            recorded,
            screened,
            answer,
            keys: Keys::default(),
            ended: None,
            kept: None,
        }
    }

    pub(super) fn of_caller(leg: Leg, campaign: CampaignId, arrival: Arrival) -> Self {
        Self { arrival: Some(arrival), ..Self::new(leg, campaign, Answer::Come) }
    }
}

/// Whether somebody, or something, has picked up.
#[derive(Debug)]
enum Answer {
    /// Yes.
    Come,
    /// Not yet; what listens for the network's tones when early media comes.
    Due(Option<Box<EarlyMedia>>),
    /// None is expected: the network has said by its tones how the call ends.
    Never(Outcome, Fault),
}

/// The calls that are up, and those that are about to be dialed.
pub(super) struct Lines {
    pub(super) campaigns: BTreeMap<CampaignId, CampaignLine>,
    expected: Expected,
    /// Calls that came in and were over before they were written down: since when, when, and how.
    pub(super) gone: BTreeMap<CallId, (Timestamp, Timestamp, EndCause)>,
    pub(super) up: BTreeMap<CallId, Line>,
}

impl Lines {
    pub(super) fn new(campaigns: BTreeMap<CampaignId, CampaignLine>) -> Self {
        let expected = Expected::default();
        Self { campaigns, expected, gone: BTreeMap::new(), up: BTreeMap::new() }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = CallId> {
        self.up.keys().copied()
    }
}

impl Switchboard {
    pub(super) async fn dial(&mut self, call: CallId, sip_call_id: String, permit: Permit) {
        if !self.lines.expected.take(call) {
            return self.tell_call(clock::now(), call, CallEvent::Ended(never_left())).await;
        }
        let campaign = permit.campaign();
        let Some(trunks) = self.lines.campaigns.get(&campaign).map(|line| line.trunks.clone())
        else {
            return self.tell_call(clock::now(), call, CallEvent::Ended(never_left())).await;
        };
        let leg = match self.engine.open() {
            Ok(leg) => leg,
            Err(error) => {
                tracing::error!(%call, %error, "no media leg; not dialed");
                return self.tell_call(clock::now(), call, CallEvent::Ended(never_left())).await;
            }
        };
        self.owners.insert(leg.id, Owner::Call(call));
        let ear = permit.number(clock::now()).ok().map(|number| Box::new(EarlyMedia::to(number)));
        self.lines.up.insert(call, Line::new(leg, campaign, Answer::Due(ear)));
        self.trunks.originate(call, sip_call_id, permit, leg.local, trunks);
    }

    pub(super) fn expect(&mut self, call: CallId) {
        self.lines.expected.add(call);
    }

    pub(super) async fn unwritten(&mut self, call: CallId) {
        if self.unwelcome(call) {
            return;
        }
        self.lines.expected.take(call);
        self.tell_call(clock::now(), call, CallEvent::Ended(never_left())).await;
    }

    /// Ends a call that is up, or keeps one from being dialed. Nothing for one that is over.
    pub(super) fn hang_up(&mut self, call: CallId) {
        if self.lines.up.contains_key(&call) {
            self.trunks.hang_up(call);
        } else {
            self.lines.expected.give_up(call);
        }
    }

    pub(super) fn play(&mut self, call: CallId, message: Message) {
        let Some(line) = self.lines.up.get(&call) else { return };
        let Some(campaign) = self.lines.campaigns.get(&line.campaign) else { return };
        match message {
            Message::Campaign => {
                self.engine.play(line.leg, campaign.message.clone(), Repeat::Once);
            }
            Message::Identification => {
                self.engine.play(line.leg, campaign.identification.clone(), Repeat::Once);
            }
            Message::SafeHarbour => {
                self.engine.play(line.leg, campaign.safe_harbour.clone(), Repeat::Once);
            }
            Message::Voicemail => {
                self.engine.play(line.leg, campaign.voicemail.clone(), Repeat::Once);
            }
        }
    }

    pub(super) fn await_greeting_end(&mut self, call: CallId, limit: SignedDuration) {
        if let Some(line) = self.lines.up.get(&call) {
            self.engine.await_greeting_end(line.leg, limit);
        }
    }

    pub(super) fn screen(&mut self, call: CallId, listening: Listening) {
        if let Some(line) = self.lines.up.get_mut(&call) {
            line.screened = true;
            let answers = self.lines.campaigns.get(&line.campaign).map(|it| &it.campaign.answers);
            let detector = Detector::new(listening.limit)
                .within(listening.after_greeting)
                .biased(answers.map_or(0.0, |it| it.person_bias) as f32);
            let leaves_message = |it: &&AnswerRules| it.machine == MachineRule::LeaveMessage;
            let greeting_max = answers.filter(leaves_message).map(|it| it.greeting_max);
            let screening = Screening::from(detector)
                .telling(listening.likely)
                .following_greeting(greeting_max)
                .going_on(listening.on);
            self.engine.screen(line.leg, screening);
        }
    }

    pub(super) async fn bridge(&mut self, call: CallId, agent: AgentId) {
        let seat = self.seats.leg(agent);
        let line = self.lines.up.get_mut(&call).filter(|line| line.ended.is_none());
        let (Some(seat), Some(line)) = (seat, line) else {
            return self.tell_call(clock::now(), call, CallEvent::BridgeFailed { agent }).await;
        };
        let records = self
            .lines
            .campaigns
            .get(&line.campaign)
            .is_some_and(|campaign| campaign.campaign.recording);
        let leg = line.leg;
        if records && !line.recorded {
            line.recorded = true;
            self.engine.record(leg, format!("{call}.wav"));
        }
        // A caller's music ends, and what a screener was being told.
        self.engine.stop(leg);
        // The agent may have held somebody else.
        self.engine.stop(seat);
        // Who takes a person attends nobody.
        self.attend_no_more(agent);
        self.engine.bridge(leg, seat);
        self.two_talk(call, agent);
        crash::reached(Point::Bridged);
        self.tell_call(clock::now(), call, CallEvent::Bridged { agent }).await;
    }

    pub(super) fn unbridge(&mut self, call: CallId, _agent: AgentId) {
        self.none_talk(call);
        self.let_wait(call);
    }

    pub(super) async fn hear_trunk(&mut self, fact: TrunkFact) {
        let TrunkFact { at, call, event } = fact;
        let event = match event {
            TrunkEvent::Incoming(incoming) => return self.comes_in(at, call, *incoming),
            TrunkEvent::Answered(target) if self.caller_is_up(at, call, target).await => return,
            event => event,
        };
        let Some(line) = self.lines.up.get_mut(&call) else { return };
        let leg = line.leg;
        match event {
            // Also after tones that promised none: they may have been misheard, a 200 is not.
            TrunkEvent::Answered(target) => {
                crash::reached(Point::AnswerHeard);
                line.answer = Answer::Come;
                self.engine.hear_tones(leg, None);
                self.engine.connect(leg, target);
                self.engine.keep_first_words(leg);
                self.tell_call(at, call, CallEvent::Answered).await;
            }
            TrunkEvent::EarlyMedia(target) => {
                self.engine.connect(leg, target);
                if let Answer::Due(ear @ Some(_)) = &mut line.answer {
                    self.engine.hear_tones(leg, ear.take().map(|ear| *ear));
                }
                self.tell_call(at, call, CallEvent::EarlyMedia).await;
            }
            TrunkEvent::Dialog(kept) => self.write_down(Owner::Call(call), &kept),
            TrunkEvent::Ended(mut cause) => {
                // A response that came all the same says more than "cancelled".
                if let (Answer::Never(outcome, fault), Outcome::Cancelled) =
                    (&line.answer, cause.outcome)
                {
                    (cause.outcome, cause.fault) = (*outcome, *fault);
                }
                crash::reached(Point::CallEnded);
                line.ended = Some((at, cause));
                self.keep_screening(call);
                // The last word waits for the recording: `Closed` tells both.
                self.engine.close(leg);
            }
            TrunkEvent::Digit(digit) => self.pressed(at, call, digit, Told::ByInfo).await,
            // Dealt with above.
            TrunkEvent::Incoming(_) => {}
            TrunkEvent::Retarget(target) => self.engine.connect(leg, target),
            TrunkEvent::Ringing => self.tell_call(at, call, CallEvent::Ringing).await,
        }
    }

    pub(super) async fn hear_call_media(&mut self, call: CallId, fact: MediaFact) {
        let event = match fact.event {
            MediaEvent::Closed { recording, .. } => {
                return self.line_closed(call, fact.leg, fact.at, recording).await;
            }
            MediaEvent::Digit(digit) => {
                return self.pressed(fact.at, call, digit, Told::InAudio).await;
            }
            MediaEvent::Features(features) => CallEvent::Features(features),
            MediaEvent::GreetingOver(over) => CallEvent::GreetingOver(over),
            MediaEvent::Heard => return,
            MediaEvent::Likely(verdict) => CallEvent::Likely(verdict),
            MediaEvent::Played => CallEvent::Played,
            MediaEvent::Screened(verdict) => CallEvent::Screened(verdict),
            MediaEvent::Silent => CallEvent::MediaTimeout,
            MediaEvent::Tone(signal) => return self.hear_tone(call, signal, fact.at).await,
        };
        self.tell_call(fact.at, call, event).await;
    }

    /// What the called party said first, so far.
    pub(super) fn first_words(&self, call: CallId) -> Option<Vec<i16>> {
        self.engine.first_words(self.lines.up.get(&call)?.leg)
    }

    /// Keeps what the detector heard of a call that is over, where the campaign says so.
    fn keep_screening(&mut self, call: CallId) {
        let Some(line) = self.lines.up.get_mut(&call).filter(|line| line.screened) else { return };
        let campaign = self.lines.campaigns.get(&line.campaign);
        if campaign.is_none_or(|it| it.campaign.answers.keep_audio.is_none()) {
            return;
        }
        let Some(words) = self.engine.first_words(line.leg) else { return };
        line.kept = Some(first_words::keep(&self.store, call, words));
    }

    async fn pressed(&mut self, at: Timestamp, call: CallId, digit: Digit, told: Told) {
        let Some(line) = self.lines.up.get_mut(&call) else { return };
        if line.keys.is_new(digit, told, at) {
            self.tell_call(at, call, CallEvent::Digit(digit)).await;
        }
    }

    /// A tone before the answer says how the call ends: by a response soon, or without one. After
    /// the answer it says what the answer was.
    async fn hear_tone(&mut self, call: CallId, signal: Signal, at: Timestamp) {
        let Some(line) = self.lines.up.get_mut(&call) else { return };
        let Some((outcome, fault)) = tone::meaning(signal) else { return };
        match line.answer {
            Answer::Come => {
                return self.tell_call(at, call, CallEvent::ToneMeans(outcome)).await;
            }
            Answer::Due(_) => {}
            Answer::Never(..) => return,
        }
        tracing::info!(%call, %signal, %outcome, "the network says so before the answer");
        line.answer = Answer::Never(outcome, fault);
        self.trunks.expect_no_answer(call);
    }

    async fn line_closed(
        &mut self,
        call: CallId,
        leg: LegId,
        at: Timestamp,
        recording: Option<(String, SignedDuration)>,
    ) {
        self.owners.remove(&leg);
        let Some(line) = self.lines.up.remove(&call) else { return };
        let (ended_at, cause) = line.ended.unwrap_or_else(|| {
            // The engine closed the leg by itself: it is shutting down.
            self.trunks.hang_up(call);
            (at, never_left())
        });
        if let Some(arrival) = line.arrival
            && !matches!(arrival.stage, Stage::Told)
        {
            return self.left_early(call, arrival, ended_at, cause);
        }
        if let Some(file) = line.kept {
            self.tell_call(at, call, CallEvent::ScreeningKept(file)).await;
        }
        if let Some((file, length)) = recording {
            self.tell_call(at, call, CallEvent::Recorded { file, length }).await;
        }
        self.tell_call(ended_at, call, CallEvent::Ended(cause)).await;
    }
}
