//! What the books promise, on real files.

mod fixture;
mod promises;
