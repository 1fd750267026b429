//! Payloads to samples at 8 kHz and back, whatever the codec.
//!
//! Opus (RFC 6716) is `opus-pure`'s, at 8 kHz and one channel at both ends: its decoder brings whatever
//! the far end sends there. Left out: its in-band repair of lost packets (RFC 7587 §3.3).

use opus_pure::{Application, OpusDecoder, OpusEncoder};

use super::{FRAME, Frame, g711, g722};
use crate::domain::{Codec, Law};

/// Samples of the longest packet that is taken: 120 ms.
pub const SAMPLES_MAX: usize = 960;
/// Bits a second of Opus: clear at the 4 kHz of a telephone (RFC 7587 §3.1.1 names 8 to 12 for that).
const OPUS_BIT_RATE: i32 = 16_000;
/// Of 0 to 10: what the voice gains beyond it costs more than it is worth with hundreds of calls.
const OPUS_COMPLEXITY: i32 = 3;

/// Makes payloads of 20 ms each.
#[derive(Debug)]
pub struct Encoder {
    codec: Codec,
    state: Encoding,
}

#[derive(Debug)]
enum Encoding {
    G711(Law),
    G722(Box<g722::Encoder>),
    /// `None` where there is no encoder, which 8 kHz and one channel leave no reason for.
    Opus(Option<Box<OpusEncoder>>),
}

impl Encoder {
    /// At the beginning of a stream.
    pub fn new(codec: Codec) -> Self {
        let state = match codec {
            Codec::G711(law) => Encoding::G711(law),
            Codec::G722 => Encoding::G722(Box::default()),
            Codec::Opus => Encoding::Opus(opus_encoder()),
        };
        Self { codec, state }
    }

    /// What it speaks.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Writes the payload of a frame, and returns its length; `None` when there is none to send.
    pub fn encode(&mut self, frame: &Frame, payload: &mut [u8; FRAME]) -> Option<usize> {
        match &mut self.state {
            Encoding::G711(law) => {
                *payload = frame.map(|sample| g711::encode(*law, sample));
                Some(FRAME)
            }
            Encoding::G722(encoder) => {
                *payload = frame.map(|sample| encoder.encode(sample));
                Some(FRAME)
            }
            Encoding::Opus(encoder) => encoder.as_mut()?.encode_s16(frame, FRAME, payload).ok(),
        }
    }
}

fn opus_encoder() -> Option<Box<OpusEncoder>> {
    let mut encoder = Box::new(OpusEncoder::new(8_000, 1, Application::Voip).ok()?);
    (encoder.bitrate_bps, encoder.complexity) = (OPUS_BIT_RATE, OPUS_COMPLEXITY);
    Some(encoder)
}

/// Makes samples of payloads, in the order in which they come.
#[derive(Debug)]
pub struct Decoder {
    codec: Codec,
    state: Decoding,
    /// The timestamp of the last packet, and what it is in samples: a clock of 48 kHz wraps more often.
    at: Option<(u32, i64)>,
}

#[derive(Debug)]
enum Decoding {
    G711(Law),
    G722(Box<g722::Decoder>),
    /// As [`Encoding::Opus`].
    Opus(Option<Box<OpusDecoder>>),
}

impl Decoder {
    /// At the beginning of a stream.
    pub fn new(codec: Codec) -> Self {
        let state = match codec {
            Codec::G711(law) => Decoding::G711(law),
            Codec::G722 => Decoding::G722(Box::default()),
            Codec::Opus => Decoding::Opus(OpusDecoder::new(8_000, 1).ok().map(Box::new)),
        };
        Self { codec, state, at: None }
    }

    /// What it understands.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Writes the samples of a payload, and returns how many; 0 of one that cannot be read.
    pub fn decode(&mut self, payload: &[u8], samples: &mut [i16; SAMPLES_MAX]) -> usize {
        match &mut self.state {
            Decoding::G711(law) => each(payload, samples, |byte| g711::decode(*law, byte)),
            Decoding::G722(decoder) => each(payload, samples, |byte| decoder.decode(byte)),
            Decoding::Opus(Some(decoder)) if !payload.is_empty() => {
                decoder.decode_s16(payload, SAMPLES_MAX, samples).unwrap_or(0).min(SAMPLES_MAX)
            }
            Decoding::Opus(_) => 0,
        }
    }

