//! Strangers at the media ports while 50 people talk with 50 agents, and carriers with bad certificates.
//!
//! ```text
//! cargo run --release --example carrier -- siege TOOLS
//! ```
//!
//! TOOLS holds `rtp_attack.py`, `tls_front.py` and `make_certs.sh`. Nothing may come back to a stranger,
//! no frame of its tone may be in a recording, no key of its may be counted, and no call may be lost.

use std::f64::consts::TAU;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;
use outdial::dialer::{AgentEvent, CampaignPhase, Command as Order, Input};
use outdial::domain::{AgentId, AgentState, CallId, Outcome, TrunkId};
use outdial::rehearsal::carrier::{Carrier, CarrierConfig};
use outdial::rehearsal::phones::{Account, Phones, PhonesConfig};
use outdial::server::Server;
use outdial::sip::Transport;
use outdial::sip::digest::{Algorithm, ha1};
use outdial::store::{Call, CallFilter, NewAgent, PhoneSecret};
use outdial::trunk::TrunkConfig;

use crate::cases::Case;
use crate::floor::{self, Floor, REALM};
use crate::peer::{Sipp, Tripwire, free_port};
use crate::{Fault, control};

/// People, and as many agents.
const CALLS: u32 = 50;
/// The modes of `rtp_attack.py`.
const MODES: [&str; 6] = ["bleed", "inject", "dtmf", "bad", "srtpjunk", "rtcpbye"];
/// Seconds of each.
const SECONDS: &str = "6";
/// The tone of the `inject` mode, in Hz.
const TONE: f64 = 1_000.0;

/// The control, every mode, then every certificate. True when all of it held.
pub async fn run(tools: &Path) -> Result<bool, Fault> {
    let counted = control::run(tools).await?;
    let media = media(tools).await?;
    Ok(certificates(tools).await? && media && counted)
}

async fn media(tools: &Path) -> Result<bool, Fault> {
    let scratch = tempfile::tempdir()?;
    let config = CarrierConfig::from_toml(PEOPLE)?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (carrier, _ends) = Carrier::start(config, anywhere, 1).await?;
    let setup = Case::setup(None);
    let trunk = TrunkConfig::new(TrunkId(0), "carrier", carrier.address());
    let mut settings = floor::settings(&setup, trunk, anywhere, scratch.path());
    for campaign in &mut settings.campaigns {
        (campaign.recording, campaign.talk_max) = (true, SignedDuration::from_mins(30));
    }
    let ports = settings.media.ports.clone();
    let server = Server::start(settings).await?;
    let phones = staff(&server).await?;
    let handle = server.handle().clone();
    let campaign = handle.campaigns().first().ok_or("no campaign")?.id;
    let leads = (0..CALLS).map(floor::lead).collect::<Option<Vec<_>>>().ok_or("a number")?;
    handle.store().add_leads(campaign, "siege", leads, clock::now()).await?;
    for command in [Order::Phase(campaign, CampaignPhase::Running), Order::LeadsChanged(campaign)] {
        handle.input_absorbed(Input::Command(command)).await;
    }
    let mut left = 600;
    while talking(&server) < CALLS as usize && left > 0 {
        left -= 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "{} calls are up, RTP on ports {} to {}",
        talking(&server),
        ports.start(),
        ports.end()
    );
    let (mut back, mut ok) = (0, talking(&server) == CALLS as usize);
    for mode in MODES {
        let mut attack = Command::new("python3");
        attack.arg(tools.join("rtp_attack.py")).arg(mode).args(["--seconds", SECONDS]);
        attack.args(["--lo", &ports.start().to_string(), "--hi", &ports.end().to_string()]);
        let attack = tokio::task::spawn_blocking(move || attack.output()).await??;
        let said = String::from_utf8_lossy(&attack.stdout).trim().to_owned();
        let came_back = said.rsplit(' ').next().and_then(|word| word.parse::<u64>().ok());
        back += came_back.ok_or_else(|| format!("rtp_attack.py said {said:?}"))?;
        println!("{said}; {} calls are up", talking(&server));
        ok &= attack.status.success() && talking(&server) == CALLS as usize;
    }
    let up = server.calls_up();
    server.hang_up_all().await;
    let deadline = clock::now() + SignedDuration::from_secs(20);
    while server.calls_up() > 0 && clock::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let calls = handle.store().books().calls(CallFilter::default(), None, 1_000).await?;
    phones.stop().await;
    drop(handle);
    server.stop().await;
    carrier.stop().await;

    let (frames, foreign) = recorded(&calls, &scratch.path().join("recordings"))?;
    let digits: usize = calls.iter().map(|call| call.record.digits.len()).sum();
    let talked = calls.iter().filter(|call| call.record.outcome == Outcome::Talked).count();
    let lost = CALLS.saturating_sub(up) as usize + (CALLS as usize).saturating_sub(talked);
    println!("{back} packets back");
    println!("{foreign} foreign frames in {frames} frames of {talked} recordings");
    println!("{digits} foreign digits");
    println!("{lost} of {CALLS} calls lost");
    Ok(ok && frames > 0 && back + foreign == 0 && digits + lost == 0)
}

