//! The tone plans of the networks: which frequencies and cadences say what, and where.
//!
//! Sources: ITU-T E.180/Q.35 (1998) §3 to §7 and its Supplement 2 (01/1994), with the ITU's later
//! list "Various tones used in national networks" (02/2003); North America: ANSI T1.401; United
//! Kingdom: BT SIN 350; Australia: AS/ACIF S002; New Zealand: PTC 102; Hong Kong: HKTA 2011. Where a
//! country is not listed the plans that are like it elsewhere decide.

use super::signal::Progress;
use crate::domain::PhoneNumber;
use Progress::{Busy, DialTone, Reorder, Ringback, Unobtainable};

/// One tone of the networks of some countries.
#[derive(Debug)]
pub(super) struct Plan {
    pub progress: Progress,
    /// One frequency, or two at once; of a modulated tone its carrier.
    pub hz: &'static [f32],
    /// Milliseconds on, off, on, off ...; nothing for a tone without end.
    pub cadence: &'static [u16],
    /// The countries' calling codes (ITU-T E.164).
    pub codes: &'static [u16],
}

const fn plan(
    progress: Progress,
    hz: &'static [f32],
    cadence: &'static [u16],
    codes: &'static [u16],
) -> Plan {
    Plan { progress, hz, cadence, codes }
}

/// CEPT's frequency, as E.180 §3 recommends it.
const CEPT: &[f32] = &[425.0];
/// ANSI T1.401 and those who follow it.
const ANSI_BUSY: &[f32] = &[480.0, 620.0];
const ANSI_DIAL: &[f32] = &[350.0, 440.0];
const ANSI_RING: &[f32] = &[440.0, 480.0];
const BRITISH_RING: &[f32] = &[400.0, 450.0];
const NO_END: &[u16] = &[];
const DOUBLE_RING: &[u16] = &[400, 200, 400, 2_000];

