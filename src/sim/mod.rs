//! A made-up world in virtual time: carriers, people, machines and agents around the production
//! [`Dialer`](crate::dialer::Dialer), all from one seed. An hour of a floor takes seconds, and the
//! same seed gives the same hour.
//!
//! The world keeps its own books and says what was broken ([`World::faults`]): a lead dialed
//! before it was due or twice at once, an answered call without its one record, an abandoned person
//! who is not in the ledger.

mod beside;
mod callees;
mod chance;
mod day;
mod desk;
mod desks;
mod drift;
mod fate;
mod fit;
mod floors;
mod leads;
mod lies;
mod line;
mod measure;
mod ring;
mod roster;
mod s0;
mod scenario;
mod study;
mod timeline;
mod world;

pub use beside::Beside;
pub use callees::{Callees, ShortTalks};
pub use chance::{Chance, Spread};
pub use day::{Day, People, Waits};
pub use desks::{Desks, Lunch};
pub use drift::{Drift, Step};
pub use fit::{Activity, Fitted, Past, PastBuilder, Stretch, TooFew};
pub use floors::{
    CampaignReport, FloorReport, blended_floor, by_hand_floor, run_floor, three_campaigns,
};
pub use lies::Lies;
pub use roster::{Course, Presence, Rest, Roster};
pub use scenario::Scenario;
pub use study::study;
pub use timeline::Timeline;
pub use world::World;
