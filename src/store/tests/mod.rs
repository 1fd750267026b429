//! What the books promise, on real files.

mod by_hand;
mod caller_ids;
mod changes;
mod files;
mod fixture;
mod imports;
mod inbound;
mod kills;
mod leases;
mod moving;
mod privacy;
mod promises;
mod upgrades;
