//! Messages as WAV files: read once, checked, held as samples.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The message of a campaign that names none: a polite sentence with the key 9 to opt out.
const BUILT_IN: &[u8] = include_bytes!("../../campaigns/safe-harbour.wav");

/// Why a WAV file cannot be played to a caller.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncementFault {
    /// Not the one form that goes on the line unchanged.
    #[error(
        "{file}: {channels} channels of {bits}-bit samples at {rate} Hz; a message is mono, 16-bit, \
         8000 Hz (sox in.wav -r 8000 -c 1 -b 16 out.wav)"
    )]
    Form {
        /// The file.
        file: String,
        /// As found.
        channels: u16,
        /// As found.
        bits: u16,
        /// As found.
        rate: u32,
    },
    /// Longer than five minutes.
    #[error("{0}: longer than five minutes")]
    TooLong(String),
    /// Not readable, or no WAV.
    #[error("{file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: hound::Error,
    },
}

const SAMPLES_MAX: u32 = 5 * 60 * 8000;

/// The samples of the message at `path`, or of the built-in one.
///
/// # Errors
/// [`AnnouncementFault`], naming the file and what to do.
pub fn load(path: Option<&Path>) -> Result<Arc<[i16]>, AnnouncementFault> {
    match path {
        None => decode(BUILT_IN, PathBuf::from("built-in message")),
        Some(path) => {
            let unreadable = |error: std::io::Error| AnnouncementFault::Unreadable {
                file: path.display().to_string(),
                source: error.into(),
            };
            let file = std::fs::File::open(path).map_err(unreadable)?;
            decode(std::io::BufReader::new(file), path.to_owned())
        }
    }
}

fn decode(wav: impl Read, path: PathBuf) -> Result<Arc<[i16]>, AnnouncementFault> {
    let file = path.display().to_string();
    let unreadable = |source| AnnouncementFault::Unreadable { file: file.clone(), source };
    let mut reader = hound::WavReader::new(wav).map_err(unreadable)?;
    let spec = reader.spec();
    if (spec.channels, spec.bits_per_sample, spec.sample_rate) != (1, 16, 8000) {
        return Err(AnnouncementFault::Form {
            file,
            channels: spec.channels,
            bits: spec.bits_per_sample,
            rate: spec.sample_rate,
        });
    }
    if reader.duration() > SAMPLES_MAX {
        return Err(AnnouncementFault::TooLong(file));
    }
    reader.samples::<i16>().collect::<Result<_, _>>().map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_message_is_speech_of_a_few_seconds() {
        let samples = load(None).unwrap();
        assert!((3 * 8000..15 * 8000).contains(&samples.len()));
        assert!(samples.iter().any(|sample| sample.unsigned_abs() > 4000));
    }

    #[test]
    fn a_wrong_form_says_how_to_convert() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stereo.wav");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 44100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        hound::WavWriter::create(&path, spec).unwrap().finalize().unwrap();
        let fault = load(Some(&path)).unwrap_err().to_string();
        assert!(fault.contains("stereo.wav: 2 channels"), "{fault}");
        assert!(fault.contains("sox"), "{fault}");
    }
}
