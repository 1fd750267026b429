//! Who picked up?
