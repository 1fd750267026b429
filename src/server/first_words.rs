//! What called parties said first: given out while the call is up, and kept as WAV where the campaign
//! keeps what its detector hears, for as long as it says.

use std::fs;
use std::io::{self, Cursor};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Handle;
use super::switchboard::Order;
use crate::clock;
use crate::domain::CallId;
use crate::store::{RECORDINGS, Store, StoreError};

/// How often what is too old is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// 8 kHz samples as a WAV file, mono, 16 bits.
///
/// # Errors
/// None in practice: the writer is memory.
pub fn wav(samples: &[i16]) -> io::Result<Vec<u8>> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: crate::amd::SAMPLE_RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::with_capacity(samples.len() * 2 + 44));
    let mut writer = hound::WavWriter::new(&mut bytes, spec).map_err(io::Error::other)?;
    for sample in samples {
        writer.write_sample(*sample).map_err(io::Error::other)?;
    }
    writer.finalize().map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// Has it written to the folder of the recordings, and says under which name.
pub(super) fn keep(store: &Store, call: CallId, words: Vec<i16>) -> String {
    let file = format!("{call}-screening.wav");
    let path = store.folder().join(RECORDINGS).join(&file);
    tokio::task::spawn_blocking(move || {
        let written = wav(&words).and_then(|bytes| fs::write(&path, bytes));
        if let Err(error) = written {
            tracing::error!(%call, %error, "what the detector heard cannot be kept");
        }
    });
    file
}

/// Removes what has been kept long enough, until `stop`.
pub(super) async fn sweep(handle: Handle, stop: CancellationToken) {
    let rounds = async {
        loop {
            if let Err(error) = remove_old(&handle, clock::now()).await {
                tracing::error!(%error, "kept audio that is too old cannot be removed");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = rounds => {}
    }
}

async fn remove_old(handle: &Handle, now: Timestamp) -> Result<(), StoreError> {
    for campaign in handle.campaigns().iter() {
        // Also what was kept under another setting.
        let keep = campaign.answers.keep_audio.unwrap_or_default();
        let before = now.checked_sub(keep).unwrap_or(Timestamp::MIN);
        handle.store().remove_screenings(campaign.id, before).await?;
    }
    Ok(())
}

impl Handle {
    /// What the called party said first, as WAV: of a call that is up what was heard so far, of
    /// one that is over what was kept; `None` where there is nothing.
    ///
    /// # Errors
    /// The store's; a file that cannot be read.
    pub async fn first_words(&self, call: CallId) -> Result<Option<Vec<u8>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let asked = self.orders.send(Order::FirstWords { call, reply });
        let heard = if asked.is_ok() { answer.await.ok().flatten() } else { None };
        let unreadable = |error: io::Error| StoreError::Unreadable(error.to_string());
        if let Some(samples) = heard {
            return wav(&samples).map(Some).map_err(unreadable);
        }
        let Some(kept) = self.store.books().call(call).await? else { return Ok(None) };
        let Some(file) = kept.record.screening.audio else { return Ok(None) };
        match tokio::fs::read(self.store.folder().join(RECORDINGS).join(file)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wav_file_has_every_sample() {
        let bytes = wav(&[1, -2, i16::MAX]).unwrap();
        let mut reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
        assert_eq!(reader.spec().sample_rate, 8_000);
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [1, -2, i16::MAX]);
    }
}
