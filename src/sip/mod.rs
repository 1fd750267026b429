//! Bytes to dialogs and back.

pub mod digest;
mod endpoint;
mod event;
mod order;
pub mod sdp;

pub use endpoint::{Endpoint, EndpointConfig, Input, Output, Reason};
pub use event::{DialogId, Event, Failure, FailureKind, IncomingInvite, RequestId};
pub use order::{Credentials, Invite, Register};
