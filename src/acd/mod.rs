//! Who takes this person?
