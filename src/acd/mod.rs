//! Who takes this person? The longest wait meets the agent who has been idle longest.

mod agents;
mod queue;
mod shares;

pub use agents::{Agent, AgentCounts, Agents};
pub use queue::{Place, Queue};
pub use shares::Shares;
