use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use outdial::dialer::{Notice, Output, Record};
use outdial::domain::{AgentState, Amd, CallId, Outcome, Share};
use outdial::sim::World;

use crate::shift::{busy, for_seeds, step_audited};

/// The agent is connected at the answer, or to who is likely a person, and the detector goes on: a
/// machine is taken back within its limit, counts for nobody, and leaves no wrap-up behind.
#[test]
fn what_proves_to_be_a_machine_is_taken_from_the_agent() {
    for_seeds(1..4, |seed| {
        let limit = SignedDuration::from_secs(3);
        for amd in [Amd::Alongside { limit }, Amd::BeforeConnect { limit }] {
            let mut scenario = busy(seed, 10);
            scenario.campaign.amd = amd;
            scenario.campaign.answers.likely_person = Share::new(0.6);
            scenario.callees.doubts.likely_people = 0.7;
            scenario.callees.doubts.likely_machines = 0.2;
            scenario.callees.doubts.mistaken = 0.1;
            let mut world = World::new(scenario);
            let taken = Taken::watch(&mut world);
            assert_eq!(world.faults(), Vec::<String>::new());
            println!("{amd:?}: {} taken back, {:?} at most", taken.count, taken.longest);
            assert!(taken.count > 20, "{}", taken.count);
            assert!(taken.longest <= limit + SignedDuration::from_millis(250));
            assert_eq!((taken.wrap_ups, taken.counted), (0, 0));
        }
    });
}

#[derive(Default)]
struct Taken {
    count: u32,
    longest: SignedDuration,
    wrap_ups: u32,
    counted: u32,
}

impl Taken {
    fn watch(world: &mut World) -> Self {
        let mut seen = Self::default();
        let mut bridged: BTreeMap<CallId, Timestamp> = BTreeMap::new();
        let mut taken: BTreeMap<CallId, ()> = BTreeMap::new();
        let ends_at = world.ends_at() + SignedDuration::from_mins(10);
        while world.now() < ends_at {
            let now = world.now();
            let Some(outputs) = world.step() else { break };
            for output in outputs {
                match output {
                    Output::Record(Record::Bridged { call, at, .. }) => {
                        bridged.insert(*call, *at);
                    }
                    Output::Notify(Notice::Detected { call, taken_back: true, .. }) => {
                        taken.insert(*call, ());
                        seen.count += 1;
                        if let Some(since) = bridged.get(call) {
                            seen.longest = seen.longest.max(now.duration_since(*since));
                        }
                    }
                    Output::Notify(Notice::Agent {
                        state: AgentState::WrapUp { call }, ..
                    }) => {
                        seen.wrap_ups += u32::from(taken.contains_key(call));
                    }
                    Output::Record(Record::Ended(record)) if taken.contains_key(&record.call) => {
                        let machine = record.outcome == Outcome::AnsweringMachine
                            && record.screening.taken_back_at.is_some();
                        let counted =
                            record.ledger != outdial::dialer::LedgerEntry::NotCounted || !machine;
                        seen.counted += u32::from(counted);
                    }
                    _ => {}
                }
            }
        }
        seen
    }
}

/// Every step of such a shift, counted anew.
#[test]
fn a_shift_of_doubts_keeps_its_books() {
    let mut scenario = busy(7, 6);
    scenario.shift = SignedDuration::from_mins(30);
    scenario.campaign.answers.likely_person = Share::new(0.6);
    scenario.callees.doubts.likely_people = 0.7;
    scenario.callees.doubts.likely_machines = 0.3;
    scenario.callees.doubts.mistaken = 0.2;
    let mut world = World::new(scenario);
    let ends_at = world.ends_at();
    while world.now() < ends_at && step_audited(&mut world) {}
}
