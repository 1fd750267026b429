//! The assembly that runs a floor.
mod handle;
pub use handle::*;
