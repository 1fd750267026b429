//! A test carrier and simulated agents on real packets, and made-up leads to call.

pub mod audio;
pub mod carrier;
mod chance;
pub mod leads;
pub mod network;
pub mod over_rtp;
pub mod phones;
pub mod script;

pub use chance::DrawnTime;
