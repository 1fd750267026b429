//! Where an agent sits: the registrar for agents' SIP phones, and their nailed-up legs.

mod fact;

pub use fact::{LegEnd, StationEvent, StationFact};
