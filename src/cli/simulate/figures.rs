//! What days came to: the figures of the table, with their intervals.

use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::interval::Interval;
use crate::cli::print;
use crate::sim::Day;

/// The figures of some days.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Days they are made of.
    pub days: usize,
    /// Talk and wrap-up, of the time in which agents took calls, in percent.
    pub utilisation_percent: Interval,
    /// Minutes of talk for each hour that an agent is logged in, pauses too.
    pub talk_min_per_agent_hour: Interval,
    /// People who had no agent in time, of those who answered, in percent.
    pub abandonment_percent: Interval,
    /// The highest abandonment of a day, in percent.
    pub worst_day_percent: f64,
    /// Days whose abandonment is above the limit.
    pub days_over_limit: usize,
    /// Calls placed in a day.
    pub calls_a_day: Interval,
    /// Talks an agent has in an hour of being logged in.
    pub people_per_agent_hour: Interval,
    /// Seconds that an agent waits for a call, each time.
    pub agent_wait_s: Interval,
}

/// A figure of a comparison: its name, its digits after the point, and where it is.
pub type Shown = (&'static str, usize, fn(&Figures) -> Interval);

impl Figures {
    /// The figures of these days; `limit` is the highest abandonment that is allowed, 0 to 1.
    pub fn of(days: &[Day], limit: f64) -> Self {
        let ratio = |of: &dyn Fn(&Day) -> (f64, f64)| {
            let samples: Vec<(f64, f64)> = days.iter().map(of).collect();
            Interval::ratio(&samples)
        };
        let connected = |day: &Day| (day.people.answered - day.people.abandoned) as f64;
        let worst = days.iter().map(Day::abandonment).fold(0.0, f64::max);
        Self {
            days: days.len(),
            utilisation_percent: ratio(&|day| (busy_s(day), busy_s(day) + day.idle_s)).times(100.0),
            talk_min_per_agent_hour: ratio(&|day| (day.talk_s / 60.0, hours(day))),
            abandonment_percent: ratio(&|day| {
                (day.people.abandoned as f64, day.people.answered as f64)
            })
            .times(100.0),
            worst_day_percent: worst * 100.0,
            days_over_limit: days.iter().filter(|day| day.abandonment() > limit).count(),
            calls_a_day: ratio(&|day| (day.dialed as f64, 1.0)),
            people_per_agent_hour: ratio(&|day| (connected(day), hours(day))),
            agent_wait_s: ratio(&|day| (day.agent_waits.sum_s, day.agent_waits.count as f64)),
        }
    }

    /// Every figure that a comparison shows.
    pub const ROWS: [Shown; 7] = [
        ("utilisation %", 1, |figures| figures.utilisation_percent),
        ("talk min/agent-h", 1, |figures| figures.talk_min_per_agent_hour),
        ("abandoned %", 2, |figures| figures.abandonment_percent),
        ("worst day %", 1, |figures| Interval { mean: figures.worst_day_percent, half: None }),
        ("people/agent-h", 2, |figures| figures.people_per_agent_hour),
        ("calls a day", 0, |figures| figures.calls_a_day),
        ("agent waits s", 1, |figures| figures.agent_wait_s),
    ];

    /// The same, with what is of single days taken from them: figures of whole times do not know
    /// their days. `days_each` is how many days each of the whole times has.
    pub fn with_days(self, days: &[Day], limit: f64, days_each: u32) -> Self {
        let of_days = Self::of(days, limit);
        Self {
            days: of_days.days,
            worst_day_percent: of_days.worst_day_percent,
            days_over_limit: of_days.days_over_limit,
            calls_a_day: self.calls_a_day.times(1.0 / f64::from(days_each.max(1))),
            ..self
        }
    }

    /// The cells of a row of [`table`].
    pub fn cells(&self) -> [String; 7] {
        [
            self.utilisation_percent.show(1),
            self.talk_min_per_agent_hour.show(1),
            self.abandonment_percent.show(2),
            format!("{:.1}", self.worst_day_percent),
            format!("{} of {}", self.days_over_limit, self.days),
            self.calls_a_day.show(0),
            self.agent_wait_s.show(1),
        ]
    }
}

/// Days as one.
pub fn whole(days: &[Day]) -> Day {
    let mut whole = Day::default();
    for day in days {
        whole.talk_s += day.talk_s;
        whole.wrap_up_s += day.wrap_up_s;
        whole.idle_s += day.idle_s;
        whole.paused_s += day.paused_s;
        whole.dialed += day.dialed;
        whole.people.answered += day.people.answered;
        whole.people.abandoned += day.people.abandoned;
        whole.agent_waits.count += day.agent_waits.count;
        whole.agent_waits.sum_s += day.agent_waits.sum_s;
    }
    whole
}

fn busy_s(day: &Day) -> f64 {
    day.talk_s + day.wrap_up_s
}

/// Agents' hours of being logged in.
fn hours(day: &Day) -> f64 {
    (busy_s(day) + day.idle_s + day.paused_s) / 3_600.0
}

/// A table of figures, a row for each; `first` heads the column of what they are of.
pub fn table(first: &str, rows: &[(String, &Figures)]) -> Table {
    let mut table = print::table([
        first,
        "utilisation %",
        "talk min/agent-h",
        "abandoned %",
        "worst day %",
        "days over",
        "calls a day",
        "agent waits s",
    ]);
    for (name, figures) in rows {
        let cells = figures.cells();
        table.add_row(std::iter::once(name.clone()).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::People;

    #[test]
    fn figures_are_shares_of_all_days_together() {
        let day = |busy_s: f64, answered, abandoned| Day {
            talk_s: busy_s,
            idle_s: 100.0,
            people: People { answered, abandoned },
            ..Day::default()
        };
        let figures = Figures::of(&[day(300.0, 100, 1), day(100.0, 100, 5)], 0.03);
        assert!((figures.utilisation_percent.mean - 100.0 * 400.0 / 600.0).abs() < 1e-9);
        assert!((figures.abandonment_percent.mean - 3.0).abs() < 1e-9);
        assert_eq!(figures.days_over_limit, 1);
        assert!((figures.worst_day_percent - 5.0).abs() < 1e-9);
    }
}
