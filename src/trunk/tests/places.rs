//! A trunk that is known by name, with several addresses.

use std::time::Duration;

use super::*;
use crate::sip::Transport;
use crate::transport::{Host, Located, ResolveFault, Target};

/// East by name: at its own address first, at the west carrier's second.
fn by_name() -> World {
    let mut world = World::with(|trunk| {
        if trunk.id == EAST {
            trunk.address = TrunkConfig::NOWHERE;
            let name = "carrier.example".to_owned();
            trunk.host = Some(Host { name, port: None, transport: None });
        }
    });
    world.only_east();
    world
}

fn located(ports: &[u16]) -> Result<Located, ResolveFault> {
    let target = |(priority, port): (u16, &u16)| Target {
        priority,
        weight: 0,
        addresses: vec![address(*port)],
    };
    let targets = (0..).zip(ports).map(target).collect();
    Ok(Located { transport: Transport::Udp, targets, kept: Duration::from_secs(60) })
}

impl World {
    /// West is a place of east's here, and no trunk.
    fn only_east(&mut self) {
        self.desk.lines.remove(&WEST);
    }

    fn locate(&mut self, found: Result<Located, ResolveFault>) {
        self.desk.located((EAST, found), self.now);
        self.settle();
    }
}

#[test]
fn calls_wait_until_it_is_known_where_the_trunk_is() {
    let mut world = by_name();
    world.originate(CALL);
    assert_eq!(world.health(EAST), TrunkHealth::Unreachable);
    assert!(world.invited(EAST).is_none());
    world.locate(located(&[5071]));
    world.answer(EAST);
    assert_eq!(world.story(CALL), "answered");
}

#[test]
fn the_next_address_takes_the_call_when_the_first_says_503_or_nothing() {
    for is_dead in [false, true] {
        let mut world = by_name();
        world.locate(located(&[5071, 5072]));
        world.carriers[0].dead = is_dead;
        world.originate(CALL);
        if !is_dead {
            world.reject(EAST, 503, &[]);
        }
        // Its calls are spaced.
        world.run_s(2);
        assert!(world.invited(WEST).is_some(), "{is_dead}");
        assert_eq!(world.health(EAST), TrunkHealth::Up, "the trunk has not failed");
        world.originate(CallId(2));
        assert!(world.invited(EAST).is_none(), "passed over while it rests");
    }
}

#[test]
fn a_callees_refusal_is_not_asked_for_again_at_the_next_address() {
    let mut world = by_name();
    world.locate(located(&[5071, 5072]));
    world.originate(CALL);
    world.reject(EAST, 486, &[]);
    world.run_s(5);
    assert!(world.invited(WEST).is_none());
}

#[test]
fn when_every_address_fails_the_trunk_rests() {
    let mut world = by_name();
    world.locate(located(&[5071, 5072]));
    world.originate(CALL);
    world.reject(EAST, 503, &[("Retry-After", "20")]);
    world.run_s(1);
    world.reject(WEST, 503, &[("Retry-After", "20")]);
    assert!(matches!(world.health(EAST), TrunkHealth::Resting { .. }));
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    assert_eq!(world.channels(), 0);
}

#[test]
fn what_is_known_holds_while_the_name_servers_are_silent_and_ends_by_their_word_alone() {
    let mut world = by_name();
    world.locate(located(&[5071]));
    world.locate(Err(ResolveFault::TooLong("carrier.example".to_owned())));
    world.originate(CALL);
    assert!(world.invited(EAST).is_some());
    world.locate(Err(ResolveFault::NotOffered("carrier.example".to_owned())));
    world.originate(CallId(2));
    assert!(world.invited(EAST).is_none());
    assert_eq!(world.health(EAST), TrunkHealth::Unreachable);
}

#[test]
fn the_carrier_may_call_from_wherever_its_name_leads() {
    let mut world = by_name();
    assert!(world.desk.networks().iter().all(|network| !network.contains(address(1).ip())));
    world.locate(located(&[5071]));
    assert!(world.desk.networks().iter().any(|network| network.contains(address(1).ip())));
}
