//! What the books must say after each scenario, and how the dialer is set up for it.

use jiff::SignedDuration;
use outdial::dialer::{CallRecord, LedgerEntry};
use outdial::domain::{Outcome, PacingMode, Recycle};
use outdial::trunk::TrunkHealth;

use crate::floor::Evidence;

/// How the dialer is set up for a scenario.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Calls that SIPp takes before it ends.
    pub calls: u32,
    /// Leads in the campaign.
    pub leads: u32,
    /// How long it rings.
    pub ring_max: SignedDuration,
    /// The detector's limit; `None` connects every answer.
    pub amd: Option<SignedDuration>,
    /// After so much talk the agent hangs up; `None` leaves that to the callee.
    pub talk: Option<SignedDuration>,
    /// How many calls at once.
    pub pacing: PacingMode,
    /// The campaign has a second trunk, which must not be tried.
    pub second_trunk: bool,
    /// When leads are due again.
    pub recycling: Vec<(Outcome, Recycle)>,
}

/// What the books must say; an error is the sentence that says what is wrong.
pub type Books = fn(&Evidence) -> Result<(), String>;

/// One row: the scenario's number, its setup and its books.
pub struct Case {
    number: &'static str,
    setup: fn(&mut Setup),
    pub books: Books,
}

const PLAIN: fn(&mut Setup) = |_| {};
const TWO_TRUNKS: fn(&mut Setup) = |setup| setup.second_trunk = true;

/// Every scenario whose books are known, by its number (`d01`).
pub const CASES: &[Case] = &[
    Case { number: "d01", setup: |setup| setup.amd = seconds(2), books: d01_talked },
    Case { number: "d02", setup: PLAIN, books: d02_answered_at_the_200 },
    Case { number: "d03", setup: TWO_TRUNKS, books: d03_vacant },
    Case { number: "d04", setup: PLAIN, books: answered_once },
    Case { number: "d05", setup: TWO_TRUNKS, books: d05_credentials },
    Case { number: "d06", setup: TWO_TRUNKS, books: d06_redirect },
    Case { number: "d07", setup: TWO_TRUNKS, books: d07_busy },
    Case { number: "d08", setup: TWO_TRUNKS, books: d08_declined },
    Case { number: "d09", setup: d09_setup, books: d09_later },
    Case { number: "d10", setup: |setup| setup.leads = 20, books: d10_rest },
    Case { number: "d11", setup: |setup| setup.ring_max = whole(5), books: d11_no_answer },
    Case { number: "d12", setup: |setup| setup.ring_max = whole(5), books: d12_crossed },
    Case { number: "d13", setup: PLAIN, books: answered_once },
    Case { number: "d14", setup: agent_hangs_up, books: answered_once },
    Case { number: "d15", setup: PLAIN, books: answered_once },
    Case { number: "d16", setup: PLAIN, books: answered_once },
    Case { number: "d17", setup: agent_hangs_up, books: answered_once },
    Case { number: "d18", setup: PLAIN, books: answered_once },
    Case { number: "d19", setup: PLAIN, books: d19_fax },
    Case { number: "d20", setup: |setup| setup.amd = seconds(3), books: d20_silence },
    Case { number: "d21", setup: PLAIN, books: d21_digits },
    Case { number: "d22", setup: |setup| setup.ring_max = whole(4), books: d22_black_hole },
    Case { number: "d23", setup: PLAIN, books: d23_unusable },
    Case { number: "d24", setup: agent_hangs_up, books: answered_once },
    Case { number: "d25", setup: d25_setup, books: d25_mix },
];

impl Case {
    /// The case of a scenario's file name.
    pub fn of(name: &str) -> Option<&'static Case> {
        CASES.iter().find(|case| name.split('_').next() == Some(case.number))
    }

    /// The setup of a scenario. Where nothing is known of it, the agent hangs up after a while, in
    /// case the carrier waits for that.
    pub fn setup(case: Option<&Case>) -> Setup {
        let mut setup = Setup {
            calls: 1,
            leads: 1,
            ring_max: whole(20),
            amd: None,
            talk: None,
            pacing: PacingMode::Progressive,
            second_trunk: false,
            recycling: Vec::new(),
        };
        match case {
            Some(case) => (case.setup)(&mut setup),
            None => setup.talk = seconds(8),
        }
        setup
    }
}

fn agent_hangs_up(setup: &mut Setup) {
    setup.talk = seconds(2);
}

