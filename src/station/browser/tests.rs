//! The socket on loopback, against a browser that is another `Rtc`.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::peer::Peer;
use super::*;
use crate::clock;
use crate::domain::{AgentId, Codec};
use crate::rtp::{Packet, write_packet};
use crate::station::{LegEnd, StationEvent, StationFact};
use crate::transport::pipe::PipeEnd;

const AGENT: AgentId = AgentId(7);
const GRACE: SignedDuration = SignedDuration::from_secs(2);

fn start() -> (Browsers, UnboundedReceiver<StationFact>) {
    let config = BrowserConfig::new(([127, 0, 0, 1], 0).into());
    Browsers::start(BrowserConfig { grace: GRACE, ..config }).unwrap()
}

async fn next(facts: &mut UnboundedReceiver<StationFact>) -> StationEvent {
    let fact = timeout(Duration::from_secs(10), facts.recv()).await.unwrap().unwrap();
    assert_eq!(fact.agent, AGENT);
    fact.event
}

/// A page's half of the connection.
struct Page {
    rtc: Rtc,
    mid: Mid,
    socket: UdpSocket,
    sequence: u64,
    /// Payloads of what came.
    heard: Vec<Vec<u8>>,
}

impl Page {
    fn offer(opus: bool) -> (RtcConfig, bool) {
        let config = RtcConfig::new().set_rtp_mode(true).clear_codecs().enable_opus(opus, false);
        (config.enable_pcmu(true, false), opus)
    }

    async fn open(browsers: &Browsers, opus: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (config, _) = Self::offer(opus);
        let mut rtc = config.build(clock::instant(clock::now()));
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let answer = browsers.offer(AGENT, offer.to_sdp_string()).await.unwrap();
        assert!(answer.contains("a=ice-lite"), "{answer}");
        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();
        Self { rtc, mid, socket, sequence: 0, heard: Vec::new() }
    }

    /// Lives for so long, and sends a packet with this payload every 20 ms.
    async fn live(&mut self, time: Duration, says: Option<(u8, &[u8])>) {
        let end = clock::now() + SignedDuration::try_from(time).unwrap();
        let mut say_at = clock::now();
        let mut buffer = [0; 2_000];
        while clock::now() < end {
            let mut wake_at = self.drain().await.min(end);
            if let Some((kind, payload)) = says {
                if say_at <= clock::now() {
                    say_at += SignedDuration::from_millis(20);
                    self.say(kind, payload);
                    wake_at = self.drain().await.min(end);
                }
                wake_at = wake_at.min(say_at);
            }
            let input = tokio::select! {
                read = self.socket.recv_from(&mut buffer) => {
                    let (length, from) = read.unwrap();
                    let local = self.socket.local_addr().unwrap();
                    let received = Receive::new(Protocol::Udp, from, local, &buffer[..length]);
                    Input::Receive(clock::instant(clock::now()), received.unwrap())
                }
                () = clock::sleep_until(Some(wake_at)) => {
                    Input::Timeout(clock::instant(clock::now()))
                }
            };
            self.rtc.handle_input(input).unwrap();
        }
    }

    fn say(&mut self, kind: u8, payload: &[u8]) {
        if !self.rtc.is_connected() {
            return;
        }
        let now = clock::instant(clock::now());
        let time = 160 * self.sequence as u32;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(self.mid, None).unwrap();
        stream.write_rtp(RtpWrite::new(kind.into(), self.sequence.into(), time, now, payload));
        self.sequence += 1;
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }

    async fn drain(&mut self) -> jiff::Timestamp {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Event(Event::RtpPacket(packet)) => self.heard.push(packet.payload.to_vec()),
                Output::Event(_) => {}
                Output::Timeout(at) => return clock::of_instant(at),
                Output::Transmit(sent) => {
                    self.socket.send_to(&sent.contents, sent.destination).await.unwrap();
                }
            }
        }
    }
}