    /// A packet's timestamp in samples at 8 kHz.
    pub fn timestamp(&mut self, timestamp: u32) -> u32 {
        let ticks = self.codec.ticks();
        if ticks == 1 {
            return timestamp;
        }
        let (last, before) = self.at.unwrap_or((timestamp, i64::from(timestamp)));
        let now = before + i64::from(timestamp.wrapping_sub(last) as i32);
        self.at = Some((timestamp, now));
        now.div_euclid(ticks.into()) as u32
    }
}

/// A sample a byte.
fn each(
    payload: &[u8],
    samples: &mut [i16; SAMPLES_MAX],
    mut decode: impl FnMut(u8) -> i16,
) -> usize {
    let pairs = samples.iter_mut().zip(payload);
    pairs.map(|(sample, byte)| *sample = decode(*byte)).count()
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(Codec::PCMU)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;

    const ALL: [Codec; 4] = [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::Opus];

    /// The share of the energy at 600 Hz, and the root mean square.
    fn tone_in(samples: &[i16]) -> (f64, f64) {
        let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
        for (at, sample) in samples.iter().enumerate() {
            let (value, angle) = (f64::from(*sample), TAU * 600.0 * at as f64 / 8_000.0);
            real += value * angle.cos();
            imaginary += value * angle.sin();
            energy += value * value;
        }
        let count = samples.len() as f64;
        (2.0 * (real * real + imaginary * imaginary) / (count * energy), (energy / count).sqrt())
    }

    #[test]
    fn what_is_said_is_heard_in_every_codec() {
        for codec in ALL {
            let (mut encoder, mut decoder) = (Encoder::new(codec), Decoder::new(codec));
            let (mut heard, mut longest) = (Vec::new(), 0);
            for frame in 0..50 {
                let sample = |at: usize| {
                    let angle = TAU * 600.0 * (frame * FRAME + at) as f64 / 8_000.0;
                    (8_000.0 * angle.sin()) as i16
                };
                let (mut payload, mut samples) = ([0; FRAME], [0; SAMPLES_MAX]);
                let said: Frame = std::array::from_fn(sample);
                let length = encoder.encode(&said, &mut payload).unwrap();
                let count = decoder.decode(&payload[..length], &mut samples);
                assert_eq!(count, FRAME, "{codec:?}");
                heard.extend_from_slice(&samples[..count]);
                longest = longest.max(length);
            }
            let (share, rms) = tone_in(&heard[1_600..]);
            assert!(share > 0.98 && (4_800.0..6_500.0).contains(&rms), "{codec:?}: {share} {rms}");
            assert!(longest <= if codec == Codec::Opus { 100 } else { FRAME }, "{longest}");
        }
    }

    #[test]
    fn a_clock_of_48_khz_runs_on_over_its_end() {
        let mut decoder = Decoder::new(Codec::Opus);
        let start = u32::MAX - 1_000;
        let first = decoder.timestamp(start);
        for packet in 1..10_u32 {
            let at = decoder.timestamp(start.wrapping_add(packet * 960));
            assert_eq!(at.wrapping_sub(first), packet * 160);
        }
        // One that comes late goes back.
        assert_eq!(decoder.timestamp(start.wrapping_add(960)).wrapping_sub(first), 160);
    }

    proptest! {
        #[test]
        fn no_bytes_break_a_decoder(
            payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..20),
        ) {
            for codec in ALL {
                let mut decoder = Decoder::new(codec);
                for payload in &payloads {
                    let mut samples = [0; SAMPLES_MAX];
                    prop_assert!(decoder.decode(payload, &mut samples) <= SAMPLES_MAX);
                }
            }
        }
    }
}
