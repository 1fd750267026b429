//! The assembly that runs a floor.
