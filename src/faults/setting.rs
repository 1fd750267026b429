//! The shift that things go wrong in: a campaign of forty leads in New York, three agents, one trunk,
//! from shortly before nine in the evening, when calls are to end; and the process that starts there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};

use super::Bug;
use super::carrier;
use super::judge::Terms;
use super::plan::BEFORE_NINE;
use super::process::Process;
use super::world::World;
use crate::clock::Pulse;
use crate::compliance::{Gate, Rulebook, Rulebooks};
use crate::dialer::{Dialer, DialerConfig};
use crate::domain::{
    Amd, Campaign, Outcome, PacingMode, PhoneNumber, Recycle, TrunkId, WaitFrom, later,
};
use crate::server::CallIds;
use crate::server::promises::{COMMIT_AGE_MAX, Watch};
use crate::sim::Scenario;
use crate::sip::Kept;
use crate::trunk::{Machine, TrunkConfig, TrunksConfig};

/// Whom the campaign calls.
pub(super) const LEADS: i64 = 60;
/// Where the dialer is.
pub(super) const ADDRESS: SocketAddr = address(1);
/// Where another takes over.
pub(super) const STANDBY: SocketAddr = address(2);

const CHANNELS: u32 = 8;
const CALLS_PER_SECOND: u32 = 4;
const WAIT_MAX: SignedDuration = SignedDuration::from_secs(2);
/// Nobody is called again before.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// What a lead waits whose call was of no use.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(62);

const RULEBOOK: &str = r#"
id = "made-up"
title = "A shift in which things go wrong"
version = "2026-11-25"
min_tzdb = "2024a"
covers_numbers = ["+1212???????"]

[[rules]]
id = "made_up.hours"
kind = "hours"
basis = "policy"
citation = "the simulator"
status = "primary"
sentence = "Calls are allowed from 8:00 to 21:00."
auditor = "No call outside 8:00 to 21:00."
days = { mon-sun = "08:00-21:00" }

[[rules]]
id = "made_up.do_not_call"
kind = "do_not_call"
basis = "policy"
citation = "the simulator"
status = "primary"
sentence = "The person has asked not to be called."
auditor = "Who has asked not to be called is not called."

[[rules]]
id = "made_up.interval"
kind = "interval"
basis = "policy"
citation = "the simulator"
status = "primary"
sentence = "The number was called less than a minute ago."
auditor = "A minute passes between two calls to a number."
interval_s = 60
not_counted = ["cancelled", "failed"]
"#;

const fn address(host: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)), 5060)
}

/// The evening of a Monday.
pub(super) fn begins_at() -> Timestamp {
    let nine = const { Timestamp::constant(1_794_276_000, 0) };
    later(nine, -BEFORE_NINE)
}

pub(super) fn number(lead: i64) -> Option<PhoneNumber> {
    PhoneNumber::from_e164(&format!("+1212{}", 2_000_000 + lead))
}

pub(super) fn rulebooks() -> Rulebooks {
    let mut books = Rulebooks::default();
    if let Ok(book) = Rulebook::parse(RULEBOOK) {
        // The only one: its id cannot be taken.
        let _ = books.add(book);
    }
    books
}

pub(super) fn campaign(seed: u64) -> Campaign {
    let again = |outcome| (outcome, Recycle { after: AGAIN_AFTER, attempts_max: 9 });
    let pacing = match seed % 3 {
        0 => PacingMode::Predictive { lines_per_agent_max: 3.0 },
        1 => PacingMode::Progressive,
        _ => PacingMode::Ratio { calls_per_agent: 2.0 },
    };
    Campaign {
        pacing,
        ring_max: SignedDuration::from_secs(8),
        wait_max: WAIT_MAX,
        wait_from: WaitFrom::Answer,
        amd: Amd::BeforeConnect { limit: SignedDuration::from_millis(1_500) },
        wrap_up_max: SignedDuration::from_secs(10),
        attempts_max: 9,
        recycling: [
            again(Outcome::Abandoned),
            again(Outcome::AnsweringMachine),
            again(Outcome::Busy),
            again(Outcome::HungUp),
            again(Outcome::Interrupted),
            again(Outcome::NoAnswer),
        ]
        .into(),
        ..Scenario::default().campaign
    }
}

