//! Progress for people: a bar on a terminal, a line every few seconds elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use crate::clock;
use crate::dialer::{CampaignView, View};

/// How often the bar moves.
pub(super) const EVERY: Duration = Duration::from_millis(500);
/// How often a line is printed where there is no terminal.
const LINE_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// Shows how far the campaign is.
pub(super) struct Progress {
    began_at: Timestamp,
    bar: Option<ProgressBar>,
    leads: u64,
    line_at: Timestamp,
}

impl Progress {
    pub fn new(leads: u64) -> Self {
        let now = clock::now();
        let bar = std::io::stdout().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("[{elapsed}] {bar:30} {pos}/{len} leads  {msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(leads).with_style(style)
        });
        Self { began_at: now, bar, leads, line_at: now }
    }

    /// Shows a snapshot; `leads_open` are those that are still to be called.
    pub fn show(&mut self, view: &View, leads_open: u64) {
        let Some(campaign) = view.campaigns.first() else { return };
        let done = self.leads.saturating_sub(leads_open);
        let now = clock::now();
        match &self.bar {
            Some(bar) => {
                bar.set_position(done);
                bar.set_message(sentence(campaign));
            }
            None if now >= self.line_at => {
                self.line_at = now + LINE_EVERY;
                let elapsed = now.duration_since(self.began_at).as_secs();
                println!("{elapsed:>4} s  {done}/{} leads  {}", self.leads, sentence(campaign));
            }
            None => {}
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }
}

/// Calls, agents and rates in one line.
fn sentence(campaign: &CampaignView) -> String {
    let (calls, agents) = (&campaign.calls, &campaign.agents);
    format!(
        "calls {} ({} ringing, {} screened, {} waiting, {} talking)  agents {} ready, {} talking, \
         {} wrap-up, {} paused  answered {}  abandoned {}  talk {}",
        calls.total(),
        calls.ringing,
        calls.screening,
        calls.waiting + calls.joining,
        calls.bridged,
        agents.ready + agents.reserved,
        agents.talking,
        agents.wrap_up,
        agents.paused,
        percent(campaign.answer_rate),
        percent(campaign.abandonment_rate),
        minutes_an_hour(campaign.talk_s_per_agent_hour),
    )
}

/// `12.5 %`, or a dash when there is nothing to divide.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Talk time as minutes an agent-hour.
pub(super) fn minutes_an_hour(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{:.1} min/h", seconds / 60.0))
}
