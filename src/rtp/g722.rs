//! G.722 at 64 kbit/s (ITU-T G.722), its lower band alone: a byte is two samples at 16 kHz, and here one
//! at 8 kHz, which is what the rest of the engine hears. The clock of RTP is 8 kHz as well (RFC 3551
//! §4.5.2).
//!
//! The lower band is what the filter bank makes of the voice below 4 kHz, so it is coded from, and heard
//! as, samples at 8 kHz without the bank. The upper band is sent as quiet and not looked at.

use std::array;

/// Inverse quantizer of 6 bits (table 17/G.722), in the order of the codewords.
const LEVELS_6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
/// Inverse quantizer of 4 bits (table 18/G.722): what adaptation goes by.
const LEVELS_4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
/// Decision levels of the quantizer (table 13/G.722).
const DECISIONS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// Log scale factor multipliers (table 19/G.722), by the codeword's 4 bits.
const MULTIPLIERS: [i32; 16] =
    [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
/// The antilogarithm in steps of a 32nd of an octave (table 20/G.722).
const ANTILOGARITHM: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/// The upper band's codeword of the smallest difference.
const UPPER_QUIET: u8 = 0xc0;

/// The lower band's adaptive predictor and scale (§3.4 to §3.6), the same at both ends.
#[derive(Clone, Debug)]
struct Band {
    /// What is predicted, of which the part from differences.
    predicted: i32,
    from_differences: i32,
    /// The last two reconstructed samples, newest first, with the poles' coefficients.
    samples: [i32; 2],
    poles: [i32; 2],
    /// Partial reconstructions, newest first.
    partial: [i32; 2],
    /// The last six differences, newest first, with the zeros' coefficients.
    differences: [i32; 6],
    zeros: [i32; 6],
    /// The logarithm of the scale, and the scale.
    log_scale: i32,
    scale: i32,
}

/// Codes samples at 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Encoder(Band);

/// Decodes to samples at 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Decoder(Band);

impl Encoder {
    /// The byte of a sample.
    pub fn encode(&mut self, sample: i16) -> u8 {
        let band = &mut self.0;
        let error = saturate(i32::from(sample >> 1) - band.predicted);
        let size = if error < 0 { -(error + 1) } else { error };
        let above = |decision: &&i32| size >= (**decision * band.scale) >> 12;
        // Of the 30 intervals the first two of either sign have codewords of their own (table 15/G.722).
        let interval = DECISIONS.iter().take_while(above).count() as u8;
        let code = match (error < 0, interval) {
            (true, 0) => 63,
            (true, 1) => 62,
            (true, _) => 33 - interval,
            (false, _) => 61 - interval,
        };
        band.adapt(code);
        UPPER_QUIET | code
    }
}

impl Decoder {
    /// The sample of a byte.
    pub fn decode(&mut self, byte: u8) -> i16 {
        let code = byte & 0x3f;
        let difference = (self.0.scale * LEVELS_6[usize::from(code)]) >> 15;
        let sample = (self.0.predicted + difference).clamp(-16_384, 16_383);
        self.0.adapt(code);
        (sample << 1) as i16
    }
}

impl Default for Band {
    fn default() -> Self {
        Self {
            predicted: 0,
            from_differences: 0,
            samples: [0; 2],
            poles: [0; 2],
            partial: [0; 2],
            differences: [0; 6],
            zeros: [0; 6],
            log_scale: 0,
            scale: 32,
        }
    }
}

impl Band {
    /// Goes on by the upper 4 bits of a codeword.
    fn adapt(&mut self, code: u8) {
        let code = usize::from(code >> 2);
        let difference = (self.scale * LEVELS_4[code]) >> 15;
        self.log_scale = (((self.log_scale * 127) >> 7) + MULTIPLIERS[code]).clamp(0, 18_432);
        let mantissa = ANTILOGARITHM[(self.log_scale >> 6 & 31) as usize];
        let shift = 8 - (self.log_scale >> 11);
        self.scale = (if shift < 0 { mantissa << -shift } else { mantissa >> shift }) << 2;
        self.predict(difference);
    }

    /// The next prediction, after this difference.
    fn predict(&mut self, difference: i32) {
        let sample = saturate(self.predicted + difference);
        let partial = saturate(self.from_differences + difference);
        self.poles = self.next_poles(partial);
        let step = if difference == 0 { 0 } else { 128 };
        self.zeros = array::from_fn(|at| {
            let same = (self.differences[at] < 0) == (difference < 0);
            saturate((if same { step } else { -step }) + ((self.zeros[at] * 32_640) >> 15))
        });
        self.samples = [sample, self.samples[0]];
        self.partial = [partial, self.partial[0]];
        self.differences.rotate_right(1);
        self.differences[0] = difference;
        let weighed = |coefficient: i32, value: i32| (coefficient * saturate(2 * value)) >> 15;
        let pole = |at: usize| weighed(self.poles[at], self.samples[at]);
        let zeros = self.zeros.iter().zip(&self.differences);
        self.from_differences = saturate(zeros.map(|(zero, value)| weighed(*zero, *value)).sum());
        self.predicted = saturate(saturate(pole(0) + pole(1)) + self.from_differences);
    }

    fn next_poles(&self, partial: i32) -> [i32; 2] {
        let same = |at: usize| (self.partial[at] < 0) == (partial < 0);
        let first = saturate(self.poles[0] << 2);
        let toward = (if same(0) { -first } else { first }).min(32_767) >> 7;
        let second = toward + (if same(1) { 128 } else { -128 }) + ((self.poles[1] * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);
        let bound = saturate(15_360 - second);
        let first = (if same(0) { 192 } else { -192 }) + ((self.poles[0] * 32_640) >> 15);
        [saturate(first).clamp(-bound, bound), second]
    }
}

fn saturate(value: i32) -> i32 {
    value.clamp(i16::MIN.into(), i16::MAX.into())
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;

    fn tone(hertz: f64, amplitude: f64, count: u32) -> Vec<i16> {
        let sample = |at| (amplitude * (TAU * hertz * f64::from(at) / 8_000.0).sin()) as i16;
        (0..count).map(sample).collect()
    }

    fn there_and_back(samples: &[i16]) -> Vec<i16> {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        samples.iter().map(|sample| decoder.decode(encoder.encode(*sample))).collect()
    }

    /// Signal to noise, in dB, after the first 20 ms.
    fn clearness(sent: &[i16], heard: &[i16]) -> f64 {
        let (mut signal, mut noise) = (0.0, 1e-9);
        for (sent, heard) in sent.iter().zip(heard).skip(160) {
            signal += f64::from(*sent).powi(2);
            noise += (f64::from(*sent) - f64::from(*heard)).powi(2);
        }
        10.0 * (signal / noise).log10()
    }

    #[test]
    fn a_tone_comes_back_clearer_than_by_g711() {
        for (hertz, amplitude) in [(300.0, 8_000.0), (1_000.0, 8_000.0), (1_000.0, 300.0)] {
            let sent = tone(hertz, amplitude, 8_000);
            let clearness = clearness(&sent, &there_and_back(&sent));
            assert!(clearness > 38.0, "{hertz} Hz at {amplitude}: {clearness:.1} dB");
        }
    }

    #[test]
    fn silence_comes_back_as_silence() {
        let heard = there_and_back(&[0; 800]);
        assert!(heard.iter().all(|sample| sample.unsigned_abs() <= 8), "{heard:?}");
    }

    #[test]
    fn loud_steps_do_not_overflow() {
        let square: Vec<i16> =
            (0..4_000).map(|at| if at / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        let heard = there_and_back(&square);
        assert!(heard.iter().any(|sample| *sample > 20_000));
        assert!(heard.iter().any(|sample| *sample < -20_000));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                decoder.decode(byte);
            }
        }
    }
}
