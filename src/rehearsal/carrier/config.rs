//! What the test carrier's numbers do: shares and times, from a TOML file.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::super::chance::DrawnTime;
use super::numbers::Numbers;

/// What the test carrier does. `campaigns/carrier.example.toml` holds the same as
/// [`CarrierConfig::default`], with a word on each key.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierConfig {
    /// Calls at a time; a further one gets 503.
    pub calls_max: u16,
    /// RTP ports, two a call.
    pub rtp_ports: Ports,
    /// How many of the numbers are what.
    pub numbers: Numbers,
    /// From the INVITE to the first word about the called phone (180, 183, 486..).
    pub post_dial_delay_s: DrawnTime,
    /// From the 180 to the answer, for who answers.
    pub ring_s: DrawnTime,
    /// A person.
    pub person: Person,
    /// An answering machine.
    pub machine: Machine,
    /// How long a fax stays on the line.
    pub fax_stays_s: DrawnTime,
    /// How long a silent answer stays on the line.
    pub silence_stays_s: DrawnTime,
    /// From the announcement of a vacant number to its 404: some networks let the caller wait.
    pub vacant_stays_s: DrawnTime,
}

/// A range of ports; in a file `[20000, 27999]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "[u16; 2]")]
pub struct Ports {
    first: u16,
    last: u16,
}

/// A person.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Hangs up when nothing was heard for so long after the answer.
    pub patience_s: DrawnTime,
    /// Hangs up after so long a talk, from the first thing heard.
    pub talk_s: DrawnTime,
}

/// An answering machine.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// How long its greeting is, before the beep.
    pub greeting_s: DrawnTime,
    /// How long it records after the beep, before it hangs up.
    pub records_s: DrawnTime,
}

/// Why a file is no carrier configuration.
#[derive(Debug, thiserror::Error)]
#[error("the carrier's configuration is wrong\n{0}")]
pub struct CarrierConfigFault(#[from] toml::de::Error);

impl CarrierConfig {
    /// The example file.
    pub const EXAMPLE: &str = include_str!("../../../campaigns/carrier.example.toml");

    /// Reads the text of a file. What it does not name is as in the example.
    ///
    /// # Errors
    /// [`CarrierConfigFault`]: not TOML, an unknown key, a share or a time out of its range, shares
    /// that do not add up; with line and column.
    pub fn from_toml(text: &str) -> Result<Self, CarrierConfigFault> {
        Ok(toml::from_str(text)?)
    }

    /// The same world in a hurry: every time `factor` times as long (0.2: a fifth).
    pub fn hurried(mut self, factor: f64) -> Self {
        for time in [
            &mut self.post_dial_delay_s,
            &mut self.ring_s,
            &mut self.person.talk_s,
            &mut self.machine.records_s,
            &mut self.fax_stays_s,
            &mut self.silence_stays_s,
            &mut self.vacant_stays_s,
        ] {
            *time = time.times(factor);
        }
        self
    }
}

impl Default for CarrierConfig {
    fn default() -> Self {
        Self {
            calls_max: 2_000,
            rtp_ports: Ports { first: 20_000, last: 27_999 },
            numbers: Numbers::default(),
            post_dial_delay_s: DrawnTime::fixed(0.8, 0.4, 4.0),
            ring_s: DrawnTime::fixed(8.0, 0.6, 40.0),
            person: Person::default(),
            machine: Machine::default(),
            fax_stays_s: DrawnTime::fixed(30.0, 0.0, 30.0),
            silence_stays_s: DrawnTime::fixed(20.0, 0.5, 60.0),
            vacant_stays_s: DrawnTime::fixed(0.0, 0.0, 0.0),
        }
    }
}

impl Default for Person {
    fn default() -> Self {
        Self {
            patience_s: DrawnTime::fixed(6.0, 0.3, 15.0),
            talk_s: DrawnTime::fixed(60.0, 0.8, 600.0),
        }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            greeting_s: DrawnTime::fixed(7.0, 0.3, 20.0),
            records_s: DrawnTime::fixed(30.0, 0.0, 30.0),
        }
    }
}

impl Ports {
    /// From `first` (even) to `last`; two at least.
    ///
    /// # Errors
    /// The sentence that says what is wrong with them.
    pub fn new(first: u16, last: u16) -> Result<Self, String> {
        if !first.is_multiple_of(2) || first < 1_024 || last <= first {
            return Err(format!(
                "ports must begin even and at 1024 or above, and be two at least, not {first} to {last}"
            ));
        }
        Ok(Self { first, last })
    }

    /// As a range.
    pub fn range(self) -> RangeInclusive<u16> {
        self.first..=self.last
    }
}

impl TryFrom<[u16; 2]> for Ports {
    type Error = String;

    fn try_from([first, last]: [u16; 2]) -> Result<Self, String> {
        Self::new(first, last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_says_the_defaults() {
        let example = CarrierConfig::from_toml(CarrierConfig::EXAMPLE).unwrap();
        assert_eq!(example, CarrierConfig::default());
        assert_eq!(CarrierConfig::from_toml("").unwrap(), CarrierConfig::default());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, why) in [
            ("calls_max = 10\nring = 3", "line 2", "unknown field `ring`"),
            ("[numbers]\nperson = 0.5\nmachine = 0.4", "line 1", "add up to 0.9"),
            ("[numbers]\nperson = 1.5", "line 1", "person must be a share"),
            ("ring_s = { median = 5.0, max = 1.0 }", "line 1", "max must be 5"),
            ("rtp_ports = [20001, 20010]", "line 1", "begin even"),
            ("[person]\ntalk_s = 3", "line 2", "invalid type"),
            ("[person]\ntalk_s = { median = 3.0, min = 1.0 }", "line 2", "unknown field `min`"),
        ] {
            let said = CarrierConfig::from_toml(text).unwrap_err().to_string();
            assert!(said.contains(line) && said.contains(why), "{text:?} gives:\n{said}");
        }
    }
}
