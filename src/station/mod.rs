//! Where an agent sits.