fn d09_setup(setup: &mut Setup) {
    setup.second_trunk = true;
    let rule = Recycle { after: whole(60), attempts_max: 5 };
    setup.recycling = vec![(Outcome::NoAnswer, rule)];
}

fn d25_setup(setup: &mut Setup) {
    (setup.calls, setup.leads) = (MIX_CALLS, MIX_CALLS);
    setup.pacing = PacingMode::Ratio { calls_per_agent: 10.0 };
    setup.amd = seconds(3);
    setup.talk = seconds(2);
}

fn whole(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn seconds(seconds: i64) -> Option<SignedDuration> {
    Some(whole(seconds))
}

fn must(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(sentence()) }
}

/// After an attack: nothing has been called, and nothing was sent anywhere.
pub fn untouched(seen: &Evidence) -> Result<(), String> {
    if let Some(touched) = &seen.touched {
        return Err(format!("a packet went where none may go: {touched}"));
    }
    let invites: u64 = seen.trunks.iter().map(|trunk| trunk.invites).sum();
    must(invites == 0, || format!("{invites} INVITEs"))?;
    must(seen.calls.is_empty(), || format!("{} records", seen.calls.len()))
}

/// The one record there must be.
fn one(seen: &Evidence) -> Result<&CallRecord, String> {
    if let Some(touched) = &seen.touched {
        return Err(format!("a packet went where none may go: {touched}"));
    }
    let channels: u32 = seen.trunks.iter().map(|trunk| trunk.channels).sum();
    must(channels == 0, || format!("{channels} channels are still taken"))?;
    match seen.calls.as_slice() {
        [call] => Ok(&call.record),
        calls => Err(format!("{} records instead of one", calls.len())),
    }
}

/// One record, of a call that was never answered, that ended so.
fn failed(seen: &Evidence, outcome: Outcome, status: Option<u16>) -> Result<&CallRecord, String> {
    let record = one(seen)?;
    must(record.answered_at.is_none(), || "written down as answered".to_owned())?;
    must(record.outcome == outcome, || format!("{} instead of {outcome}", record.outcome))?;
    must(status.is_none() || record.sip_status == status, || {
        format!("status {:?} instead of {status:?}", record.sip_status)
    })?;
    Ok(record)
}

/// The lead has lost no attempt by a fault that was not the callee's.
fn not_counted(record: &CallRecord) -> Result<(), String> {
    must(!record.counts, || "the lead has lost an attempt".to_owned())
}

fn answered_once(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.answered_at.is_some(), || format!("{}, not answered", record.outcome))?;
    must(record.outcome == Outcome::Talked, || format!("{}, not talked", record.outcome))
}

fn d01_talked(seen: &Evidence) -> Result<(), String> {
    answered_once(seen)?;
    let record = one(seen)?;
    must(record.by_callee, || "the callee hung up, and the books say we did".to_owned())?;
    let length =
        record.answered_at.map(|at| record.ended_at.duration_since(at)).unwrap_or_default();
    must((whole(2)..whole(5)).contains(&length), || format!("{length:#} long, not about 3 s"))
}

fn d02_answered_at_the_200(seen: &Evidence) -> Result<(), String> {
    answered_once(seen)?;
    let record = one(seen)?;
    let (Some(rang), Some(answered)) = (record.ringing_at, record.answered_at) else {
        return Err("no ringing in the books".to_owned());
    };
    let rang_for = answered.duration_since(rang);
    must(rang_for > SignedDuration::from_millis(3_500), || {
        format!("answered {rang_for:#} after the early media, not 4 s")
    })
}

fn d03_vacant(seen: &Evidence) -> Result<(), String> {
    let record = failed(seen, Outcome::InvalidNumber, Some(404))?;
    must(record.q850 == Some(1), || format!("cause {:?}, not 1", record.q850))?;
    must(record.lead_due_at.is_none(), || "the lead would be called again".to_owned())
}

fn d05_credentials(seen: &Evidence) -> Result<(), String> {
    not_counted(failed(seen, Outcome::Failed, Some(401))?)?;
    let health = seen.trunks[0].health;
    must(matches!(health, TrunkHealth::CredentialsRefused { .. }), || {
        format!("the trunk is {health:?}")
    })
}

fn d06_redirect(seen: &Evidence) -> Result<(), String> {
    failed(seen, Outcome::Failed, Some(302)).map(drop)
}

