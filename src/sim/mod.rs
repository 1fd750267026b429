//! A made-up world in virtual time.
