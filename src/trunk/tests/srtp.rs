//! Trunks with SRTP.

use super::*;
use crate::domain::SrtpKey;
use crate::sip::sdp::LocalSrtp;
use crate::trunk::SrtpUse;

fn world(srtp: SrtpUse) -> World {
    World::with(|trunk| trunk.srtp = srtp)
}

/// The carrier's end, with keys of its own.
fn secure() -> LocalMedia {
    let srtp = LocalSrtp::new(true, [SrtpKey([8; 30]), SrtpKey([9; 30])]);
    LocalMedia { srtp: Some(srtp), ..media(6000) }
}

/// Answers with what `ours` makes of the offer.
fn answer(world: &mut World, ours: &LocalMedia) -> DialogId {
    let (dialog, invite) = world.invited(EAST).unwrap();
    let (answer, _) = sdp::answer(&invite.sdp.unwrap(), ours, 1).unwrap();
    let now = world.now;
    world.carrier(EAST).answer(dialog, answer, now);
    world.run_s(1);
    dialog
}

#[test]
fn a_required_trunk_hangs_up_on_plain_rtp_and_takes_srtp() {
    let mut required = world(SrtpUse::Required);
    required.originate(CALL);
    let (dialog, invite) = required.invited(EAST).unwrap();
    let offered = invite.sdp.unwrap();
    assert!(offered.contains(" RTP/SAVP 0 8 101\r\n"), "{offered}");
    assert_eq!(offered.matches("a=crypto:").count(), 2);
    let (plain, _) = sdp::answer(&sdp::offer(&media(6000), 1), &media(6000), 1).unwrap();
    let now = required.now;
    required.carrier(EAST).answer(dialog, plain, now);
    required.run_s(1);
    assert_eq!(required.story(CALL), "ended:failed/carrier", "nothing of it was connected");

    let mut required = world(SrtpUse::Required);
    required.originate(CALL);
    answer(&mut required, &secure());
    assert_eq!(required.story(CALL), "answered");
    let answered = required.told.iter().find_map(|(_, event)| match event {
        TrunkEvent::Answered(target) => target.srtp,
        _ => None,
    });
    assert_eq!(answered.unwrap().theirs, SrtpKey([8; 30]));
}

#[test]
fn an_optional_trunk_takes_either_and_a_trunk_without_offers_none() {
    for (ours, is_secure) in [(secure(), true), (media(6000), false)] {
        let mut optional = world(SrtpUse::Optional);
        optional.originate(CALL);
        answer(&mut optional, &ours);
        let secured = optional.told.iter().any(|(_, event)| match event {
            TrunkEvent::Answered(target) => target.srtp.is_some(),
            _ => false,
        });
        assert_eq!((optional.story(CALL).as_str(), secured), ("answered", is_secure));
    }
    let mut off = world(SrtpUse::Off);
    off.originate(CALL);
    let (_, invite) = off.invited(EAST).unwrap();
    assert!(!invite.sdp.unwrap().contains("crypto"));
}

#[test]
fn each_call_has_keys_of_its_own_and_keeps_them() {
    let mut required = world(SrtpUse::Required);
    let keys = |sdp: &str| -> Vec<String> {
        sdp.lines()
            .filter_map(|line| line.split_once("inline:"))
            .map(|it| it.1.to_owned())
            .collect()
    };
    let mut seen = Vec::new();
    for call in [CallId(1), CallId(2)] {
        required.originate(call);
        required.run_s(1);
        let (dialog, invite) = required.invited(EAST).unwrap();
        seen.extend(keys(&invite.sdp.clone().unwrap()));
        let (answer, _) = sdp::answer(&invite.sdp.unwrap(), &secure(), 1).unwrap();
        let now = required.now;
        required.carrier(EAST).answer(dialog, answer, now);
        required.run_s(1);
        // A hold is answered with the key that the call has; one that is plain is refused.
        let now = required.now;
        required.carrier(EAST).reoffer(dialog, sdp::offer(&secure(), 2), now);
        required.run_s(1);
        let again = required.carriers[0].heard.drain(..).find_map(|event| match event {
            Event::ReofferAnswered { sdp, .. } => sdp,
            _ => None,
        });
        assert_eq!(keys(&again.unwrap()), seen[seen.len() - 2..seen.len() - 1]);
        let now = required.now;
        required.carrier(EAST).reoffer(dialog, sdp::offer(&media(6000), 3), now);
        required.run_s(1);
        let refused = required.carriers[0].heard.drain(..).find_map(|event| match event {
            Event::ReofferRefused { status, .. } => Some(status),
            _ => None,
        });
        assert_eq!(refused, Some(Some(488)));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}
