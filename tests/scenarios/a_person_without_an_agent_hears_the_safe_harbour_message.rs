use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use outdial::dialer::{Output, Record};
use outdial::domain::{CallId, Outcome, VerdictKind};
use outdial::sim::World;

use crate::shift::{for_seeds, too_fast};

/// The law's two seconds, and what is cut off the detector's whole milliseconds.
const LATEST: SignedDuration = SignedDuration::from_millis(2_001);

/// 16 CFR 310.4(b)(4)(iii), 47 CFR 64.1200(a)(7): the message begins within two seconds of the
/// completed greeting; here of the detector's word at the latest.
#[test]
fn a_person_without_an_agent_hears_the_safe_harbour_message() {
    for_seeds(0..6, |seed| {
        let mut world = World::new(too_fast(seed, 8));
        let mut played: BTreeMap<CallId, Timestamp> = BTreeMap::new();
        let (mut heard, mut opted_out) = (0, 0);
        while let Some(outputs) = world.step() {
            let outputs: Vec<Told> = outputs.iter().filter_map(told).collect();
            let now = world.now();
            for told in outputs {
                match told {
                    Told::Played(call) => drop(played.insert(call, now)),
                    Told::OptedOut => opted_out += 1,
                    Told::Abandoned { call, answered_at, heard_at_ms } => {
                        let screened_at = answered_at + SignedDuration::from_millis(heard_at_ms);
                        let Some(played_at) = played.get(&call) else {
                            panic!("call {call}: abandoned in silence");
                        };
                        let late = played_at.duration_since(screened_at);
                        assert!(late <= LATEST, "{late}");
                        heard += 1;
                    }
                }
            }
        }
        assert!(heard > 10 && opted_out > 0, "{heard} messages, {opted_out} keys");
        assert_eq!(world.faults(), Vec::<String>::new());
    });
}

enum Told {
    Abandoned { call: CallId, answered_at: Timestamp, heard_at_ms: i64 },
    OptedOut,
    Played(CallId),
}

fn told(output: &Output) -> Option<Told> {
    match output {
        Output::Play(call, _) => Some(Told::Played(*call)),
        Output::Record(Record::DoNotCall { .. }) => Some(Told::OptedOut),
        Output::Record(Record::Ended(record)) if record.outcome == Outcome::Abandoned => {
            // Who answers across a CANCEL hears nobody: there is no call left to play to.
            let verdict = record.verdict.filter(|verdict| verdict.kind == VerdictKind::Human)?;
            let heard_at_ms = i64::from(verdict.at_ms);
            Some(Told::Abandoned {
                call: record.call,
                answered_at: record.answered_at?,
                heard_at_ms,
            })
        }
        _ => None,
    }
}
