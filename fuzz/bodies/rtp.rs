//! RTP, RTCP and RFC 4733, plain and as SRTP, from a far end that is believed: what is played of it, and
//! whether it is a key.

use outdial::domain::{Law, SrtpKey, SrtpSuite};
use outdial::rtp::{Admission, FRAME, Packet, Playout, Source, dtmf, g711, rtcp, srtp};

pub fn run(packets: &[&[u8]]) {
    let (mut source, mut playout) = (Source::default(), Playout::default());
    let mut keys = dtmf::Listener::default();
    let mut receiver = srtp::Receiver::new(SrtpKey([1; 30]), SrtpSuite::AesCm128HmacSha1_80);
    let (mut frame, mut room) = ([0; FRAME], [0; 2_048]);
    for &bytes in packets {
        let _ = rtcp::read(bytes, 1);
        assert!(receiver.open(bytes, &mut room).is_none(), "opened without the key");
        let _ = receiver.open_report(bytes, &mut room);
        let Some(packet) = Packet::read(bytes) else { continue };
        match source.admit(packet.ssrc, packet.sequence) {
            Admission::Refused => continue,
            Admission::Begins => playout.restart(),
            Admission::Continues => {}
        }
        let _ = keys.hear(packet.marker, packet.timestamp, packet.payload);
        playout.push(packet.timestamp, packet.payload.iter().map(|it| g711::decode(Law::Mu, *it)));
        playout.pull(&mut frame);
    }
}