fn talking(server: &Server) -> usize {
    let view = server.handle().view();
    let is_talking = |state: &AgentState| matches!(state, AgentState::Talking { .. });
    view.agents.iter().filter(|agent| is_talking(&agent.state)).count()
}

/// An agent a call, ready, and saying something.
async fn staff(server: &Server) -> Result<Phones, Fault> {
    let handle = server.handle();
    let campaigns: Vec<_> = handle.campaigns().iter().map(|campaign| campaign.id).collect();
    let (mut accounts, mut agents) = (Vec::new(), Vec::<AgentId>::new());
    for extension in (101..101 + CALLS).map(|extension| extension.to_string()) {
        let password = format!("phone-of-{extension}");
        let secret = |algorithm| ha1(algorithm, &extension, REALM, &password);
        let new = NewAgent {
            extension: extension.clone(),
            name: "Agent".to_owned(),
            secret: PhoneSecret {
                realm: REALM.to_owned(),
                ha1_md5: secret(Algorithm::Md5),
                ha1_sha256: secret(Algorithm::Sha256),
            },
            campaigns: campaigns.clone(),
        };
        agents.push(handle.agent_add(new).await?);
        accounts.push(Account { extension, password });
    }
    let (phones, _) = Phones::start(PhonesConfig {
        accounts,
        registrar: server.station_address(),
        domain: REALM.to_owned(),
        ip: Ipv4Addr::LOCALHOST.into(),
        rtp_ports: outdial::rehearsal::carrier::Ports::new(30_500, 30_799)?,
        recordings: None,
        seed: 1,
    })?;
    for (phone, agent) in agents.into_iter().enumerate() {
        let mut left = 100;
        while let Err(fault) = handle.agent_log_in(agent, None).await {
            left -= 1;
            if left == 0 {
                return Err(fault.into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        handle.input_absorbed(Input::Agent(agent, AgentEvent::Ready)).await;
        phones.follow(phone, &AgentState::Talking { call: CallId(1) });
    }
    Ok(phones)
}

/// Frames of both sides of all recordings, and those of the strangers' tone.
fn recorded(calls: &[Call], folder: &Path) -> Result<(u64, u64), Fault> {
    let (mut frames, mut foreign) = (0, 0);
    for file in calls.iter().filter_map(|call| call.record.recording.as_ref()) {
        let (in_file, foreign_in_file) = foreign_frames(&folder.join(file))?;
        (frames, foreign) = (frames + in_file, foreign + foreign_in_file);
    }
    Ok((frames, foreign))
}

/// Frames of both sides of a recording, and those of the strangers' tone.
pub fn foreign_frames(recording: &Path) -> Result<(u64, u64), Fault> {
    let samples: Vec<i16> =
        hound::WavReader::open(recording)?.into_samples().collect::<Result<_, _>>()?;
    let (mut frames, mut foreign) = (0, 0);
    for side in 0..2 {
        let side: Vec<f64> =
            samples.iter().skip(side).step_by(2).map(|sample| f64::from(*sample)).collect();
        for frame in side.chunks_exact(160) {
            frames += 1;
            foreign += u64::from(is_tone(frame));
        }
    }
    Ok((frames, foreign))
}

/// Whether the frame is loud and more than half of its energy is the tone's.
fn is_tone(frame: &[f64]) -> bool {
    let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
    for (at, sample) in frame.iter().enumerate() {
        let angle = TAU * TONE * at as f64 / 8_000.0;
        real += sample * angle.cos();
        imaginary += sample * angle.sin();
        energy += sample * sample;
    }
    let share =
        2.0 * (real * real + imaginary * imaginary) / (frame.len() as f64 * energy.max(1.0));
    energy > 160.0 * 500.0 * 500.0 && share > 0.5
}

/// Everybody is a person who talks until the other side hangs up.
const PEOPLE: &str = r#"
rtp_ports = [31000, 31299]
post_dial_delay_s = { median = 0.1, spread = 0.0, max = 0.1 }
ring_s = { median = 0.3, spread = 0.0, max = 0.3 }
[numbers]
person = 1.0
machine = 0.0
no_answer = 0.0
busy = 0.0
vacant = 0.0
declined = 0.0
failed = 0.0
fax = 0.0
silence = 0.0
[person]
patience_s = { median = 60.0, spread = 0.0, max = 60.0 }
talk_s = { median = 3600.0, spread = 0.0, max = 3600.0 }
"#;

/// A carrier's TLS front with each certificate: the good one is spoken with, no other.
async fn certificates(tools: &Path) -> Result<bool, Fault> {
    let scratch = tempfile::tempdir()?;
    let script = tools.join("make_certs.sh");
    let made = Command::new("bash").arg(script).arg(scratch.path()).output()?;
    if !made.status.success() {
        // It dates the expired one by faketime; openssl can end one before it begins.
        let rest =
            Command::new("bash").args(["-c", WITHOUT_FAKETIME]).arg(scratch.path()).output()?;
        if !rest.status.success() {
            return Err(
                "no certificates: neither make_certs.sh nor openssl alone makes them".into()
            );
        }
    }
    let mut held = true;
    for (certificate, is_good) in
        [("good", true), ("wrongname", false), ("expired", false), ("selfsigned", false)]
    {
        let answered = called(tools, scratch.path(), certificate).await?;
        println!(
            "TLS, {certificate} certificate: {}",
            if answered { "answered" } else { "refused" }
        );
        held &= answered == is_good;
    }
    Ok(held)
}

/// What is left of `make_certs.sh` where it stops for want of faketime.
const WITHOUT_FAKETIME: &str = r#"set -e; cd "$0"
openssl x509 -req -in good.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out expired.pem -days -1 \
  -extfile good.ext
cp good.key expired.key
openssl req -x509 -newkey rsa:2048 -nodes -keyout selfsigned.key -out selfsigned.pem -days 30 \
  -subj /CN=carrier.test -addext subjectAltName=DNS:carrier.test
"#;

/// Whether a call was answered behind a front with this certificate.
async fn called(tools: &Path, certificates: &Path, certificate: &str) -> Result<bool, Fault> {
    let scenario = tools.join("../dev/d01_answer_carrier_bye.xml").canonicalize()?;
    let scratch = tempfile::tempdir()?;
    let sipp = Sipp::over_tcp(&scenario, scratch.path())?;
    let port = free_port()?;
    let mut front = Command::new("python3");
    front.arg(tools.join("tls_front.py")).args(["--listen", &port.to_string()]);
    front.args(["--to", &sipp.address.port().to_string(), "--cert"]);
    front.arg(certificates.join(certificate).with_extension("pem"));
    let _front = Ended(front.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let trunk = TrunkConfig {
        transport: Transport::Tls,
        domain: Some("carrier.test".to_owned()),
        authorities: Some(certificates.join("ca.pem")),
        ..TrunkConfig::new(TrunkId(0), "carrier", ([127, 0, 0, 1], port).into())
    };
    let setup = Case::setup(Case::of("d01"));
    let decoy = Tripwire::anywhere()?;
    let data = scratch.path().join("data");
    let floor = Floor::open(&setup, trunk, decoy.address()?, &data).await?;
    floor.dial(&setup).await?;
    tokio::time::sleep(Duration::from_secs(7)).await;
    let evidence = floor.close(setup, SignedDuration::from_secs(10)).await?;
    Ok(evidence.calls.iter().any(|call| call.record.answered_at.is_some()))
}

/// A program that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
