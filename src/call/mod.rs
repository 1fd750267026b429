//! Where is this call? The states of one call and the facts that move it.

mod ending;
mod event;
mod screening;
mod state;
mod terms;

pub use event::{CallEvent, EndCause};
pub use state::State;
pub use terms::{Meets, Terms, Wait};
