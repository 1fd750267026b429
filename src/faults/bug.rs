//! Mistakes that a dialer could make, to be made on purpose: a judge who has never convicted anybody
//! proves nothing. None of them is in the product; the made-up process and the made-up books make
//! them when they are told to.

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Bug {
    /// A start after a crash leaves attempts open.
    AttemptLeftOpen,
    /// The channels of a trunk are not counted.
    ChannelsUncounted,
    /// A start after a crash leaves leads in the hands of the process that is gone.
    ClaimsKept,
    /// An attempt that is written again, because the answer was lost, counts again.
    CountedTwice,
    /// The do-not-call list is read at the start alone: no attempt asks it, and nobody tells the dialer.
    DoNotCallLate,
    /// The process follows the wall clock.
    HoursByWallClock,
    /// A start after a crash takes calls for answered of which it does not know.
    InventedAnswer,
    /// The INVITE leaves while its attempt is being written.
    InviteBeforeCommit,
    /// A process whose lease has been taken over goes on writing.
    LeaseIgnored,
    /// The 200 counts as served.
    LedgerClearedAtAnswer,
    /// A crash counts as abandoned only whom the books knew to have answered.
    LedgerForgets,
    /// INVITEs leave as fast as they are decided.
    PaceIgnored,
    /// Records that could not be written are dropped.
    RecordLost,
    /// A start after a crash makes the leads that it interrupted due at once, and forgets their calls.
    RedialOnRecovery,
    /// A start after a crash ends no dialog.
    StraysForgotten,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::AttemptLeftOpen,
        Self::ChannelsUncounted,
        Self::ClaimsKept,
        Self::CountedTwice,
        Self::DoNotCallLate,
        Self::HoursByWallClock,
        Self::InventedAnswer,
        Self::InviteBeforeCommit,
        Self::LeaseIgnored,
        Self::LedgerClearedAtAnswer,
        Self::LedgerForgets,
        Self::PaceIgnored,
        Self::RecordLost,
        Self::RedialOnRecovery,
        Self::StraysForgotten,
    ];

    /// In a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::AttemptLeftOpen => "attempts stay open over a crash",
            Self::ChannelsUncounted => "channels are not counted",
            Self::ClaimsKept => "claims stay over a crash",
            Self::CountedTwice => "an attempt said again counts again",
            Self::DoNotCallLate => "do-not-call is asked once only",
            Self::HoursByWallClock => "hours go by the wall clock",
            Self::InventedAnswer => "recovery invents answers",
            Self::InviteBeforeCommit => "INVITE before commit",
            Self::LeaseIgnored => "lease ignored",
            Self::LedgerClearedAtAnswer => "ledger cleared at the answer",
            Self::LedgerForgets => "a crash between answer and record is forgotten",
            Self::PaceIgnored => "call rate ignored",
            Self::RecordLost => "records lost when the books fail",
            Self::RedialOnRecovery => "redial on recovery",
            Self::StraysForgotten => "calls left up by a crash are not ended",
        }
    }
}
