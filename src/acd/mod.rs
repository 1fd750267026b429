//! Who takes this person? The longest wait meets the agent who has been idle longest.

mod agents;
mod queue;

pub use agents::{Agent, AgentCounts, Agents};
pub use queue::Queue;
