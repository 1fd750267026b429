//! May this number be called now?
//!
//! [`Gate::check`] answers with a [`Permit`] or a [`Refusal`]. What it asks stands in rulebooks
//! ([`Rulebooks`], one TOML file per regime in `compliance/`): rules of a few kinds, each with its
//! citation, its basis in law or policy, and how well its text was verified. What a rulebook does
//! not hold stands in `compliance/exceptions.toml` with the reason.
//!
//! - **Fail closed.** Whatever a rule needs and is missing is a refusal.
//! - **Every clock counts.** Hours and days hold in every zone where the person may be
//!   (`place.rs`), by the time-zone database that is built in.
//! - **A refusal says when to ask again**, to the second, so that nobody polls.

mod abandonment;
mod ask;
mod attempt;
mod books;
mod case;
mod dnc;
mod evaluation;
mod exempt;
mod explain;
mod frequency;
mod gate;
mod holidays;
mod hours;
mod inputs;
mod local;
mod nearness;
mod number;
mod parse;
mod permit;
mod place;
mod region;
mod retention;
mod rulebook;
mod scene;
mod shift;
mod tally;
mod vectors;

pub use abandonment::{Counted, count};
pub use attempt::{Attempt, Ending, Endings};
pub use books::{IdTaken, Rulebooks};
pub use case::{Abandonment, CallerId, Case, Circumstances};
pub use dnc::{
    Hit, INTERNAL, List, ListHeader, ListId, ListKind, Lists, PageFault, PageWriter, Pages,
};
pub use evaluation::{BuiltIn, Clock, Evaluation, Finding, Lifts, Ruling, Source, Unconcerned};
pub use explain::{BookVersion, Explanation, RuleAnswer, ZoneClock};
pub use gate::Gate;
pub use hours::{HoursFault, Week};
pub use inputs::{Inputs, ListDate};
pub use local::{is_zone, tzdb_version};
pub use nearness::Nearness;
pub use number::NumberPattern;
pub use parse::RulebookFault;
pub use permit::{Expired, Permit, Refusal};
pub use place::zone_of;
pub use region::{Region, RegionPattern};
pub use retention::{Kept, Retention};
pub use rulebook::{
    Basis, Concerns, Counting, Coverage, Exemption, Rule, RuleKind, Rulebook, Status,
};
pub use shift::{OnShift, Roster};
pub use tally::{Answer, Tally, WindowCount};
pub use vectors::{Mismatch, Outcomes};
