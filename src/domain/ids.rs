//! Identities. Each is a number of its own type, so that a lead is never taken for a call.

use serde::{Deserialize, Serialize};

use super::CountsUp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/** An agent, as the store numbers them. */ AgentId(i64));
id!(/** One call attempt; unique over the life of the store, so that it names the attempt in the books too. */ CallId(i64));
id!(/** A campaign, as the store numbers them. */ CampaignId(i64));
id!(/** A lead: one number in one campaign. */ LeadId(i64));
id!(/** A trunk, by its place in the configuration. */ TrunkId(u16));

macro_rules! counts_up {
    ($($name:ident),*) => {
        $(impl CountsUp for $name {
            fn of(number: i64) -> Self {
                Self(number)
            }

            fn number(self) -> i64 {
                self.0
            }
        })*
    };
}

counts_up!(CallId, LeadId);
