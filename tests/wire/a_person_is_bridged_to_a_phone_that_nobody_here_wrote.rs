//! SIPp is the carrier, baresip the agent's phone. A person's call is bridged, each side's tone is
//! found at the other end and in the recording, and the disposition lands.

use std::f64::consts::TAU;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use outdial::domain::Law;
use outdial::rtp::{Packet, g711};
use serde_json::{Value, json};

use super::peers::{Peer, Server, best_share_at, channel, free_ports, have, newest, wait_for};

/// What the person sounds like.
const PERSON_HZ: f64 = 700.0;
/// What the agent sounds like: baresip's own generator.
const AGENT_HZ: f64 = 440.0;

#[test]
fn test() {
    if !have(&["sipp", "baresip"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let ports = free_ports(4);
    let [carrier, trunk, station, phone] = ports[..] else { unreachable!() };
    write_configuration(folder, carrier, trunk, station);
    Server::outdial(folder, &["check"]);
    let mut server = Server::start(folder);
    let agent = add_agent(&server);
    let _phone = start_phone(folder, station, phone);
    let registered = wait_for(Duration::from_secs(20), || {
        (server.post(&format!("/v1/agents/{agent}/login"), &Value::Null).0 == 200).then_some(())
    });
    assert!(registered.is_some(), "the phone did not register or did not answer");
    assert_eq!(server.post("/v1/campaigns/real/start", &Value::Null).0, 200);

    // A person who talks: heard by the agent and in the recording.
    let scenario = include_str!("person.xml").to_owned();
    take_a_call(&server, agent, start_carrier(folder, carrier, "talks", &scenario));
    // A person who only listens, at a port of this test's: what the agent says arrives there.
    let far_end = UdpSocket::bind("127.0.0.1:0").unwrap();
    far_end.set_nonblocking(true).unwrap();
    let scenario = listening(&scenario, far_end.local_addr().unwrap().port());
    take_a_call(&server, agent, start_carrier(folder, carrier, "listens", &scenario));
    let heard_at_the_far_end = drain(&far_end);
    let calls = || server.get("/v1/calls").to_string();
    let landed = wait_for(Duration::from_secs(5), || {
        Some(calls()).filter(|calls| calls.matches("\"sale\"").count() == 2)
    });
    let calls = landed.unwrap_or_else(|| panic!("the dispositions did not land: {}", calls()));
    assert_eq!(calls.matches("\"talked\"").count(), 2, "{calls}");
    assert!(calls.contains("wants two"), "{calls}");
    assert_eq!(calls.matches("\"trunk\":\"sipp\"").count(), 2, "{calls}");
    // A third is talking when the server is told to stop: the call goes on, until told again.
    let scenario = include_str!("person.xml");
    let mut sipp = start_carrier(folder, carrier, "stays", scenario);
    wait_until_talking(&server, agent);
    server.terminate();
    std::thread::sleep(Duration::from_secs(1));
    assert!(agent_is(&server, agent, "talking").is_some(), "a live call may end by itself");
    server.terminate();
    assert!(server.ends_well(), "the second SIGTERM hangs up, and all is well");
    assert!(sipp.ends_well(Duration::from_secs(10)), "the carrier got its BYE");

    let heard_by_agent = newest(folder, |name| name.ends_with("dec.wav"));
    let heard_by_agent = channel(&heard_by_agent.expect("baresip kept nothing"), 0);
    assert!(best_share_at(PERSON_HZ, &heard_by_agent) > 0.8, "the agent hears the person");
    let [talk, _, _] = recordings(&folder.join("data/recordings"));
    assert!(best_share_at(PERSON_HZ, &channel(&talk, 0)) > 0.8, "customer left");
    assert!(best_share_at(AGENT_HZ, &channel(&talk, 1)) > 0.8, "agent right");
    assert!(best_share_at(AGENT_HZ, &heard_at_the_far_end) > 0.8, "the person hears the agent");
}

fn add_agent(server: &Server) -> i64 {
    let new = json!({ "extension": "101", "name": "Ana", "password": "only-for-this-test" });
    let (status, agent) = server.post("/v1/agents", &new);
    assert_eq!(status, 201, "{agent}");
    agent["id"].as_i64().or(agent["agent"]["id"].as_i64()).unwrap()
}

/// What the API shows of the agent, when the agent's state is that.
fn agent_is(server: &Server, agent: i64, state: &str) -> Option<Value> {
    let shown = server.get(&format!("/v1/agents/{agent}"));
    shown.to_string().contains(&format!("\"{state}\"")).then_some(shown)
}

/// The agent becomes ready, and gets a person; the number of the call.
fn wait_until_talking(server: &Server, agent: i64) -> i64 {
    assert_eq!(server.post(&format!("/v1/agents/{agent}/ready"), &Value::Null).0, 200);
    let talking = wait_for(Duration::from_secs(20), || agent_is(server, agent, "talking"));
    number_at(&talking.expect("the call was not bridged"), "call")
}

/// The agent becomes ready, talks for three seconds, hangs up and says what came of it.
fn take_a_call(server: &Server, agent: i64, mut sipp: Peer) {
    let path = |action: &str| format!("/v1/agents/{agent}/{action}");
    let call = wait_until_talking(server, agent);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(server.post(&path("hang-up"), &Value::Null).0, 200);
    assert!(sipp.ends_well(Duration::from_secs(10)), "the carrier is not content");
    wait_for(Duration::from_secs(5), || agent_is(server, agent, "wrap_up")).expect("no wrap-up");
    server.post(&path("pause"), &json!({ "reason": "test" }));
    let said = json!({ "call": call, "disposition": "sale", "note": "wants two" });
    let (status, answer) = server.post(&path("disposition"), &said);
    assert_eq!(status, 200, "{answer}");
}

/// The scenario without its own voice, with its ear at `port`.
fn listening(scenario: &str, port: u16) -> String {
    let (before, rest) = scenario.split_once("<nop>").unwrap();
    let (_, after) = rest.split_once("</nop>").unwrap();
    format!("{before}{after}").replace("[rtpstream_audio_port]", &port.to_string())
}

/// What the dialer has sent to that ear.
fn drain(socket: &UdpSocket) -> Vec<i16> {
    let (mut heard, mut bytes) = (Vec::new(), [0; 2000]);
    while let Ok(length) = socket.recv(&mut bytes) {
        let packet = Packet::read(&bytes[..length]).filter(|packet| packet.payload_type == 0);
        let payload = packet.map(|packet| packet.payload).unwrap_or_default();
        heard.extend(payload.iter().map(|byte| g711::decode(Law::Mu, *byte)));
    }
    heard
}

/// The recordings of the calls, in their order.
fn recordings(folder: &Path) -> [PathBuf; 3] {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.try_into().unwrap()
}

fn write_configuration(folder: &Path, carrier: u16, trunk: u16, station: u16) {
    let config = format!(
        "[data]\ndir = \"data\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\n\
         [sip]\ntrunk_bind = \"127.0.0.1:{trunk}\"\nagent_bind = \"127.0.0.1:{station}\"\n\
         [media]\nip = \"127.0.0.1\"\nports = \"43000-43099\"\n\
         [trunks.sipp]\naddress = \"127.0.0.1:{carrier}\"\n"
    );
    fs::write(folder.join("outdial.toml"), config).unwrap();
    fs::create_dir(folder.join("campaigns")).unwrap();
    let campaign = "country = \"US\"\n\
         caller_ids = [\"+18005550199\"]\n\
         trunks = [\"sipp\"]\n\
         rulebooks = [\"test-carrier\"]\n\
         recording = true\n\
         [pacing]\nmode = \"progressive\"\n";
    fs::write(folder.join("campaigns/real.toml"), campaign).unwrap();
    let leads = "phone,first_name,last_name\n(201) 555-0123,Eva,Lind\n(201) 555-0124,Per,Lind\n(201) 555-0125,Ida,Lind\n";
    fs::write(folder.join("leads.csv"), leads).unwrap();
    Server::outdial(
        folder,
        &[
            "import",
            "leads.csv",
            "--campaign",
            "real",
            "--config",
            "outdial.toml",
            "--data",
            "data",
        ],
    );
}

fn start_carrier(folder: &Path, port: u16, name: &str, scenario: &str) -> Peer {
    let file = format!("{name}.xml");
    fs::write(folder.join(&file), scenario).unwrap();
    let tone: Vec<u8> = (0..16_000)
        .map(|at| (9000.0 * (TAU * PERSON_HZ * f64::from(at) / 8000.0).sin()) as i16)
        .map(|sample| g711::encode(Law::Mu, sample))
        .collect();
    fs::write(folder.join("person.ulaw"), tone).unwrap();
    let mut command = Command::new("sipp");
    command.current_dir(folder).args(["-sf", &file, "-i", "127.0.0.1", "-m", "1"]);
    command.args(["-p", &port.to_string(), "-mi", "127.0.0.1"]);
    command.args(["-nostdin", "-timeout", "60s", "-timeout_error", "-trace_err"]);
    Peer::start(&mut command, folder.join(format!("{name}.log")))
}

fn start_phone(folder: &Path, station: u16, port: u16) -> Peer {
    let home = folder.join("baresip");
    fs::create_dir(&home).unwrap();
    let config = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\n\
         audio_player aubridge,nil\naudio_source ausine,{AGENT_HZ}\naudio_alert aubridge,nil\n\
         ausrc_srate 48000\nauplay_srate 8000\nausrc_channels 2\nauplay_channels 1\n\
         rtp_ports 43100-43199\nsnd_path {}\nmodule_path /usr/lib/baresip/modules\n\
         module g711.so\nmodule aubridge.so\nmodule ausine.so\nmodule sndfile.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
        folder.display()
    );
    fs::write(home.join("config"), config).unwrap();
    fs::write(home.join("contacts"), "").unwrap();
    let account = format!(
        "<sip:101@127.0.0.1:{station};transport=udp>;auth_user=101;\
         auth_pass=only-for-this-test;answermode=auto;regint=60;audio_codecs=PCMU\n"
    );
    fs::write(home.join("accounts"), account).unwrap();
    let mut command = Command::new("baresip");
    command.args(["-4", "-f"]).arg(&home);
    Peer::start(&mut command, folder.join("baresip.log"))
}

fn number_at(shown: &Value, key: &str) -> i64 {
    match shown {
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, value)| {
                let found = if name == key { value.as_i64() } else { None };
                found.or_else(|| Some(number_at(value, key)).filter(|found| *found >= 0))
            })
            .unwrap_or(-1),
        _ => -1,
    }
}