#[rustfmt::skip]
pub(super) const PLANS: &[Plan] = &[
    plan(Busy, CEPT, &[500, 500], &[31, 32, 39, 40, 41, 45, 47, 48, 58, 60, 62, 351, 353, 359, 593]),
    plan(Busy, CEPT, &[480, 480], &[49]),
    plan(Busy, CEPT, &[375, 375], &[61]),
    plan(Busy, CEPT, &[350, 350], &[7, 370]),
    plan(Busy, CEPT, &[330, 330], &[420, 421]),
    plan(Busy, CEPT, &[300, 300], &[30, 36, 358, 372]),
    plan(Busy, CEPT, &[300, 200], &[54]),
    plan(Busy, CEPT, &[250, 250], &[46, 51, 52, 55, 57]),
    plan(Busy, CEPT, &[200, 200], &[34]),
    plan(Busy, CEPT, &[750, 750], &[65]),
    plan(Busy, &[400.0], &[500, 500], &[27, 56, 64, 66, 81]),
    plan(Busy, &[400.0], &[375, 375], &[44]),
    plan(Busy, &[400.0], &[750, 750], &[91]),
    plan(Busy, &[414.0], &[500, 500], &[972]),
    plan(Busy, &[420.0], &[400, 400], &[43]),
    plan(Busy, &[440.0], &[500, 500], &[33]),
    plan(Busy, &[450.0], &[350, 350], &[86]),
    plan(Busy, &[450.0], &[500, 500], &[90]),
    plan(Busy, ANSI_BUSY, &[500, 500], &[1, 63, 82, 852, 886]),

    plan(DialTone, CEPT, NO_END, &[7, 31, 32, 34, 36, 41, 45, 46, 47, 48, 49, 51, 52, 54, 55, 57, 58, 60, 62, 63, 65,
        351, 353, 358, 359, 370, 372, 421, 593]),
    plan(DialTone, CEPT, &[200, 200, 600, 1_000], &[39]),
    plan(DialTone, CEPT, &[200, 300, 700, 800], &[30]),
    plan(DialTone, CEPT, &[330, 330, 660, 660], &[420]),
    plan(DialTone, &[400.0], NO_END, &[27, 56, 64, 66, 81, 91]),
    plan(DialTone, &[413.0, 438.0], NO_END, &[61]),
    plan(DialTone, &[414.0], NO_END, &[972]),
    plan(DialTone, &[420.0], NO_END, &[43]),
    plan(DialTone, &[440.0], NO_END, &[33]),
    plan(DialTone, &[450.0], NO_END, &[86, 90]),
    plan(DialTone, ANSI_DIAL, NO_END, &[1, 44, 82, 852, 886]),

    plan(Reorder, CEPT, &[250, 250], &[31, 52, 57, 58, 62, 65, 359]),
    plan(Reorder, CEPT, &[240, 240], &[49]),
    plan(Reorder, CEPT, &[200, 200], &[30, 39, 41, 45, 47, 351, 358, 370, 372]),
    plan(Reorder, CEPT, &[167, 167], &[32, 420, 421]),
    plan(Reorder, CEPT, &[175, 175], &[7]),
    plan(Reorder, CEPT, &[200, 200, 200, 200, 200, 600], &[34]),
    plan(Reorder, CEPT, &[250, 250, 750, 250], &[55]),
    plan(Reorder, CEPT, &[250, 750], &[46]),
    plan(Reorder, CEPT, &[300, 300], &[36]),
    plan(Reorder, CEPT, &[300, 400], &[54]),
    plan(Reorder, &[400.0], &[200, 200], &[56]),
    plan(Reorder, &[400.0], &[250, 250], &[27, 64, 91]),
    plan(Reorder, &[400.0], &[300, 300], &[66]),
    plan(Reorder, &[400.0], &[400, 350, 225, 525], &[44]),
    plan(Reorder, &[414.0], &[250, 250], &[972]),
    plan(Reorder, &[420.0], &[200, 200], &[43]),
    plan(Reorder, &[440.0], &[250, 250], &[33]),
    plan(Reorder, &[450.0], &[700, 700], &[86]),
    plan(Reorder, &[450.0], &[200, 200, 200, 200, 200, 200, 600, 200], &[90]),
    plan(Reorder, ANSI_BUSY, &[250, 250], &[1, 63, 852, 886]),
    plan(Reorder, ANSI_BUSY, &[300, 200], &[82]),

    plan(Ringback, CEPT, &[1_000, 4_000], &[30, 31, 39, 41, 45, 47, 48, 49, 51, 52, 54, 55, 58, 62, 353, 358, 359,
        370, 372, 420, 421]),
    plan(Ringback, CEPT, &[1_000, 3_000], &[32]),
    plan(Ringback, CEPT, &[1_000, 4_500], &[57]),
    plan(Ringback, CEPT, &[1_000, 5_000], &[46, 351]),
    plan(Ringback, CEPT, &[1_200, 4_650], &[593]),
    plan(Ringback, CEPT, &[1_250, 3_750], &[36]),
    plan(Ringback, CEPT, &[1_500, 3_000], &[34]),
    plan(Ringback, CEPT, &[800, 3_200], &[7]),
    plan(Ringback, CEPT, DOUBLE_RING, &[60, 61, 65]),
    plan(Ringback, &[400.0], DOUBLE_RING, &[27, 91]),
    plan(Ringback, &[400.0], &[1_000, 2_000], &[81]),
    plan(Ringback, &[400.0], &[1_000, 3_000], &[56]),
    plan(Ringback, &[400.0], &[1_000, 4_000], &[66]),
    plan(Ringback, BRITISH_RING, DOUBLE_RING, &[44, 61, 64]),
    plan(Ringback, &[413.0, 438.0], DOUBLE_RING, &[61]),
    plan(Ringback, &[414.0], &[1_000, 3_000], &[972]),
    plan(Ringback, &[420.0], &[1_000, 5_000], &[43]),
    plan(Ringback, &[440.0], &[1_500, 3_500], &[33]),
    plan(Ringback, &[450.0], &[1_000, 4_000], &[86]),
    plan(Ringback, &[450.0], &[2_000, 4_000], &[90]),
    plan(Ringback, ANSI_RING, &[2_000, 4_000], &[1]),
    plan(Ringback, ANSI_RING, &[1_000, 2_000], &[82, 886]),
    plan(Ringback, ANSI_RING, &[400, 200, 400, 3_000], &[852]),
    plan(Ringback, &[425.0, 480.0], &[1_000, 4_000], &[63]),

    plan(Unobtainable, &[400.0], NO_END, &[44]),
    plan(Unobtainable, CEPT, &[2_500, 500], &[61]),
];

/// The calling code of a number, when there are plans for it. No code begins with another one
/// (ITU-T E.164 §6.2.1).
pub(super) fn calling_code(number: PhoneNumber) -> Option<u16> {
    let digits = number.digits();
    let leading = |places: u32| digits / 10_u64.pow(digits.ilog10() + 1 - places);
    let codes = [1, 2, 3].map(leading).into_iter().filter_map(|code| u16::try_from(code).ok());
    codes.into_iter().find(|code| PLANS.iter().any(|plan| plan.codes.contains(code)))
}

/// Two sinusoids nearer than this are one peak, at their middle.
const ONE_PEAK_HZ: f32 = 64.0;
/// How far a frequency may be off, as a share of it, and in Hz besides.
const OFF: f32 = 0.015;
const OFF_HZ: f32 = 5.0;

impl Plan {
    /// Whether a tone of that middle frequency, and of these two if it has two, is this plan's.
    pub(super) fn sounds_like(&self, middle_hz: f32, pair: Option<[f32; 2]>) -> bool {
        let is_near = |heard: f32, hz: f32| (heard - hz).abs() <= hz * OFF + OFF_HZ;
        let is_wide = |low: f32, high: f32| high - low >= ONE_PEAK_HZ;
        match (self.hz, pair.filter(|pair| is_wide(pair[0], pair[1]))) {
            (&[low, high], pair) if is_wide(low, high) => {
                pair.is_some_and(|pair| is_near(pair[0], low) && is_near(pair[1], high))
            }
            (_, Some(_)) => false,
            // The middle of a pair that is not quite one peak, and of a modulated tone.
            (hz, None) => is_near(middle_hz, hz.iter().sum::<f32>() / hz.len() as f32),
        }
    }
}