/// A leg that says this every 20 ms, and keeps what it hears.
async fn leg(mut end: PipeEnd, kind: u8, payload: [u8; 160]) -> Vec<Vec<u8>> {
    let mut heard = Vec::new();
    for sequence in 0_u16.. {
        let timestamp = u32::from(sequence) * 160;
        let packet = Packet {
            payload_type: kind,
            marker: false,
            sequence,
            timestamp,
            ssrc: 5,
            payload: &payload,
        };
        let mut bytes = [0; 200];
        let length = write_packet(&packet, &mut bytes).unwrap();
        if !end.send(&bytes[..length]) && sequence > 100 {
            break;
        }
        while let Some((_, packet)) = end.take() {
            heard.push(Packet::read(&packet).unwrap().payload.to_vec());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        if sequence == 100 {
            break;
        }
    }
    heard
}

#[tokio::test]
async fn a_page_is_a_phone_whose_leg_hears_it_and_is_heard() {
    let (browsers, mut facts) = start();
    let mut page = Page::open(&browsers, false).await;
    assert!(!browsers.is_connected(AGENT).await, "not before its encryption is there");
    page.live(Duration::from_millis(500), Some((0, &[1; 160]))).await;
    assert_eq!(next(&mut facts).await, StationEvent::Registered);
    assert!(browsers.is_connected(AGENT).await);

    let leg = tokio::spawn(leg(browsers.attach(AGENT), 0, [2; 160]));
    let StationEvent::LegUp(target) = next(&mut facts).await else { panic!("no leg") };
    assert_eq!((target.codec, target.payload_type), (Codec::PCMU, 0));
    page.live(Duration::from_millis(2_200), Some((0, &[1; 160]))).await;
    let heard = leg.await.unwrap();
    let ours = page.heard.iter().filter(|payload| payload[..] == [2; 160]).count();
    assert!(ours > 90 && heard.len() > 90, "{ours} {}", heard.len());
    assert!(heard.iter().all(|payload| payload[..] == [1; 160]));

    browsers.leave(AGENT);
    assert_eq!(next(&mut facts).await, StationEvent::LegDown(LegEnd::HungUp));
}

#[tokio::test]
async fn a_page_that_is_loaded_again_takes_its_leg_back_and_one_that_stays_away_loses_it() {
    let (browsers, mut facts) = start();
    let mut page = Page::open(&browsers, true).await;
    page.live(Duration::from_millis(500), Some((111, b"abc"))).await;
    assert_eq!(next(&mut facts).await, StationEvent::Registered);
    let _leg = browsers.attach(AGENT);
    let StationEvent::LegUp(target) = next(&mut facts).await else { panic!("no leg") };
    assert_eq!((target.codec, target.payload_type), (Codec::Opus, 111));
    // Its time passes without a word.
    drop(page);
    assert_eq!(next(&mut facts).await, StationEvent::Away);
    assert!(!browsers.is_connected(AGENT).await);
    let mut page = Page::open(&browsers, false).await;
    page.live(Duration::from_millis(500), Some((0, &[1; 160]))).await;
    let StationEvent::Retarget(target) = next(&mut facts).await else { panic!("not back") };
    assert_eq!(target.codec, Codec::PCMU, "as the new page wants it");
    // Longer than the grace: it ended with the return.
    page.live(Duration::from_millis(2_500), Some((0, &[1; 160]))).await;
    assert!(facts.try_recv().is_err());
    drop(page);
    assert_eq!(next(&mut facts).await, StationEvent::Away);
    assert_eq!(next(&mut facts).await, StationEvent::LegDown(LegEnd::Lost));
}

#[tokio::test]
async fn who_has_no_page_open_has_no_leg() {
    let (browsers, mut facts) = start();
    let _end = browsers.attach(AGENT);
    assert_eq!(next(&mut facts).await, StationEvent::LegDown(LegEnd::NotRegistered));
    browsers.drop(AGENT);
    browsers.shutdown(SignedDuration::from_secs(1)).await;
    assert!(facts.recv().await.is_none(), "nothing more is told");
}

#[tokio::test]
async fn who_asks_for_it_hears_their_own_voice_a_second_later() {
    let (browsers, mut facts) = start();
    let mut page = Page::open(&browsers, false).await;
    page.live(Duration::from_millis(500), Some((0, &[1; 160]))).await;
    assert_eq!(next(&mut facts).await, StationEvent::Registered);
    assert_eq!(page.heard, [[0; 0]; 0], "not unasked");
    browsers.set_echo(AGENT, true);
    page.live(Duration::from_millis(900), Some((0, &[3; 160]))).await;
    assert_eq!(page.heard, [[0; 0]; 0], "not yet");
    page.live(Duration::from_millis(900), Some((0, &[4; 160]))).await;
    assert!(page.heard.len() > 20 && page.heard.iter().all(|payload| payload[..] == [3; 160]));
}

#[tokio::test]
async fn strangers_packets_change_nothing() {
    let (browsers, mut facts) = start();
    let mut page = Page::open(&browsers, false).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for bytes in [&b""[..], b"x", &[0; 1_500], &[0x80; 172], &[20; 100], &[22; 200]] {
        stranger.send_to(bytes, browsers.shown()).await.unwrap();
    }
    page.live(Duration::from_millis(500), Some((0, &[1; 160]))).await;
    assert_eq!(next(&mut facts).await, StationEvent::Registered);
}

fn an_offer() -> String {
    let mut rtc = Page::offer(true).0.build(clock::instant(clock::now()));
    let mut change = rtc.sdp_api();
    change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    change.apply().unwrap().0.to_sdp_string()
}

fn answer(offer: &str) -> Result<String, OfferFault> {
    let shown: SocketAddr = ([127, 0, 0, 1], 4_000).into();
    Peer::answer(offer, shown, clock::now(), &mut Vec::new()).map(|(_, answer)| answer)
}

#[test]
fn an_offer_of_anything_but_one_audio_is_refused() {
    let offer = an_offer();
    assert!(answer(&offer).unwrap().contains("127.0.0.1 4000"));
    let audio = &offer[offer.find("m=").unwrap()..];
    assert_eq!(answer(&format!("{offer}{audio}")), Err(OfferFault::NotOneAudio));
    assert_eq!(answer(&offer.replace("m=audio", "m=video")), Err(OfferFault::NotOneAudio));
    assert_eq!(answer(""), Err(OfferFault::NotOneAudio));
    let unknown = offer.replace("opus", "speex").replace("PCMU", "GSM");
    assert_eq!(answer(&unknown), Err(OfferFault::NoCodec));
    let plain: String =
        offer.split_inclusive("\r\n").filter(|line| !line.contains("fingerprint")).collect();
    assert!(matches!(answer(&plain), Err(OfferFault::Sdp(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_offer_breaks_it(
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut offer = an_offer().into_bytes();
        for (place, byte) in places {
            let place = place.index(offer.len());
            offer[place] = byte;
        }
        let _ = answer(&String::from_utf8_lossy(&offer));
    }
}
