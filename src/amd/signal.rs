//! What tones say.

use std::fmt;

/// What a tone or a sequence of tones says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// A single steady tone in the range of recorders' beeps; it counts only after speech.
    Beep,
    /// A fax or a modem.
    Data(Data),
    /// A tone of the network about the call.
    Progress(Progress),
    /// Special information tones: the call cannot be had, for this reason.
    Special(Special),
}

/// A fax's or a modem's tone.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Data {
    /// CED, ANS: 2100 Hz (ITU-T T.30 §4.2.1, V.25 §3.2).
    Answer,
    /// ANS with its phase reversed every 450 ms, ANSam among them: a modem that wants no echo
    /// canceller (V.25 §3.3, V.8 §6.2).
    AnswerReversed,
    /// 2225 or 2250 Hz: Bell 103 and 212 answer tone, V.22's unscrambled binary ones (USB1).
    BellAnswer,
    /// CNG: 1100 Hz for 0.5 s (T.30 §4.2.2).
    FaxCalling,
    /// V.21's answering channel: the flags before a fax's DIS (T.30 §5.3.1).
    Flags,
    /// 1300 Hz for 0.5 to 0.7 s (V.25 §3.1): a modem that calls.
    ModemCalling,
}

/// A call-progress tone (ITU-T E.180).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Progress {
    /// The called line is busy.
    Busy,
    /// A number may be dialed: the far end has gone, or was never there.
    DialTone,
    /// Congestion: the network has no way.
    Reorder,
    /// It rings. After an answer: the answer was false, or the call is passed on.
    Ringback,
    /// Number unobtainable.
    Unobtainable,
}

/// What special information tones mean (Telcordia GR-1162, ITU-T E.180 §6).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Special {
    /// The caller or the line may not do this (another prefix, barred).
    IneffectiveOther,
    /// The number was changed or taken out of service.
    Intercept,
    /// No circuit: all trunks are busy.
    NoCircuit,
    /// The call was not completed for want of equipment or digits.
    Reorder,
    /// Outside North America the tones are one and the same for every reason; an announcement
    /// says more.
    Unspecified,
    /// Vacant code: no such number.
    VacantCode,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Beep => "beep",
            Signal::Data(Data::Answer) => "answer tone, 2100 Hz",
            Signal::Data(Data::AnswerReversed) => "answer tone with phase reversals",
            Signal::Data(Data::BellAnswer) => "answer tone, 2225 Hz",
            Signal::Data(Data::FaxCalling) => "fax calling tone",
            Signal::Data(Data::Flags) => "V.21 flags",
            Signal::Data(Data::ModemCalling) => "modem calling tone",
            Signal::Progress(Progress::Busy) => "busy tone",
            Signal::Progress(Progress::DialTone) => "dial tone",
            Signal::Progress(Progress::Reorder) => "congestion tone",
            Signal::Progress(Progress::Ringback) => "ringback",
            Signal::Progress(Progress::Unobtainable) => "number-unobtainable tone",
            Signal::Special(Special::IneffectiveOther) => "SIT ineffective other",
            Signal::Special(Special::Intercept) => "SIT intercept",
            Signal::Special(Special::NoCircuit) => "SIT no circuit",
            Signal::Special(Special::Reorder) => "SIT reorder",
            Signal::Special(Special::Unspecified) => "SIT",
            Signal::Special(Special::VacantCode) => "SIT vacant code",
        })
    }
}
