//! A made-up world in virtual time: carriers, people, machines and agents around the production
//! [`Dialer`](crate::dialer::Dialer), all from one seed. An hour of a floor takes seconds, and the
//! same seed gives the same hour.
//!
//! The world keeps its own books and says what was broken ([`World::faults`]): a lead dialed
//! before it was due or twice at once, an answered call without its one record, an abandoned person
//! who is not in the ledger.

mod callee;
mod chance;
mod desk;
mod leads;
mod lies;
mod line;
mod scenario;
mod timeline;
mod world;

pub use chance::Spread;
pub use lies::Lies;
pub use scenario::{Callees, Desks, Scenario};
pub use world::World;
