//! The configuration: as written, as meant, and every fault in it.
