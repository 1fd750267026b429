//! Bytes to dialogs and back: a SIP user agent (RFC 3261) without sockets and without a clock.
//!
//! ```text
//! datagram -> message (strict pass) -> transaction/ (§17) -> dialog/ (§12) -> Event
//! owner's call ----------------------> endpoint/ ---------------------------> datagram
//! ```
//!
//! [`Endpoint`] is the machine; `transport` drives it. An owner places and takes calls with its
//! methods and hears of them by [`Event`]. `message`, `uri`, [`sdp`] and [`digest`] are what it is
//! made of, and may be used alone.
//!
//! What is held besides RFC 3261: 2543 (old peers are answered), 2617 and 7616 (digest), 3262 (as
//! caller), 3264, 3311, 3326, 3581, 4028, 4475, 6026.
//!
//! What is left out, each a deliberate limit:
//! - **Proxies, forking as a server, S/MIME, redirection.** A 3xx ends a call; its Contact is never
//!   called. A second call for the same INVITE by another path (§8.2.2.2, 482) is a second call.
//! - **Looking up names** (RFC 3263). An owner says where packets go; Contact, Route, `maddr` and
//!   `received` are written or ignored, never followed. So there is no strict routing (§12.2.1.1).
//! - **Datagrams by length.** A request that is too long for a datagram of 1,300 bytes (§18.1.1) is
//!   sent as one all the same.
//! - **Reliable 1xx as callee**: an INVITE that requires them gets 420.
//! - **REFER, Replaces, SUBSCRIBE, MESSAGE**: refused. No far end moves or takes over a call.
//! - **Timer C and Expires.** How long an INVITE may ring is the owner's to say.

mod chance;
mod dialog;
pub mod digest;
mod endpoint;
mod event;
mod info;
pub mod message;
mod network;
mod order;
mod reason;
pub mod sdp;
mod transaction;
mod transport;
pub mod uri;

pub use endpoint::{Endpoint, EndpointConfig, Held, Input, Kept, Output};
pub use event::{DialogId, Event, Failure, FailureKind, IncomingInvite, RequestId};
pub use info::digit_of;
pub use network::{Network, NetworkFault};
pub use order::{Credentials, Invite, Register};
pub use reason::Reason;
pub use transport::{SentBy, Transport};

#[cfg(test)]
mod tests;
