//! May this number be called now?

mod permit;

pub use permit::{Expired, Permit, Refusal};
