//! G.711: 8 bits a sample in two laws, to and from 16-bit linear PCM (ITU-T G.711 tables 1 and 2).

use crate::domain::Law;

const MU_BIAS: i32 = 0x84;
const MU_CLIP: i32 = 32_635;

static FROM_A: [i16; 256] = from_a_table();
static FROM_MU: [i16; 256] = from_mu_table();
/// By the upper 12 bits of a sample: A-law hears no more.
static TO_A: [u8; 1 << 12] = to_a_table();
/// By the upper 14 bits of a sample: mu-law hears no more.
static TO_MU: [u8; 1 << 14] = to_mu_table();

/// One byte as linear PCM.
pub fn decode(law: Law, byte: u8) -> i16 {
    match law {
        Law::A => FROM_A[usize::from(byte)],
        Law::Mu => FROM_MU[usize::from(byte)],
    }
}

/// One sample as a byte.
pub fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A => TO_A[usize::from((sample >> 4) as u16 & 0x0fff)],
        Law::Mu => TO_MU[usize::from((sample >> 2) as u16 & 0x3fff)],
    }
}

/// The byte that is silence.
pub fn silence(law: Law) -> u8 {
    encode(law, 0)
}

const fn from_mu_table() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let bits = !(byte as u8);
        let magnitude = ((((bits & 0x0f) as i32) << 3) + MU_BIAS) << ((bits & 0x70) >> 4);
        let magnitude = magnitude - MU_BIAS;
        table[byte] = if bits & 0x80 == 0 { magnitude as i16 } else { -magnitude as i16 };
        byte += 1;
    }
    table
}

const fn from_a_table() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let bits = (byte as u8) ^ 0x55;
        let mantissa = ((bits & 0x0f) as i32) << 4;
        let segment = (bits & 0x70) >> 4;
        let magnitude = match segment {
            0 => mantissa + 8,
            1 => mantissa + 0x108,
            _ => (mantissa + 0x108) << (segment - 1),
        };
        table[byte] = if bits & 0x80 != 0 { magnitude as i16 } else { -magnitude as i16 };
        byte += 1;
    }
    table
}

const fn to_a_table() -> [u8; 1 << 12] {
    let mut table = [0; 1 << 12];
    let mut upper = 0;
    while upper < table.len() {
        table[upper] = to_a((upper << 4) as u16 as i16);
        upper += 1;
    }
    table
}

const fn to_mu_table() -> [u8; 1 << 14] {
    let mut table = [0; 1 << 14];
    let mut upper = 0;
    while upper < table.len() {
        table[upper] = to_mu((upper << 2) as u16 as i16);
        upper += 1;
    }
    table
}

/// The magnitude of a negative sample is its ones' complement, as in the reference code of ITU-T
/// G.191: -1 is as quiet as 0.
const fn magnitude(sample: i16) -> i32 {
    (if sample < 0 { !sample } else { sample }) as i32
}

const fn to_a(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = magnitude(sample);
    let code = if magnitude < 0x100 {
        magnitude >> 4
    } else {
        let segment = 24 - magnitude.leading_zeros() as i32;
        (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)
    };
    (sign | code as u8) ^ 0x55
}

const fn to_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = magnitude(sample);
    let magnitude = if magnitude > MU_CLIP { MU_CLIP } else { magnitude } + MU_BIAS;
    // The segment is the place of the highest bit above bit 7; the bias makes that at least 0.
    let segment = 24 - magnitude.leading_zeros();
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    !(sign | (segment << 4) as u8 | mantissa as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_as_itself() {
        for law in [Law::A, Law::Mu] {
            for byte in 0..=255_u8 {
                let back = encode(law, decode(law, byte));
                // Mu-law has two zeros (ITU-T G.711 table 2, note).
                let zero = law == Law::Mu && byte == 0x7f;
                assert!(back == byte || (zero && back == 0xff), "{law:?} {byte:#x} {back:#x}");
            }
        }
    }

    #[test]
    fn the_error_is_at_most_a_quantum_of_the_segment() {
        for law in [Law::A, Law::Mu] {
            for sample in i16::MIN..=i16::MAX {
                let back = i32::from(decode(law, encode(law, sample)));
                let error = (back - i32::from(sample)).abs();
                let allowed = 16 + i32::from(sample).abs() / 16;
                assert!(error <= allowed.max(16), "{law:?} {sample} {back}");
            }
        }
    }

    #[test]
    fn the_tables_lose_nothing_of_the_sample_that_the_law_would_hear() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(encode(Law::A, sample), to_a(sample), "{sample}");
            assert_eq!(encode(Law::Mu, sample), to_mu(sample), "{sample}");
        }
    }

    #[test]
    fn known_points_of_the_tables() {
        assert_eq!(decode(Law::Mu, 0x00), -32_124);
        assert_eq!(decode(Law::Mu, 0x80), 32_124);
        assert_eq!(decode(Law::Mu, 0xff), 0);
        assert_eq!(decode(Law::A, 0xd5), 8);
        assert_eq!(decode(Law::A, 0x2a), -32_256);
        assert_eq!(silence(Law::Mu), 0xff);
        assert_eq!(silence(Law::A), 0xd5);
    }
}
