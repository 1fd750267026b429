//! WAV files of calls: mono, 8000 Hz, 16-bit PCM or either law of G.711.

use std::path::{Path, PathBuf};

use crate::amd::SAMPLE_RATE_HZ;
use crate::domain::Law;
use crate::rtp::g711;

/// Why a recording cannot be heard.
#[derive(Debug, thiserror::Error)]
pub(super) enum WavFault {
    /// Another form.
    #[error(
        "{file}: {channels} channels, {rate} Hz, {bits} bits, format {tag}: a recording is mono, 8000 Hz, 16-bit \
         PCM, mu-law or A-law (sox in.wav -r 8000 -c 1 -b 16 out.wav)"
    )]
    Form { file: PathBuf, channels: u16, rate: u32, bits: u16, tag: u16 },
    /// No RIFF WAVE file, or a broken one.
    #[error("{0}: not a WAV file")]
    NotWav(PathBuf),
    /// The file.
    #[error("{file}: {source}")]
    Unreadable { file: PathBuf, source: std::io::Error },
}

/// Format tags (RFC 2361).
const PCM: u16 = 1;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xFFFE;

/// Its samples.
pub(super) fn read(file: &Path) -> Result<Vec<i16>, WavFault> {
    let unreadable = |source| WavFault::Unreadable { file: file.to_owned(), source };
    let bytes = std::fs::read(file).map_err(unreadable)?;
    decode(&bytes, file)
}

fn decode(bytes: &[u8], file: &Path) -> Result<Vec<i16>, WavFault> {
    let broken = || WavFault::NotWav(file.to_owned());
    if bytes.get(..4) != Some(b"RIFF".as_slice()) || bytes.get(8..12) != Some(b"WAVE".as_slice()) {
        return Err(broken());
    }
    let format = chunk(bytes, *b"fmt ").filter(|format| format.len() >= 16).ok_or_else(broken)?;
    let data = chunk(bytes, *b"data").ok_or_else(broken)?;
    let word = |at: usize| u16::from_le_bytes([format[at], format[at + 1]]);
    let rate = u32::from(word(4)) | u32::from(word(6)) << 16;
    let (channels, bits) = (word(2), word(14));
    let tag = match word(0) {
        EXTENSIBLE if format.len() >= 26 => word(24),
        tag => tag,
    };
    let samples = match (tag, bits, channels, rate) {
        (PCM, 16, 1, SAMPLE_RATE_HZ) => {
            data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
        }
        (A_LAW, 8, 1, SAMPLE_RATE_HZ) => expand(Law::A, data),
        (MU_LAW, 8, 1, SAMPLE_RATE_HZ) => expand(Law::Mu, data),
        _ => return Err(WavFault::Form { file: file.to_owned(), channels, rate, bits, tag }),
    };
    Ok(samples)
}

fn expand(law: Law, data: &[u8]) -> Vec<i16> {
    data.iter().map(|byte| g711::decode(law, *byte)).collect()
}

/// The body of the first chunk of that name; cut short where the file is.
fn chunk(bytes: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let mut at = 12_usize;
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = at + 8;
        if head[..4] == name {
            return bytes.get(body..bytes.len().min(body.saturating_add(length)));
        }
        at = body.checked_add(length)?.checked_add(length % 2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        for word in [tag, channels, rate as u16, (rate >> 16) as u16, 0, 0, 0, bits] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(b"data");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn pcm_and_both_laws_are_read() {
        let file = Path::new("a.wav");
        assert_eq!(decode(&wav(1, 1, 8_000, 16, &[1, 0, 0, 128]), file).unwrap(), [1, -32_768]);
        assert_eq!(decode(&wav(7, 1, 8_000, 8, &[0xFF]), file).unwrap(), [0]);
        assert_eq!(decode(&wav(6, 1, 8_000, 8, &[0xD5]), file).unwrap(), [8]);
    }

    #[test]
    fn another_rate_and_no_wav_are_said_so() {
        let file = Path::new("a.wav");
        let fault = decode(&wav(1, 1, 16_000, 16, &[]), file).unwrap_err().to_string();
        assert!(fault.contains("16000 Hz") && fault.contains("sox"), "{fault}");
        for cut in 0..44 {
            let whole = wav(1, 1, 8_000, 16, &[]);
            assert!(decode(&whole[..cut], file).is_err(), "{cut}");
        }
    }
}
