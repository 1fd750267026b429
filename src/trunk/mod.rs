//! Calls toward carriers and from them: one task, one socket, every trunk.
//!
//! `handle` is what the server holds and the task behind it; `desk` is the task's state, which
//! touches neither socket nor clock, and `machine` is the same for an owner without sockets; `listen`
//! and `ending` put what SIP says into the words of a call; `line` is one trunk with its channels,
//! call rate and rest, `pace` all of them together; `naming` asks where a trunk is that is known by
//! name, `places` are its addresses; `route` says which trunks a call may take, `outcome` what a last
//! word means. `guest` is the calls that come in, `directory` our numbers that they may call; `keys`
//! makes SRTP's, `identity` says who calls and `stir` signs it, `passport` verifies what others have
//! signed; `admission` says when there is no room
//! for more.

mod admission;
mod call;
mod config;
mod desk;
mod directory;
mod ending;
mod fact;
mod guest;
mod handle;
mod identity;
mod invite;
mod keys;
mod line;
mod listen;
mod machine;
mod naming;
mod outcome;
mod pace;
mod passport;
mod places;
mod probe;
mod redirect;
mod registration;
mod route;
mod stir;
#[cfg(test)]
mod tests;

pub use config::{Login, SrtpUse, TrunkConfig, TrunksConfig};
pub use directory::{Directory, Route};
pub use fact::{Incoming, TrunkEvent, TrunkFact, TrunkHealth, TrunkStatus};
pub use handle::{TrunkError, Trunks};
pub use identity::{Asserted, Identity};
pub use machine::Machine;
pub use outcome::{Event, LastWord, Meaning, Outcomes, Row, Tone, Word};
pub use passport::{Signers, SignersFault};
pub use route::{Prefix, Rewriting, Routing};
pub use stir::{Attestation, Stir, StirFault};
