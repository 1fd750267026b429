//! Where is this call? The states of one call and the facts that move it.

mod event;

pub use event::{CallEvent, EndCause};
