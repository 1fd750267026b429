//! Methods of others, to be measured against: no campaign is run by them.

use serde::{Deserialize, Serialize};

/// How others decide how many calls to place. The simulator knows them, so that figures stand
/// beside figures; a configuration cannot ask for them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Baseline {
    /// Open loop: dials at an even rate that offers the load at which Erlang's loss formula loses the
    /// abandonment target, by the answer rate of the last minutes and the mean of all talks and
    /// wrap-ups; of what happens on the floor it sees who is there.
    ErlangLoss {
        /// The load offered, as a factor of the formula's.
        scale: f64,
    },
    /// Replays recent talks and wrap-ups over the present ones: who will be free within a window
    /// that the ledger widens and narrows (as the EIS patent and Impact Dialing do).
    EventReplay {
        /// Calls for each expected person, as a factor.
        scale: f64,
    },
    /// The adaptive modes of VICIdial (`AST_VDauto_dial.pl`, `AST_VDadapt.pl`).
    Vicidial(Vicidial),
}

/// VICIdial's settings of a campaign.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Vicidial {
    /// The highest dial level, in calls for each agent ("adaptive maximum level").
    pub level_max: f64,
    /// People who should wait beyond the agents who do ("dial level difference target").
    pub difference: f64,
    /// How much faster the level changes ("adaptive intensity"), as a share: 0 as shipped.
    pub intensity: f64,
    /// Counts agents who are ready, not those who talk ("available only tally").
    pub available_only: bool,
    /// What is done above the drop limit.
    pub drop_method: DropMethod,
}

/// What VICIdial does above the drop limit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum DropMethod {
    /// Halves the level.
    Average,
    /// Sets the level to one call for each agent.
    HardLimit,
    /// Multiplies the level by a thousandth of the hours left, as the difference of clock times
    /// written `HHMM`: most of it early, little late.
    Tapered,
}

impl Vicidial {
    /// As shipped.
    pub const SHIPPED: Vicidial = Vicidial {
        level_max: 3.0,
        difference: 0.0,
        intensity: 0.0,
        available_only: false,
        drop_method: DropMethod::HardLimit,
    };
}

impl Baseline {
    /// Its name, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Baseline::ErlangLoss { .. } => "Erlang",
            Baseline::EventReplay { .. } => "event replay",
            Baseline::Vicidial(_) => "VICIdial",
        }
    }
}