pub(super) fn terms() -> Terms {
    Terms {
        window: WINDOW,
        wait_max: WAIT_MAX,
        channels: CHANNELS as usize,
        calls_per_second: CALLS_PER_SECOND as usize,
        hours_end: 21,
    }
}

impl World {
    /// A process takes the books and begins, as the server's assembly does.
    pub(super) fn start(&mut self, address: SocketAddr) {
        let off = self.clock_of_a_start();
        let now = self.now + off;
        let opened = self.books.open_anew(AGAIN_AFTER, now);
        self.started += 1;
        let id = self.started;
        self.trail.note(self.now, format_args!("p{id} starts at {address}, run {}", opened.run));
        let pulse = Pulse::new(now);
        let seed = self.plan.seed.wrapping_mul(1_000).wrapping_add(u64::from(id));
        let trunks = Machine::new(self.trunks(address, seed, &pulse), now);
        let gate = Gate::new(self.rulebooks.clone(), self.books.do_not_call.iter().copied());
        let config = DialerConfig { first_call: opened.first_call, seed, gate };
        let mut process = Process::new(
            (address, off),
            Dialer::new(config),
            trunks,
            pulse,
            CallIds { seed },
            self.now,
        );
        if self.plan.bug != Some(Bug::HoursByWallClock) {
            process.watch = Watch::started(Some(opened.last_alive_at), now);
        }
        self.processes.insert(id, process);
        self.runs.insert(id, (opened.run, off));
        self.current = Some(id);
        let kept = |(_, dialog): &(_, String)| serde_json::from_str::<Kept>(dialog).ok();
        let strays: Vec<Kept> = opened.strays.iter().filter_map(kept).collect();
        self.drive(id, |trunks, now| trunks.end_strays(&strays, now));
        self.forget_later(id, opened.strays);
        self.introduce(id);
    }

    /// A clock that is ahead at a start, or behind by less than the time since the last sign of life, is
    /// put right by whoever starts: nothing in the books tells.
    fn clock_of_a_start(&mut self) -> SignedDuration {
        let told = Watch::started(Some(self.books.alive_at), self.now + self.wall_off);
        if !told.was_behind() {
            self.wall_off = SignedDuration::ZERO;
        }
        self.wall_off
    }

    /// What no process does, unless by mistake.
    pub(super) fn follow_the_wall_clock(&mut self) {
        let follows = self.plan.bug == Some(Bug::HoursByWallClock);
        let Some(id) = self.current.filter(|_| follows) else { return };
        if let (Some(process), Some(run)) = (self.processes.get_mut(&id), self.runs.get_mut(&id)) {
            (process.off, run.1) = (self.wall_off, self.wall_off);
        }
    }

    fn trunks(&self, address: SocketAddr, seed: u64, pulse: &Pulse) -> TrunksConfig {
        let mut trunk = TrunkConfig::new(TrunkId(0), "main", carrier::ADDRESS);
        let plenty = self.plan.bug == Some(Bug::ChannelsUncounted);
        trunk.channels_max = if plenty { 1_000 } else { CHANNELS };
        let hurry = self.plan.bug == Some(Bug::PaceIgnored);
        trunk.calls_per_second = NonZeroU32::new(if hurry { 1_000 } else { CALLS_PER_SECOND })
            .unwrap_or(NonZeroU32::MIN);
        TrunksConfig {
            books_pulse: Some(pulse.clone()),
            books_age_max: COMMIT_AGE_MAX,
            trunks: vec![trunk],
            ..TrunksConfig::new(address, seed)
        }
    }
}
