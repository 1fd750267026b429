//! Bytes to dialogs and back.

mod chance;
mod dialog;
pub mod digest;
mod endpoint;
mod event;
pub mod message;
mod order;
mod reason;
pub mod sdp;
mod transaction;
pub mod uri;

pub use endpoint::{Endpoint, EndpointConfig, Input, Output};
pub use event::{DialogId, Event, Failure, FailureKind, IncomingInvite, RequestId};
pub use order::{Credentials, Invite, Register};
pub use reason::Reason;

#[cfg(test)]
mod tests;
