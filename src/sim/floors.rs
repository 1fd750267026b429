//! Floors that several campaigns and queues share, and what each of them comes to.

use std::collections::BTreeMap;

use super::scenario::campaign;
use super::{Beside, Scenario, Waits, World};
use crate::dialer::{CallRecord, Output, Record};
use crate::domain::{Campaign, CampaignId, InboundOrder, Outcome, PacingMode, PreviewEnd, later};
use jiff::SignedDuration;

/// The last talks are let end.
const EVENING: SignedDuration = SignedDuration::from_hours(1);

/// What a day of a shared floor came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FloorReport {
    /// Talk and wrap-up, of the time in which an agent was there for calls, 0 to 1.
    pub utilisation: f64,
    /// The campaigns and queues, by id.
    pub campaigns: Vec<CampaignReport>,
}

/// What it came to for one campaign or queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignReport {
    /// Its name.
    pub name: String,
    /// Calls that it placed.
    pub dialed: u64,
    /// The most of its calls that were up at once.
    pub calls_up_max: u32,
    /// People: who answered, or called in.
    pub people: u64,
    /// Of these, who had no agent in time; of a queue, who gave up or waited in vain.
    pub abandoned: u64,
    /// People who heard the message of a broadcast.
    pub messages: u64,
    /// People who talked with an agent.
    pub talks: u64,
    /// Its share of all talk, 0 to 1.
    pub share: f64,
    /// How long those who talked had waited since the answer.
    pub waits: Waits,
}

impl CampaignReport {
    /// Of its people, the share that had no agent in time, 0 to 1.
    pub fn abandonment(&self) -> f64 {
        self.abandoned as f64 / (self.people as f64).max(1.0)
    }

    fn hear(&mut self, record: &CallRecord, is_queue: bool) {
        if let (Some(answered_at), Some(bridged_at)) = (record.answered_at, record.bridged_at) {
            self.talks += 1;
            self.waits.count(bridged_at.duration_since(answered_at).as_secs_f64());
        }
        let gave_up = matches!(record.outcome, Outcome::Abandoned | Outcome::HungUp);
        self.abandoned += u64::from(is_queue && gave_up);
    }
}

/// Runs the scenario's days on one floor, from this seed.
pub fn run_floor(scenario: &Scenario, seed: u64) -> FloorReport {
    let mut world = World::new(Scenario { seed, ..scenario.clone() });
    let queues: Vec<CampaignId> = scenario
        .beside
        .iter()
        .filter(|beside| beside.campaign.pacing.is_inbound())
        .map(|beside| beside.campaign.id)
        .collect();
    let mut reports: BTreeMap<CampaignId, CampaignReport> = BTreeMap::new();
    let last = later(world.ends_at(), EVENING);
    while world.now() <= last {
        let Some(outputs) = world.step() else { break };
        for output in outputs {
            if let Output::Record(Record::Ended(record)) = output {
                let is_queue = queues.contains(&record.campaign);
                reports.entry(record.campaign).or_default().hear(record, is_queue);
            }
        }
        world.dialer().calls_up().for_each(|(id, calls)| {
            let report = reports.entry(id).or_default();
            report.calls_up_max = report.calls_up_max.max(calls);
        });
    }
    let view = world.dialer().view(world.now());
    let talk_s: f64 = view.campaigns.iter().map(|seen| seen.totals.talk_s).sum();
    for seen in &view.campaigns {
        let report = reports.entry(seen.id).or_default();
        report.name = seen.name.clone();
        report.dialed = seen.totals.dialed;
        report.people = seen.totals.people;
        report.messages = seen.totals.messages;
        report.share = seen.totals.talk_s / talk_s.max(1.0);
        if !queues.contains(&seen.id) {
            report.abandoned = seen.totals.abandoned;
        }
    }
    let days = world.days();
    let busy_s: f64 = days.iter().map(|day| day.talk_s + day.wrap_up_s).sum();
    let idle_s: f64 = days.iter().map(|day| day.idle_s).sum();
    let utilisation = busy_s / (busy_s + idle_s).max(1.0);
    FloorReport { utilisation, campaigns: reports.into_values().collect() }
}

fn named(id: i64, name: &str, pacing: PacingMode) -> Campaign {
    Campaign { id: CampaignId(id), name: name.to_owned(), pacing, ..campaign() }
}

fn day(agents: u32, pacing: PacingMode, shift: SignedDuration) -> Scenario {
    let day = Scenario { days: 1, leads: 3_000_000, ..Scenario::s0(agents) };
    let mut day = day.lasting(shift);
    day.campaign.pacing = pacing;
    day
}

/// Thirty agents of a large, a middling and a small campaign, of the weights 6, 3 and 1, all of
/// which have leads for more than a day.
pub fn three_campaigns(pacing: PacingMode, shift: SignedDuration) -> Scenario {
    let mut day = day(30, pacing, shift);
    day.campaign = Campaign { name: "large".to_owned(), priority: 6, ..day.campaign };
    for (id, name, priority) in [(2, "middling", 3), (3, "small", 1)] {
        let campaign = Campaign {
            id: CampaignId(id),
            name: name.to_owned(),
            priority,
            ..day.campaign.clone()
        };
        day.beside.push(Beside::campaign(campaign, 0..30));
    }
    day
}

/// Twenty agents of a campaign that calls and of a queue with so many callers in an hour.
pub fn blended_floor(
    pacing: PacingMode,
    order: InboundOrder,
    callers_per_hour: f64,
    shift: SignedDuration,
) -> Scenario {
    let mut day = day(20, pacing, shift);
    let queue = Campaign {
        wait_max: SignedDuration::from_secs(300),
        ..named(2, "queue", PacingMode::Inbound { order })
    };
    day.beside.push(Beside::queue(queue, 0..20, callers_per_hour));
    day
}

/// Ten agents who preview the leads of one campaign, and a broadcast that needs none of them.
pub fn by_hand_floor(calls_per_minute: f64, lines_max: u32, shift: SignedDuration) -> Scenario {
    let preview = PacingMode::Preview {
        look_max: Some(SignedDuration::from_secs(30)),
        then: PreviewEnd::Dial,
        skipped_after: SignedDuration::from_hours(1),
    };
    let mut day = day(10, preview, shift);
    let broadcast = named(2, "broadcast", PacingMode::Broadcast { calls_per_minute, lines_max });
    day.beside.push(Beside::campaign(broadcast, 0..0));
    day
}
