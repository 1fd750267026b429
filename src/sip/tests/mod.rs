//! The endpoint's behaviours, in virtual time: two endpoints on a wire that may lose packets, and
//! one endpoint against a peer that a test plays by hand.

mod calls;
mod wire;
