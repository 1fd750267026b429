//! Do-not-call lists of any size, in files beside the books: made of text, opened by a mapping.
//!
//! `do-not-call/ID.dnc` in the data folder is a list. A new one is written under another name,
//! flushed to the disk and renamed into its place, so that there is at every instant a whole one;
//! it is never written again. Whoever has the old one open keeps it until they let go of it.

mod build;
mod error;
mod file;
mod mapping;
mod rows;
#[cfg(test)]
mod tests;

pub use build::{Built, ListChanges, ListPlan, ListSource, RejectedRow, build, update};
pub use error::ListFault;
pub use file::{FOLDER, headers, open, open_all, path_of};
pub use mapping::in_huge_pages;
