//! baresip is the carrier, and SRTP is required: each side hears the other, and who has no keys gets no
//! call.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::peers::{Peer, Server, best_share_at, channel, free_ports, have, newest, wait_for};

/// What our message sounds like.
const MESSAGE_HZ: f64 = 700.0;

#[test]
fn test() {
    if !have(&["baresip"]) {
        return;
    }
    for (encryption, is_up) in [(Some("srtp-mand"), true), (Some("srtp"), true), (None, false)] {
        call(encryption, is_up);
    }
}

fn call(encryption: Option<&str>, is_up: bool) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let ports = free_ports(3);
    let [carrier, trunk, station] = ports[..] else { unreachable!() };
    write_configuration(folder, carrier, trunk, station);
    let _phone = start_phone(folder, carrier, encryption);
    std::thread::sleep(Duration::from_millis(500));
    let server = Server::start(folder);
    assert_eq!(server.post("/v1/campaigns/real/start", &Value::Null).0, 200);
    let ended = wait_for(Duration::from_secs(25), || {
        let calls = server.get("/v1/calls").to_string();
        calls.contains("\"outcome\"").then_some(calls)
    });
    let calls = ended.expect("the call did not end");
    // The message is longer than a silence may be: it is played to its end only where the phone is heard.
    assert_eq!(calls.contains("\"messaged\""), is_up, "{encryption:?}: {calls}");
    let heard_by_phone = newest(folder, |name| name.ends_with("dec.wav"));
    assert_eq!(heard_by_phone.is_some(), is_up, "{encryption:?}");
    if let Some(wav) = heard_by_phone {
        let share = best_share_at(MESSAGE_HZ, &channel(&wav, 0));
        assert!(share > 0.8, "{encryption:?}: the phone hears {share} of our message");
    }
}

fn write_configuration(folder: &Path, carrier: u16, trunk: u16, station: u16) {
    let config = format!(
        "[data]\ndir = \"data\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\n\
         [sip]\ntrunk_bind = \"127.0.0.1:{trunk}\"\nagent_bind = \"127.0.0.1:{station}\"\n\
         [media]\nip = \"127.0.0.1\"\nports = \"43200-43299\"\nsilence_s_max = 1\n\
         [trunks.baresip]\naddress = \"127.0.0.1:{carrier}\"\nsrtp = \"required\"\n\
         rewrite = [\"+=\"]\n"
    );
    fs::write(folder.join("outdial.toml"), config).unwrap();
    fs::create_dir(folder.join("campaigns")).unwrap();
    let campaign = "country = \"US\"\n\
         caller_ids = [\"+18005550199\"]\n\
         trunks = [\"baresip\"]\n\
         rulebooks = [\"test-carrier\"]\n\
         message = \"message.wav\"\n\
         [pacing]\nmode = \"broadcast\"\ncalls_per_minute = 60\nlines_max = 1\n";
    fs::write(folder.join("campaigns/real.toml"), campaign).unwrap();
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut message =
        hound::WavWriter::create(folder.join("campaigns/message.wav"), format).unwrap();
    for at in 0..24_000 {
        let sample = (9_000.0 * (TAU * MESSAGE_HZ * f64::from(at) / 8_000.0).sin()) as i16;
        message.write_sample(sample).unwrap();
    }
    message.finalize().unwrap();
    fs::write(folder.join("leads.csv"), "phone\n(201) 555-0123\n").unwrap();
    let import = ["import", "leads.csv", "--campaign", "real", "--config", "outdial.toml"];
    Server::outdial(folder, &[&import[..], &["--data", "data"]].concat());
}

/// A phone that is the number that we call.
fn start_phone(folder: &Path, port: u16, encryption: Option<&str>) -> Peer {
    let home = folder.join("baresip");
    fs::create_dir(&home).unwrap();
    let config = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\n\
         audio_player aubridge,nil\naudio_source ausine,440\naudio_alert aubridge,nil\n\
         ausrc_srate 48000\nauplay_srate 8000\nausrc_channels 2\nauplay_channels 1\n\
         rtp_ports 43300-43399\nsnd_path {}\nmodule_path /usr/lib/baresip/modules\n\
         module g711.so\nmodule aubridge.so\nmodule ausine.so\nmodule sndfile.so\nmodule srtp.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
        folder.display()
    );
    fs::write(home.join("config"), config).unwrap();
    fs::write(home.join("contacts"), "").unwrap();
    let encryption = encryption.map(|it| format!(";mediaenc={it}")).unwrap_or_default();
    let account = format!(
        "<sip:12015550123@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMU{encryption}\n"
    );
    fs::write(home.join("accounts"), account).unwrap();
    let mut command = Command::new("baresip");
    command.args(["-4", "-f"]).arg(&home);
    Peer::start(&mut command, folder.join("baresip.log"))
}
