//! A dialer in this process, persons of the test carrier, and an agent whose phone is Chromium with a
//! tone for a microphone: `web/tests/phone.test.mjs` says what the page must show and hear. What the
//! person heard is read from the recording.

use std::f64::consts::TAU;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use outdial::api::phone_secret;
use outdial::domain::Amd;
use outdial::server::Server;
use outdial::store::NewAgent;

use crate::floor;
use crate::pages::{self, Pages};
use crate::peers::{channel, share_at};

/// What the browser's microphone hears.
const BROWSER_HZ: f64 = 1_000.0;
/// What is looked at at a time, samples: 0.25 s.
const WINDOW: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let Some(web) = pages::web() else { return };
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 46_400..=46_499);
    config.campaigns[0].campaign.amd = Amd::Off;
    config.campaigns[0].campaign.recording = true;
    config.campaigns[0].campaign.talk_max = jiff::SignedDuration::from_secs(600);
    // A page takes seconds to be loaded again where a machine is busy with other tests.
    config.web.grace = jiff::SignedDuration::from_secs(20);
    let carrier = floor::persons(46_500..=46_599, 300).await;
    config.trunks[0].address = carrier.address();
    let server = floor::start(config, 20).await;
    hire(&server).await;
    let pages = Pages::open(&server, folder.path()).await;
    floor::dial(&server).await;

    let microphone = folder.path().join("microphone.wav");
    tone(&microphone);
    let mut node = pages::node(&web, "phone.test.mjs", &pages.url, &pages.token);
    node.env("MICROPHONE", &microphone);
    pages::ends_well(node, folder.path().join("browser.log")).await;

    server.drain().await;
    server.hang_up_all().await;
    pages.close().await;
    server.stop().await;
    carrier.stop().await;
    let told = channel(&floor::first_talk(folder.path()).await, 1);
    let is_tone = |window: &&[i16]| share_at(BROWSER_HZ, window) > 0.8;
    let is_loud = |window: &&[i16]| window.iter().any(|sample| sample.unsigned_abs() > 1_000);
    let heard = told.chunks_exact(WINDOW).filter(is_loud).filter(is_tone).count();
    let heard_s = heard as f64 * WINDOW as f64 / 8_000.0;
    println!("the person heard the browser's tone for {heard_s} s of {} s", told.len() / 8_000);
    assert!(heard_s > 15.0, "{heard_s}");
}

/// The agent, number 1, who has no other phone.
async fn hire(server: &Server) {
    let handle = server.handle();
    let agent = NewAgent {
        extension: "101".to_owned(),
        name: "Ana".to_owned(),
        secret: phone_secret("101", handle.realm(), "for this test"),
        campaigns: handle.campaigns().iter().map(|campaign| campaign.id).collect(),
    };
    assert_eq!(handle.agent_add(agent).await.unwrap().0, 1);
}

/// Ten seconds of a tone, at the rate of sound cards.
fn tone(file: &Path) {
    let (channels, sample_rate, bits_per_sample) = (1, 48_000, 16);
    let sample_format = hound::SampleFormat::Int;
    let spec = hound::WavSpec { channels, sample_rate, bits_per_sample, sample_format };
    let mut writer = hound::WavWriter::create(file, spec).unwrap();
    for n in 0..480_000_u32 {
        let sample = 8_000.0 * (TAU * BROWSER_HZ * f64::from(n) / 48_000.0).sin();
        writer.write_sample(sample as i16).unwrap();
    }
    writer.finalize().unwrap();
}
