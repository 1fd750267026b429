//! `--sweep`: one setting over a range.

use std::str::FromStr;

/// Steps of a range that names none.
const STEPS: u32 = 9;

/// Runs of one sweep.
const VALUES_MAX: usize = 200;

/// What is swept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Swept {
    /// How many agents.
    Agents,
    /// Upper bound of lines for each agent.
    Lines,
    /// How long a call is let ring, in seconds.
    Ring,
    /// The abandonment target, in percent.
    Target,
}

impl Swept {
    const ALL: [(&'static str, Swept); 4] = [
        ("agents", Swept::Agents),
        ("lines", Swept::Lines),
        ("ring", Swept::Ring),
        ("target", Swept::Target),
    ];

    /// The heading of its values, with the unit.
    pub fn heading(self) -> &'static str {
        match self {
            Swept::Agents => "agents",
            Swept::Lines => "lines/agent",
            Swept::Ring => "ring s",
            Swept::Target => "target %",
        }
    }

    fn range(self) -> std::ops::RangeInclusive<f64> {
        match self {
            Swept::Agents => 1.0..=5_000.0,
            Swept::Lines => 1.0..=10.0,
            Swept::Ring => 5.0..=120.0,
            Swept::Target => 0.0..=100.0,
        }
    }

    fn is_whole(self) -> bool {
        matches!(self, Swept::Agents)
    }
}

/// One setting over a range: `target=0.5..5`, `agents=5..300`, `ring=15..30:5`, `agents=5,10,25`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// What is swept.
    pub swept: Swept,
    /// Its values, ascending.
    pub values: Vec<f64>,
}

impl FromStr for Sweep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write target=0.5..5, agents=5..300, ring=15..30:5 or agents=5,10,25";
        let (name, range) = text.split_once('=').ok_or(example)?;
        let swept = Swept::ALL.iter().find(|(word, _)| *word == name.trim());
        let (_, swept) = swept.ok_or("it knows agents, lines, ring and target")?;
        let mut values = match range.split_once("..") {
            Some((from, rest)) => ranged(*swept, from, rest)?,
            None => range.split(',').map(number).collect::<Result<_, _>>()?,
        };
        values.sort_by(f64::total_cmp);
        values.dedup();
        let bounds = swept.range();
        if let Some(wrong) = values.iter().find(|value| !bounds.contains(value)) {
            let (least, most) = (bounds.start(), bounds.end());
            return Err(format!("{name} is {wrong}: write {least} to {most}"));
        }
        if values.is_empty() || values.len() > VALUES_MAX {
            return Err(format!("{} values: {VALUES_MAX} at most, a wider step", values.len()));
        }
        Ok(Self { swept: *swept, values })
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| format!("{text:?} is no number"))
}

/// Even steps; agents, whose range is wide, grow by the same factor each time.
fn ranged(swept: Swept, from: &str, rest: &str) -> Result<Vec<f64>, String> {
    let (to, step) = match rest.split_once(':') {
        Some((to, step)) => (to, Some(number(step)?)),
        None => (rest, None),
    };
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err(format!("{from} is above {to}: write the lesser one first"));
    }
    let at = |share: f64| match swept {
        Swept::Agents => from * (to / from.max(1.0)).powf(share),
        Swept::Lines | Swept::Ring | Swept::Target => from + (to - from) * share,
    };
    let tidy = |value: f64| {
        if swept.is_whole() { value.round() } else { (value * 1_000.0).round() / 1_000.0 }
    };
    match step {
        Some(step) if step > 0.0 => {
            let count = ((to - from) / step + 1e-9).floor();
            if count > VALUES_MAX as f64 {
                return Err(format!("{count} steps: {VALUES_MAX} at most"));
            }
            Ok((0..=count as u32).map(|place| tidy(from + f64::from(place) * step)).collect())
        }
        Some(step) => Err(format!("a step of {step} leads nowhere: write one above 0")),
        None => {
            Ok((0..=STEPS).map(|place| tidy(at(f64::from(place) / f64::from(STEPS)))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        text.parse::<Sweep>().unwrap().values
    }

    #[test]
    fn targets_go_in_even_steps_and_agents_in_even_factors() {
        assert_eq!(values("target=0.5..5"), [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]);
        assert_eq!(
            values("agents=5..300"),
            [5.0, 8.0, 12.0, 20.0, 31.0, 49.0, 77.0, 121.0, 190.0, 300.0]
        );
        assert_eq!(values("ring=15..30:5"), [15.0, 20.0, 25.0, 30.0]);
        assert_eq!(values("agents=25,5,10"), [5.0, 10.0, 25.0]);
        assert_eq!(values("agents=7..7"), [7.0]);
    }

    #[test]
    fn what_cannot_be_is_told() {
        for wrong in [
            "target",
            "tempo=1..2",
            "target=5..1",
            "target=1..x",
            "target=1..5:0",
            "agents=0..5",
            "ring=1..200",
            "target=0..100:0.001",
            "target=",
            "target=1..NaN",
        ] {
            assert!(wrong.parse::<Sweep>().is_err(), "{wrong}");
        }
    }
}