fn d07_busy(seen: &Evidence) -> Result<(), String> {
    let record = failed(seen, Outcome::Busy, Some(486))?;
    must(record.q850 == Some(17), || format!("cause {:?}, not 17", record.q850))
}

fn d08_declined(seen: &Evidence) -> Result<(), String> {
    failed(seen, Outcome::Declined, Some(603)).map(drop)
}

fn d09_later(seen: &Evidence) -> Result<(), String> {
    let record = failed(seen, Outcome::NoAnswer, Some(480))?;
    let after = record.lead_due_at.map(|due| due.duration_since(record.ended_at));
    must(after.is_some_and(|after| after >= whole(1_800)), || {
        format!("the lead is due after {after:?}, not 1800 s")
    })
}

fn d10_rest(seen: &Evidence) -> Result<(), String> {
    let (invites, health) = (seen.trunks[0].invites, seen.trunks[0].health);
    must(invites == 1, || format!("{invites} INVITEs to a trunk that asked for rest"))?;
    must(matches!(health, TrunkHealth::Resting { .. }), || format!("the trunk is {health:?}"))?;
    must(!seen.calls.is_empty(), || "no record".to_owned())?;
    seen.calls.iter().try_for_each(|call| not_counted(&call.record))
}

fn d11_no_answer(seen: &Evidence) -> Result<(), String> {
    let record = failed(seen, Outcome::NoAnswer, Some(487))?;
    let rang = record.ended_at.duration_since(record.ringing_at.unwrap_or(record.began_at));
    let off = (rang - seen.setup.ring_max).abs();
    must(off <= SignedDuration::from_millis(500), || {
        format!("rang {rang:#}, not {:#}", seen.setup.ring_max)
    })
}

fn d12_crossed(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.answered_at.is_some(), || format!("{}, not answered", record.outcome))?;
    must(record.outcome == Outcome::Abandoned, || format!("{}, not abandoned", record.outcome))?;
    must(record.ledger == LedgerEntry::Abandoned, || format!("ledger: {:?}", record.ledger))
}

fn d19_fax(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.outcome == Outcome::Fax, || format!("{}, not fax", record.outcome))
}

fn d20_silence(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.outcome == Outcome::Silence, || format!("{}, not silence", record.outcome))?;
    must(record.bridged_at.is_none(), || "an agent was given dead air".to_owned())
}

fn d21_digits(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.digits == "999", || format!("keys {:?}, not \"999\"", record.digits))
}

fn d22_black_hole(seen: &Evidence) -> Result<(), String> {
    let record = failed(seen, Outcome::Failed, None)?;
    must(record.ringing_at.is_none(), || "a 100 was taken for ringing".to_owned())?;
    not_counted(record)
}

fn d23_unusable(seen: &Evidence) -> Result<(), String> {
    let record = one(seen)?;
    must(record.outcome == Outcome::Failed, || format!("{}, not failed", record.outcome))?;
    not_counted(record)
}

const MIX_CALLS: u32 = 40;

/// The shares of the scenario's head; what is left over answers as a person, or not at all.
const MIX: [(Outcome, f64); 5] = [
    (Outcome::NoAnswer, 0.30),
    (Outcome::AnsweringMachine, 0.33),
    (Outcome::InvalidNumber, 0.06),
    (Outcome::Busy, 0.04),
    (Outcome::Declined, 0.02),
];

fn d25_mix(seen: &Evidence) -> Result<(), String> {
    let invites = seen.trunks[0].invites;
    let mut call_ids: Vec<&str> =
        seen.calls.iter().filter_map(|call| call.record.sip_call_id.as_deref()).collect();
    call_ids.sort_unstable();
    call_ids.dedup();
    must(call_ids.len() as u64 == invites, || {
        format!("{invites} INVITEs and {} Call-IDs in the books", call_ids.len())
    })?;
    must(seen.trunks[0].channels == 0, || "channels are still taken".to_owned())?;
    for (outcome, share) in MIX {
        let (calls, expected) = (f64::from(MIX_CALLS), f64::from(MIX_CALLS) * share);
        let found = seen.calls.iter().filter(|call| call.record.outcome == outcome).count() as f64;
        let deviation = (calls * share * (1.0 - share)).sqrt();
        must((found - expected).abs() <= 4.0 * deviation + 1.0, || {
            format!("{found} {outcome} where about {expected:.0} are to be expected")
        })?;
    }
    Ok(())
}
