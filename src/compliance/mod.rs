//! May this number be called now?

mod gate;
mod permit;

pub use gate::Gate;
pub use permit::{Expired, Permit, Refusal};
