//! What came of it, as a table and as JSON.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::server::event_log::Verified;

use super::progress::{minutes_an_hour, percent};

/// The figures of a demo.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    /// Seconds from the first call to the last.
    pub seconds: f64,
    pub seed: u64,
    pub agents: u32,
    pub leads: u64,
    /// Attempts in the books.
    pub attempts: u64,
    /// Attempts whose INVITE has left, by the books.
    pub invites: u64,
    /// INVITEs that the carrier saw.
    pub carrier_calls: u64,
    /// Attempts by how they ended.
    pub outcomes: BTreeMap<String, u64>,
    /// Attempts with a record.
    pub records: u64,
    /// Calls that a person answered, of all attempts.
    pub answer_rate: Option<f64>,
    /// Abandoned, of the calls that a person answered, by the ledger.
    pub abandonment_rate: Option<f64>,
    pub abandoned: u64,
    pub talks: u64,
    pub talk_s: f64,
    pub talk_s_per_agent_hour: Option<f64>,
    /// Answered by a person, and taken for something else by the detector.
    pub people_lost: u64,
    /// People who answered, as the carrier knows.
    pub people: u64,
    /// Machines that were given to an agent.
    pub machines_connected: u64,
    /// Machines that answered, as the carrier knows.
    pub machines: u64,
    pub recordings: u64,
    /// Entries of the abandonment ledger: its denominator.
    pub people_in_ledger: u64,
    /// The event log, told to a second dialer.
    pub replay: Option<Verified>,
    /// When the books were read.
    pub finished_at: Option<String>,
    /// Every invariant that does not hold.
    pub broken: Vec<String>,
}

impl Summary {
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_content_arrangement(ContentArrangement::Disabled);
        let mut row = |name: &str, value: String| {
            table.add_row([name.to_owned(), value]);
        };
        row("time", format!("{:.0} s", self.seconds));
        row("leads", self.leads.to_string());
        row("attempts", self.attempts.to_string());
        row("INVITEs (by the books / seen by the carrier)", self.both());
        for (outcome, count) in &self.outcomes {
            row(&format!("  {}", outcome.replace('_', " ")), count.to_string());
        }
        row("answered by a person", percent(self.answer_rate));
        row("abandonment rate", format!("{} ({})", percent(self.abandonment_rate), self.abandoned));
        row("talks", format!("{} ({:.0} s)", self.talks, self.talk_s));
        row("talk time per agent", minutes_an_hour(self.talk_s_per_agent_hour));
        row("people taken for machines", format!("{} of {}", self.people_lost, self.people));
        row("machines given to agents", self.machines_given());
        row("recordings", self.recordings.to_string());
        if let Some(replay) = &self.replay {
            let same = if replay.departure.is_none() { "the same" } else { "departed" };
            row("decisions taken again", format!("{} {same}", replay.decisions));
        }
        let broken = match self.broken.len() {
            0 => "all hold".to_owned(),
            count => format!("{count} broken"),
        };
        row("invariants", broken);
        if let Some(values) = table.column_mut(1) {
            values.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    fn both(&self) -> String {
        format!("{} / {}", self.invites, self.carrier_calls)
    }

    fn machines_given(&self) -> String {
        format!("{} of {}", self.machines_connected, self.machines)
    }
}
