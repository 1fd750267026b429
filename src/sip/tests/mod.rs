//! The endpoint's behaviours, in virtual time: two endpoints on a wire that may lose packets, and
//! one endpoint against a peer that a test plays by hand.

mod authentication;
mod calls;
mod cancel;
mod corpus;
mod forks;
mod hostile;
mod kept;
mod media;
mod outside;
mod peer;
mod session;
mod wire;
