//! Carriers that call us.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::*;
use crate::domain::Direction;
use crate::sip::Invite;

const FIRST: CallId = CallId(100);
const OURS: &str = "+12015550100";

impl World {
    /// The carrier of the trunk calls.
    fn call_in(&mut self, trunk: TrunkId, number: &str, sdp: String) -> DialogId {
        let invite = Invite {
            next_hop: address(5060),
            request_uri: format!("sip:{number}@192.0.2.1"),
            from: "<sip:+12015550123@192.0.2.1>".to_owned(),
            to: format!("<sip:{number}@192.0.2.1>"),
            sdp,
            headers: Vec::new(),
            credentials: None,
        };
        let now = self.now;
        let dialog = self.carrier(trunk).invite(invite, now);
        self.settle();
        dialog
    }

    fn offer() -> String {
        sdp::offer(&media(6000), 1)
    }

    fn take(&mut self, call: CallId) {
        self.desk.answer(call, address(4000), &mut self.sip, self.now);
        self.settle();
    }

    /// The final response that the carrier's call got, if it failed.
    fn refused(&mut self, trunk: TrunkId) -> Option<u16> {
        let heard = &self.carriers[usize::from(trunk.0)].heard;
        heard.iter().find_map(|event| match event {
            Event::Failed { failure, .. } => failure.status,
            _ => None,
        })
    }
}

#[test]
fn who_calls_in_rings_is_answered_and_hangs_up() {
    let mut world = World::new();
    let dialog = world.call_in(EAST, OURS, World::offer());
    assert_eq!(world.story(FIRST), "incoming:+*********23");
    let TrunkEvent::Incoming(incoming) = &world.told[0].1 else { panic!() };
    assert_eq!((incoming.campaign, incoming.trunk.as_str()), (CampaignId(7), "east"));
    assert_eq!(world.channels(), 1);
    world.take(FIRST);
    assert_eq!(world.story(FIRST), "incoming:+*********23 answered");
    let now = world.now;
    world.carrier(EAST).hang_up(dialog, now);
    world.run_s(40);
    assert_eq!(world.story(FIRST), "incoming:+*********23 answered ended:hung_up/callee");
    let cause = world.cause(FIRST);
    assert!(cause.by_callee && cause.sip_call_id.is_some());
    assert_eq!((world.channels(), world.sip.dialogs(), world.desk.is_idle()), (0, 0, true));
}

#[test]
fn we_hang_up_on_who_has_called_in() {
    let mut world = World::new();
    world.call_in(EAST, OURS, World::offer());
    world.take(FIRST);
    world.hang_up(FIRST);
    world.run_s(40);
    assert!(world.story(FIRST).ends_with("answered ended:cancelled/us"), "{}", world.story(FIRST));
    assert_eq!((world.channels(), world.sip.dialogs()), (0, 0));
}

#[test]
fn who_gives_up_before_the_answer_is_gone() {
    let mut world = World::new();
    let dialog = world.call_in(EAST, OURS, World::offer());
    let now = world.now;
    world.carrier(EAST).hang_up(dialog, now);
    world.run_s(1);
    assert!(world.story(FIRST).ends_with("ended:cancelled/callee"), "{}", world.story(FIRST));
    world.take(FIRST);
    assert_eq!((world.channels(), world.desk.is_idle()), (0, true));
}

#[test]
fn what_is_not_for_us_is_refused_and_takes_no_channel() {
    for (trunk, number, sdp, status) in [
        (EAST, "+12015550199", World::offer(), 404),
        (EAST, "anna", World::offer(), 404),
        (WEST, OURS, World::offer(), 404),
        (EAST, OURS, World::offer().replace("RTP/AVP", "RTP/SAVP"), 488),
    ] {
        let mut world = World::new();
        world.call_in(trunk, number, sdp);
        assert_eq!(world.refused(trunk), Some(status), "{number}");
        assert_eq!((world.channels(), world.told.len()), (0, 0));
    }
}

#[test]
fn a_full_trunk_is_busy_and_a_stopping_one_has_no_room() {
    let mut world = World::with(|trunk| trunk.channels_max = 1);
    world.call_in(EAST, OURS, World::offer());
    world.call_in(EAST, OURS, World::offer());
    assert_eq!(world.refused(EAST), Some(486));
    let mut world = World::new();
    world.desk.drain();
    world.call_in(EAST, OURS, World::offer());
    assert_eq!(world.refused(EAST), Some(503));
}

#[test]
fn the_owner_may_turn_a_caller_away() {
    let mut world = World::new();
    world.call_in(EAST, OURS, World::offer());
    world.desk.refuse(FIRST, 480, &mut world.sip, world.now);
    world.settle();
    assert_eq!(world.refused(EAST), Some(480));
    assert!(world.story(FIRST).ends_with("ended:cancelled/us"), "{}", world.story(FIRST));
    assert_eq!(world.channels(), 0);
}

#[test]
fn a_caller_may_put_us_on_hold() {
    let mut world = World::new();
    let dialog = world.call_in(EAST, OURS, World::offer());
    world.take(FIRST);
    let hold = sdp::offer(&media(6000), 2).replace("sendrecv", "sendonly");
    let now = world.now;
    world.carrier(EAST).reoffer(dialog, hold, now);
    world.settle();
    let direction = Direction::ReceiveOnly;
    assert!(
        world.story(FIRST).ends_with(&format!("retarget:{direction:?}")),
        "{}",
        world.story(FIRST)
    );
}

#[test]
fn an_answer_that_is_never_acknowledged_ends_the_call() {
    let mut world = World::new();
    world.call_in(EAST, OURS, World::offer());
    world.carriers[0].dead = true;
    world.take(FIRST);
    // 64*T1 for the ACK, and as long for the answer to our BYE.
    world.run_s(80);
    assert!(world.story(FIRST).ends_with("ended:failed/carrier"), "{}", world.story(FIRST));
    assert_eq!((world.channels(), world.sip.dialogs()), (0, 0));
}

#[test]
fn who_calls_in_is_refused_when_there_is_no_time_or_no_channel_for_more() {
    let mut strained = World::new();
    strained.desk.strained = Some(Arc::new(AtomicUsize::new(1)));
    strained.call_in(EAST, OURS, World::offer());
    assert_eq!(strained.refused(EAST), Some(503));
    let mut full = World::with_total(1);
    full.originate(CALL);
    full.call_in(EAST, OURS, World::offer());
    assert_eq!(full.refused(EAST), Some(503));
    assert_eq!(full.channels(), 1);
}
