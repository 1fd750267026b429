//! What the books promise, on real files.

mod files;
mod fixture;
mod imports;
mod promises;
