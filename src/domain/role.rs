//! What a user of the server is there for, and so what they may do.

use serde::{Deserialize, Serialize};

/// A user's role. What each may do stands in one table, in `api/rights.rs`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, users and tokens too.
    Administrator,
    /// Their own desk, and nothing else.
    Agent,
    /// Sees everything, changes nothing.
    Auditor,
    /// Campaigns, leads, agents, lists.
    Manager,
    /// The shift: campaigns on and off, agents' states.
    Supervisor,
}

impl Role {
    /// Each of them.
    pub const ALL: [Role; 5] =
        [Role::Administrator, Role::Agent, Role::Auditor, Role::Manager, Role::Supervisor];

    /// As it is written in the books and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Agent => "agent",
            Role::Auditor => "auditor",
            Role::Manager => "manager",
            Role::Supervisor => "supervisor",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Role::ALL.into_iter().find(|role| role.word() == text).ok_or_else(|| {
            "a role is administrator, agent, auditor, manager or supervisor".to_owned()
        })
    }
}
