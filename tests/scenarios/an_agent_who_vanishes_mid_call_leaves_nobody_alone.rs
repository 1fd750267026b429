use std::collections::BTreeMap;

use outdial::dialer::{Output, Record};
use outdial::domain::{AgentId, CallId, Outcome};
use outdial::sim::World;

use crate::shift::{for_seeds, too_fast};

/// Every call whose agent goes gets another agent, the message, or an end; and whoever has talked
/// with an agent has talked, whatever came after.
#[test]
fn an_agent_who_vanishes_mid_call_leaves_nobody_alone() {
    for_seeds(0..6, |seed| {
        let mut scenario = too_fast(seed, 10);
        scenario.desks.vanish = 0.3;
        let mut world = World::new(scenario);
        let mut alone: BTreeMap<CallId, AgentId> = BTreeMap::new();
        let (mut lost, mut taken_over) = (0, 0);
        while let Some(outputs) = world.step() {
            for output in outputs {
                match output {
                    Output::Unbridge(call, agent) => {
                        alone.insert(*call, *agent);
                        lost += 1;
                    }
                    Output::Bridge(call, agent) => {
                        if let Some(before) = alone.remove(call) {
                            assert_ne!(before, *agent, "the agent who vanished is back at once");
                            taken_over += 1;
                        }
                    }
                    Output::HangUp(call) | Output::Play(call, _) => drop(alone.remove(call)),
                    Output::Record(Record::Ended(record)) => {
                        alone.remove(&record.call);
                        let talked = record.bridged_at.is_some();
                        assert_eq!(talked, record.outcome == Outcome::Talked);
                    }
                    _ => {}
                }
            }
        }
        assert!(lost > 50 && taken_over > 3, "{lost} agents lost, {taken_over} taken over");
        assert!(alone.is_empty(), "{alone:?}");
        assert_eq!(world.faults(), Vec::<String>::new());
    });
}
