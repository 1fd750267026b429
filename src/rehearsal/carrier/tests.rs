//! The carrier on loopback, dialed by a SIP endpoint and heard by the real detector.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::super::DrawnTime;
use super::super::audio::{Voice, beep};
use super::*;
use crate::amd::Detector;
use crate::clock;
use crate::domain::{Codec, Digit, MediaTarget, Verdict, VerdictKind};
use crate::media::{Leg, MediaEvent, MediaFact, Repeat};
use crate::sip::{DialogId, Event, Failure, Invite, sdp};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(15);

/// A world of one kind of number, in a hurry.
fn only(answer: Answer) -> CarrierConfig {
    let ms = |ms| DrawnTime::exactly(SignedDuration::from_millis(ms));
    CarrierConfig {
        numbers: Numbers::only(answer),
        post_dial_delay_s: ms(30),
        ring_s: ms(100),
        person: Person { patience_s: ms(2_500), talk_s: ms(700) },
        machine: Machine { greeting_s: ms(4_500), records_s: ms(300) },
        fax_stays_s: ms(1_500),
        silence_stays_s: ms(300),
        ..CarrierConfig::default()
    }
}

struct Caller {
    carrier: Carrier,
    ends: mpsc::UnboundedReceiver<CallEnd>,
    udp: Udp,
    engine: Engine,
    facts: mpsc::UnboundedReceiver<MediaFact>,
}

struct Dialed {
    dialog: DialogId,
    leg: Leg,
}

impl Caller {
    async fn of(config: CarrierConfig) -> Self {
        let any = SocketAddr::new(LOCALHOST, 0);
        let (carrier, ends) = Carrier::start(config, any, 1).await.unwrap();
        let media = MediaConfig {
            ip: LOCALHOST,
            ports: 28_000..=29_999,
            threads: 1,
            silence_max: SILENCE_MAX,
            load_max: 1.0,
            recordings: std::env::temp_dir(),
            seed: 2,
        };
        let (told, facts) = mpsc::unbounded_channel();
        let engine = Engine::start(media, told).unwrap();
        let udp = Udp::bind(any, EndpointConfig::new(any, 3)).unwrap();
        Self { carrier, ends, udp, engine, facts }
    }

    fn dial(&mut self, number: &str) -> Dialed {
        let leg = self.engine.open().unwrap();
        let host = self.carrier.address();
        let invite = Invite {
            next_hop: host,
            request_uri: format!("sip:{number}@{host}"),
            from: "<sip:+12015550100@127.0.0.1>".to_owned(),
            to: format!("<sip:{number}@{host}>"),
            sdp: sdp::offer(&local(leg), 1),
            headers: Vec::new(),
            credentials: None,
        };
        let dialog = self.udp.endpoint.invite(invite, clock::now());
        self.udp.flush();
        Dialed { dialog, leg }
    }

