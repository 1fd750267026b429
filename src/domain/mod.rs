//! The words every other room speaks: who, what, how it ended. Imports nothing of ours.

mod agent;
mod audio;
mod baseline;
mod calendar;
mod caller_check;
mod campaign;
mod facts;
mod ids;
mod interval;
mod lead;
mod outcome;
mod phone;
mod role;
mod screening;
mod script;
mod slots;
mod units;

pub use agent::{AgentState, PauseReason};
pub use audio::{Codec, Direction, Law, MediaTarget, Srtp, SrtpKey, SrtpSuite};
pub use baseline::{Baseline, DropMethod, Vicidial};
pub use calendar::{AbandonmentWindow, Calendar, Shift, WindowSpan};
pub use caller_check::CallerCheck;
pub use campaign::{
    CallerIdUse, Campaign, DispositionRule, InboundOrder, LeadOrder, PacingMode, PreviewEnd,
    Recycle, Recycling, Required, SafeHarbour, WaitFrom,
};
pub use facts::{
    Consent, ConsentKind, DialType, Facts, Inconvenient, LAW_COLUMN, LegalBasis, LineType, Listing,
    PriorConsent, Purpose, Reassigned, Relationship, RelationshipKind,
};
pub use ids::{AgentId, CallId, CampaignId, LeadId, TrunkId};
pub use interval::{Misjudged, Proportion};
pub use lead::{Lead, PastAttempt};
pub use outcome::{Disposition, Fault, Outcome, Verdict, VerdictKind};
pub use phone::{Country, PhoneError, PhoneNumber};
pub use role::Role;
pub use screening::{
    Amd, AmdDeadline, AnswerRules, Feature, GreetingOver, Listening, MachineRule, ScreenerRule,
    ScreeningNotes, TakeBack,
};
pub use script::{Places, Script};
pub use slots::{CountsUp, Slots};
pub use units::{Digit, Share, later};
