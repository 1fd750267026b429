//! A made-up floor writes its books; the world that is made of them is like it.

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::*;
use crate::cli::simulate::WhatIf;
use crate::dialer::{Output, Record};
use crate::domain::{CallId, LeadId, LeadOrder, PacingMode, PhoneNumber};
use crate::sim::{Scenario, World};
use crate::store::import::NewLead;
use crate::store::{AttemptBegun, Store};

const RATIO: PacingMode = PacingMode::Ratio { calls_per_agent: 1.8 };

struct Begun {
    call: CallId,
    lead: LeadId,
    number: PhoneNumber,
    at: Timestamp,
}

/// Three hours of ten agents: what was begun, and what was recorded.
fn floor() -> (Scenario, Vec<Begun>, Vec<Record>, Vec<Day>) {
    let mut scenario = Scenario { seed: 3, days: 1, ..Scenario::s0(10) };
    scenario.shift = SignedDuration::from_hours(3);
    scenario.campaign.pacing = RATIO;
    let mut world = World::new(scenario.clone());
    let (mut begun, mut records) = (Vec::new(), Vec::new());
    loop {
        let at = world.now();
        let Some(outputs) = world.step() else { break };
        for output in outputs {
            match output {
                Output::Originate(call, permit) => {
                    let number = permit.number(at).unwrap();
                    begun.push(Begun { call: *call, lead: permit.lead(), number, at });
                }
                Output::Record(record) => records.push(record.clone()),
                _ => {}
            }
        }
    }
    for begun in &mut begun {
        let own = records.iter().find_map(|record| match record {
            Record::Ended(record) if record.call == begun.call => Some(record.began_at),
            _ => None,
        });
        begun.at = own.unwrap();
    }
    (scenario, begun, records, world.days().to_vec())
}

fn lead(begun: &Begun) -> NewLead {
    NewLead {
        number: begun.number,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
    }
}

/// The books of that floor, in a campaign of this name.
async fn books(folder: &Path, name: &str, begun: Vec<Begun>, records: Vec<Record>) {
    let (store, _) = Store::open(folder, Timestamp::UNIX_EPOCH).await.unwrap();
    let campaign = store.campaign_id(name).await.unwrap();
    let leads: Vec<NewLead> = begun.iter().map(lead).collect();
    let count = leads.len() as u32;
    store.add_leads(campaign, "test", leads, Timestamp::UNIX_EPOCH).await.unwrap();
    let order = LeadOrder::OldestDue;
    let (claimed, _) =
        store.due_leads(campaign, order, count, Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(claimed.len(), count as usize);
    let mut writes = JoinSet::new();
    for (begun, claimed) in begun.iter().zip(&claimed) {
        assert_eq!((begun.lead, begun.number), (claimed.id, claimed.number));
        let begun = AttemptBegun {
            call: begun.call,
            lead: begun.lead,
            campaign,
            number: begun.number,
            caller_id: None,
            sip_call_id: None,
            trunk: None,
            at: begun.at,
            commitment: None,
        };
        let store = store.clone();
        writes.spawn(async move { store.begin_attempt(begun).await });
    }
    while let Some(written) = writes.join_next().await {
        written.unwrap().unwrap();
    }
    let records = records.into_iter().filter(|record| {
        matches!(record, Record::Agent { .. } | Record::Bridged { .. } | Record::Ended(_))
    });
    store.record_all(records.collect(), Timestamp::UNIX_EPOCH).await.unwrap();
    store.close().await;
}

fn args(agents: Option<u32>) -> Args {
    Args {
        scenario: None,
        campaign: Some("spring".to_owned()),
        what_if: WhatIf { agents, ..WhatIf::default() },
        hours: None,
        days: None,
        seeds: Some(4),
        sweep: None,
        plot: None,
        json: false,
        from_log: true,
        since: None,
        until: None,
        data: None,
        config: crate::cli::ConfigFile { config: "outdial.toml".into() },
    }
}

#[tokio::test]
async fn a_replay_from_the_books_is_like_what_happened() {
    let (scenario, begun, records, days) = floor();
    let folder = tempfile::TempDir::new().unwrap();
    books(folder.path(), "spring", begun, records).await;
    let past = read(folder.path(), "spring", Timestamp::UNIX_EPOCH, Timestamp::MAX).await.unwrap();
    let fitted = past.fit(scenario.campaign).unwrap();
    let report = report(&args(Some(20)), "spring", fitted).unwrap();

    let happened = report.happened.utilisation_percent.mean;
    assert!((happened - 100.0 * days[0].utilisation()).abs() < 0.2, "{happened}");
    assert_eq!(report.happened.calls_a_day.mean, days[0].dialed as f64);
    let replayed = report.replayed.utilisation_percent;
    assert!((replayed.mean - happened).abs() < 2.5, "{happened}, replayed {replayed:?}");
    assert!(replayed.half.is_some_and(|half| half > 0.0));

    // Twice the agents place about twice the calls, and are busier: a larger floor wastes less.
    let more = &report.what_if[0].figures;
    let calls = more.calls_a_day.mean / report.replayed.calls_a_day.mean;
    assert!((1.8..2.4).contains(&calls), "{calls}");
    let shown = told(&report);
    println!("{shown}");
    for word in ["happened", "replayed", "what-if ratio=1.8", "change", "points from what happened"]
    {
        assert!(shown.contains(word), "{word} in\n{shown}");
    }
}

#[tokio::test]
async fn books_that_say_too_little_are_told() {
    let (scenario, mut begun, records, _) = floor();
    let folder = tempfile::TempDir::new().unwrap();
    begun.truncate(50);
    let last = begun[49].call;
    let known = |record: &Record| match record {
        Record::Ended(record) => record.call <= last,
        _ => false,
    };
    let records = records.into_iter().filter(known).collect();
    books(folder.path(), "spring", begun, records).await;
    let past = read(folder.path(), "spring", Timestamp::UNIX_EPOCH, Timestamp::MAX).await.unwrap();
    let few = past.fit(scenario.campaign).unwrap_err();
    assert!(few.to_string().contains("30 people at least are needed"), "{few}");
    let nobody = read(folder.path(), "winter", Timestamp::UNIX_EPOCH, Timestamp::MAX).await;
    assert!(nobody.is_err_and(|fault| fault.to_string().contains("no campaign winter")));
}