    /// The next events up to the one that is wanted, and what it says.
    async fn until<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> (Vec<u16>, T) {
        let mut provisional = Vec::new();
        let search = async {
            loop {
                for event in self.udp.next().await {
                    if let Event::Provisional { status, .. } = &event
                        && *status > 100
                    {
                        provisional.push(*status);
                    }
                    if let Some(found) = wanted(&event) {
                        return found;
                    }
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await.expect("it never happened");
        (provisional, found)
    }

    async fn failure(&mut self) -> (Vec<u16>, Failure) {
        self.until(|event| match event {
            Event::Failed { failure, .. } => Some(failure.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the answer and connects the leg; screens it, when asked.
    async fn answered(&mut self, dialed: &Dialed, screen: bool) {
        let (_, sdp) = self
            .until(|event| match event {
                Event::Answered { sdp, .. } => Some(sdp.clone().unwrap()),
                _ => None,
            })
            .await;
        self.connect(dialed, &sdp, screen);
    }

    fn connect(&self, dialed: &Dialed, sdp: &str, screen: bool) {
        let target: MediaTarget = sdp::read_answer(sdp, &local(dialed.leg)).unwrap();
        self.engine.connect(dialed.leg.id, target);
        if screen {
            self.engine.screen(dialed.leg.id, Detector::new(SignedDuration::from_secs(6)));
        }
    }

    /// The detector's word; SIP goes on meanwhile.
    async fn verdict(&mut self) -> Verdict {
        let listen = async {
            loop {
                tokio::select! {
                    _ = self.udp.next() => {}
                    fact = self.facts.recv() => {
                        if let MediaEvent::Screened(verdict) = fact.unwrap().event {
                            return verdict;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, listen).await.expect("no verdict")
    }

    async fn ended(&mut self) -> bool {
        self.until(|event| match event {
            Event::Ended { by_remote, .. } => Some(*by_remote),
            _ => None,
        })
        .await
        .1
    }

    async fn report(&mut self) -> CallEnd {
        tokio::time::timeout(PATIENCE, self.ends.recv()).await.unwrap().unwrap()
    }

    /// Lets SIP go on for a while.
    async fn wait(&mut self, ms: u64) {
        let udp = async {
            loop {
                self.udp.next().await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(ms), udp).await;
    }
}

fn local(leg: Leg) -> sdp::LocalMedia {
    sdp::LocalMedia { address: leg.local, codecs: vec![Codec::PCMU], srtp: None }
}

#[tokio::test]
async fn busy_declined_and_failed_numbers_say_so_with_their_cause() {
    for (answer, rings, status, cause) in [
        (Answer::Busy, &[][..], 486, 17),
        (Answer::Declined, &[180], 603, 21),
        (Answer::Failed, &[], 503, 34),
    ] {
        let mut caller = Caller::of(only(answer)).await;
        caller.dial("+12015550123");
        let (provisional, failure) = caller.failure().await;
        assert_eq!(provisional, rings, "{answer}");
        assert_eq!((failure.status, failure.q850), (Some(status), Some(cause)), "{answer}");
        let end = caller.report().await;
        assert_eq!((end.answer, end.ending), (answer, Ending::Refused(status)));
        assert_eq!(end.number.unwrap().to_e164(), "+12015550123");
    }
}

#[tokio::test]
async fn a_number_without_answer_rings_until_the_caller_gives_up() {
    let mut caller = Caller::of(only(Answer::NoAnswer)).await;
    let dialed = caller.dial("+12015550123");
    caller.wait(600).await;
    caller.udp.endpoint.hang_up(dialed.dialog, clock::now());
    caller.failure().await;
    let end = caller.report().await;
    assert_eq!((end.ending, end.answered_at), (Ending::Cancelled, None));
}

#[tokio::test]
async fn a_vacant_number_says_so_in_early_media_and_then_404() {
    let mut caller = Caller::of(only(Answer::Vacant)).await;
    let dialed = caller.dial("+12015550123");
    let (_, sdp) = caller
        .until(|event| match event {
            Event::Provisional { status: 183, sdp, .. } => Some(sdp.clone().unwrap()),
            _ => None,
        })
        .await;
    caller.connect(&dialed, &sdp, true);
    assert_eq!(caller.verdict().await.kind, VerdictKind::Tone);
    let (_, failure) = caller.failure().await;
    assert_eq!((failure.status, failure.q850), (Some(404), Some(1)));
}

#[tokio::test]
async fn a_fax_is_heard_as_a_fax_and_hangs_up_by_itself() {
    let mut caller = Caller::of(only(Answer::Fax)).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, true).await;
    assert_eq!(caller.verdict().await.kind, VerdictKind::Fax);
    assert!(caller.ended().await, "the fax is the one to hang up");
    assert_eq!(caller.report().await.ending, Ending::HungUp);
}

#[tokio::test]
async fn a_machine_is_heard_as_a_machine() {
    let mut caller = Caller::of(only(Answer::Machine)).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, true).await;
    assert_eq!(caller.verdict().await.kind, VerdictKind::Machine);
    assert!(caller.ended().await);
}

#[tokio::test]
async fn a_person_says_hello_and_talks_once_there_is_a_voice() {
    let mut caller = Caller::of(only(Answer::Person)).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, true).await;
    assert_eq!(caller.verdict().await.kind, VerdictKind::Human);
    let voice: Arc<[i16]> = Voice::new(9).phrase(12).into();
    caller.engine.play(dialed.leg.id, voice, Repeat::Forever);
    assert!(caller.ended().await, "the talk has its time");
    let end = caller.report().await;
    assert_eq!(end.ending, Ending::HungUp);
    let talk = end.ended_at.duration_since(end.heard_at.unwrap());
    assert!((600..=1_200).contains(&talk.as_millis()), "{talk}");
    assert!(end.audio.unwrap().received > 20);
}

#[tokio::test]
async fn a_person_who_hears_nothing_leaves() {
    let mut caller = Caller::of(only(Answer::Person)).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, false).await;
    assert!(caller.ended().await);
    let end = caller.report().await;
    assert_eq!((end.ending, end.heard_at), (Ending::HeardNothing, None));
    let up = end.ended_at.duration_since(end.answered_at.unwrap());
    assert!((2_400..=3_200).contains(&up.as_millis()), "{up}");
}

#[tokio::test]
async fn keys_are_taken_down_and_the_caller_may_hang_up() {
    let mut caller = Caller::of(only(Answer::Person)).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, false).await;
    caller.engine.play(dialed.leg.id, beep().into(), Repeat::Once);
    caller.wait(200).await;
    caller.engine.send_digit(dialed.leg.id, Digit::new('9').unwrap());
    caller.wait(400).await;
    caller.udp.endpoint.hang_up(dialed.dialog, clock::now());
    assert!(!caller.ended().await);
    let end = caller.report().await;
    assert_eq!((end.ending, end.digits.as_str()), (Ending::CallerHungUp, "9"));
}

#[tokio::test]
async fn a_stop_ends_live_calls_and_counts_them() {
    let mut config = only(Answer::Silence);
    config.silence_stays_s = DrawnTime::exactly(SignedDuration::from_secs(60));
    let mut caller = Caller::of(config).await;
    let dialed = caller.dial("+12015550123");
    caller.answered(&dialed, false).await;
    caller.wait(100).await;
    let Caller { carrier, mut udp, mut ends, .. } = caller;
    let stopped = tokio::spawn(carrier.stop());
    let hung_up = loop {
        let events = tokio::time::timeout(PATIENCE, udp.next()).await.unwrap();
        if let Some(Event::Ended { by_remote, .. }) = events.first() {
            break *by_remote;
        }
    };
    udp.flush();
    assert!(hung_up);
    let totals = stopped.await.unwrap();
    assert_eq!((totals.calls, totals.answered), (1, 1));
    assert_eq!(totals.by_answer.get(&Answer::Silence), Some(&1));
    assert_eq!(ends.recv().await.unwrap().ending, Ending::HungUp);
}

#[tokio::test]
async fn more_calls_than_there_are_lines_get_503() {
    let mut config = only(Answer::NoAnswer);
    config.calls_max = 1;
    let mut caller = Caller::of(config).await;
    caller.dial("+12015550123");
    caller.wait(200).await;
    caller.dial("+12015550124");
    assert_eq!(caller.failure().await.1.status, Some(503));
}

#[tokio::test]
async fn a_wildcard_address_is_refused_with_a_reason() {
    let everywhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let refused = Carrier::start(CarrierConfig::default(), everywhere, 1).await.unwrap_err();
    assert!(matches!(refused, CarrierError::Unspecified(_)), "{refused}");
}
