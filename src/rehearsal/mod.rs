//! A test carrier and simulated agents on real packets.
