//! The books, used as a person uses them: by the binary, on files.

// What cannot be set up is a failed test.
#![allow(clippy::unwrap_used)]

mod calls_come_out_inert;
mod mended_rejects_land;
mod program;
mod restored_books_dial_nobody;
mod whole_or_nothing_when_killed;
