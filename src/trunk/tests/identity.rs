//! What a carrier is told of who calls, and keys by INFO.

use std::sync::Arc;

use super::*;
use crate::trunk::stir::tests::{URL, signer};
use crate::trunk::{Asserted, Identity};

fn headers(identity: Identity) -> BTreeMap<String, String> {
    let mut world = World::with(|trunk| trunk.identity = identity.clone());
    world.originate(CALL);
    let (_, invite) = world.invited(EAST).unwrap();
    assert!(invite.from.contains("+12015550199"), "From shows the caller id: {}", invite.from);
    invite.headers.into_iter().collect()
}

#[test]
fn a_trunk_is_told_no_more_than_the_caller_id_unless_it_says_so() {
    let told = headers(Identity::default());
    assert_eq!(told["P-Asserted-Identity"], "<sip:+12015550199@192.0.2.1:5071>");
    for name in ["Privacy", "Diversion", "Identity"] {
        assert!(!told.contains_key(name), "{name}");
    }
}

#[test]
fn what_is_configured_is_told() {
    let number = PhoneNumber::from_e164("+12015550111").unwrap();
    let told = headers(Identity {
        asserted: Asserted::Number(number),
        is_private: true,
        diverted_from: Some(number),
        stir: Some(Arc::new(signer())),
    });
    assert_eq!(told["P-Asserted-Identity"], "<sip:+12015550111@192.0.2.1:5071>");
    assert_eq!(told["Privacy"], "id");
    let diversion = "<sip:+12015550111@192.0.2.1:5071>;reason=unconditional;counter=1";
    assert_eq!(told["Diversion"], diversion);
    assert!(told["Identity"].ends_with(&format!(";info=<{URL}>;alg=ES256;ppt=shaken")));
    assert_eq!(told["Date"], "Sun, 15 Jun 2025 15:06:40 GMT");
    let told = headers(Identity { asserted: Asserted::Nobody, ..Identity::default() });
    assert!(!told.contains_key("P-Asserted-Identity"));
}

#[test]
fn a_key_by_info_is_told_once() {
    let mut world = World::new();
    world.originate(CALL);
    world.answer(EAST);
    let (&dialog, _) = world.desk.by_dialog.first_key_value().unwrap();
    for content_type in ["application/dtmf-relay", "text/plain"] {
        let (content_type, body) = (content_type.to_owned(), "Signal=9\r\n".to_owned());
        let info = Event::Info { dialog, content_type, body };
        world.desk.absorb(info, &mut world.sip, world.now);
    }
    world.settle();
    assert_eq!(world.story(CALL), "answered digit:9");
}
