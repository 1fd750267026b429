//! Whole calls between two endpoints.

use jiff::SignedDuration;

use super::wire::{CALLEE, CALLER, Wire};
use crate::sip::{Event, FailureKind};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[test]
fn a_call_is_answered_confirmed_and_ended_by_either_side() {
    for ender in [CALLER, CALLEE] {
        let mut wire = Wire::new();
        let dialogs = wire.talk();
        let dialog = [dialogs.0, dialogs.1];
        let now = wire.now;
        wire.ends[ender].hang_up(dialog[ender], now);
        wire.run(SECOND);
        assert!(wire.events[CALLER].iter().any(
            |event| matches!(event, Event::Answered { sdp: Some(sdp), .. } if sdp.contains("callee"))
        ));
        assert!(wire.events[CALLEE].iter().any(|event| matches!(event, Event::Confirmed { .. })));
        for end in [CALLER, CALLEE] {
            let last = wire.last_events(end);
            assert!(
                matches!(last[..], [Event::Ended { by_remote, .. }] if *by_remote == (end != ender)),
                "{last:?}"
            );
            assert_eq!(wire.ends[end].dialogs(), 0);
        }
        wire.run(SECOND * 60);
        assert_eq!(wire.ends.each_ref().map(|end| end.poll_timeout()), [None, None]);
    }
}

#[test]
fn the_callee_is_told_everything_of_the_invite() {
    let mut wire = Wire::new();
    wire.call();
    let Some(Event::Incoming { invite, .. }) = wire.events[CALLEE].first() else { panic!() };
    assert_eq!(invite.request_uri, "sip:+15551230001@carrier.example");
    assert!(invite.from.starts_with("\"Acme\" <sip:+15557650000@dialer.example>;tag="));
    assert_eq!(invite.sdp.as_deref(), Some("v=0\r\ns=caller\r\n"));
    assert!(invite.headers.iter().any(|(name, _)| name == "P-Asserted-Identity"));
}

#[test]
fn a_rejection_reaches_the_caller_with_its_cause_and_retry_after() {
    let mut wire = Wire::new();
    let (_, callee) = wire.call();
    let headers = vec![
        ("Reason".to_owned(), "Q.850;cause=17".to_owned()),
        ("Retry-After".to_owned(), "1800 (busy);duration=60".to_owned()),
    ];
    let now = wire.now;
    wire.ends[CALLEE].reject(callee, 486, headers, now);
    wire.run(SECOND);
    let [Event::Failed { failure, .. }] = wire.last_events(CALLER)[..] else { panic!() };
    assert_eq!((failure.status, failure.q850), (Some(486), Some(17)));
    assert_eq!(failure.kind, FailureKind::Response);
    assert_eq!(failure.retry_after, Some(SECOND * 1800));
    assert_eq!(wire.count(CALLER, "ACK"), 1);
}

#[test]
fn a_caller_who_gives_up_is_told_487_and_the_callee_that_it_was_cancelled() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.call();
    let now = wire.now;
    wire.ends[CALLEE].ring(callee, 180, None, now);
    wire.run(SECOND);
    let now = wire.now;
    wire.ends[CALLER].hang_up(caller, now);
    wire.run(SECOND);
    let [Event::Failed { failure, .. }] = wire.last_events(CALLER)[..] else { panic!() };
    assert_eq!((failure.status, failure.kind), (Some(487), FailureKind::Response));
    let [Event::Failed { failure, .. }] = wire.last_events(CALLEE)[..] else { panic!() };
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!((wire.count(CALLER, "CANCEL"), wire.count(CALLER, "ACK")), (1, 1));
}

#[test]
fn on_a_wire_that_loses_a_third_every_call_still_ends_once_at_both_ends() {
    for seed in 0..200 {
        let mut wire = Wire::losing(0.33, seed);
        let now = wire.now;
        let caller = wire.ends[CALLER].invite(super::wire::invite(), now);
        wire.run(SECOND * 33);
        let heard = wire.events[CALLEE].iter().any(|event| matches!(event, Event::Incoming { .. }));
        if heard {
            let (callee, now) = (wire.incoming(), wire.now);
            match seed % 3 {
                0 => wire.ends[CALLEE].reject(callee, 486, Vec::new(), now),
                1 => wire.ends[CALLEE].answer(callee, "v=0\r\n".into(), now),
                _ => wire.ends[CALLER].hang_up(caller, now),
            }
        }
        wire.run(SECOND * 40);
        let now = wire.now;
        wire.ends[CALLER].hang_up(caller, now);
        wire.run(SECOND * 200);
        let now = wire.now;
        if heard && !wire.last_events(CALLEE).is_empty() {
            assert_eq!(wire.last_events(CALLEE).len(), 1, "seed {seed}");
        } else if heard {
            // The BYE never came through: a real owner hears it from the silent media.
            let callee = wire.incoming();
            wire.ends[CALLEE].hang_up(callee, now);
            wire.run(SECOND * 100);
            assert_eq!(wire.last_events(CALLEE).len(), 1, "seed {seed}: {:?}", wire.events);
        }
        assert_eq!(wire.last_events(CALLER).len(), 1, "seed {seed}: {:?}", wire.events[CALLER]);
        wire.run(SECOND * 100);
        for end in &wire.ends {
            assert_eq!((end.dialogs(), end.poll_timeout()), (0, None), "seed {seed}");
        }
    }
}
