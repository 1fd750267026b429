//! Facts in, decisions out.

mod io;

pub use io::{
    AgentEvent, CallRecord, CampaignPhase, Command, Input, LedgerEntry, Message, Notice, Output,
    Reason, Record, Why,
};
