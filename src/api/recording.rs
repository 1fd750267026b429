//! `/v1/calls/{id}/recording`: a call's recording, whole or in part (RFC 9110 §14), and the outline of what
//! is to be heard in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::caller::By;
use super::extract::{Json, Path};
use super::stream::Chunks;
use super::{Context, Problem};
use crate::domain::CallId;
use crate::store::RECORDINGS;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1_024;
/// Points of an outline.
const POINTS: usize = 800;

/// The outline of a recording: how loud each side is, over time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct OutlineBody {
    /// How long it is, in seconds.
    pub seconds: f64,
    /// What the person said: the highest sample of each of equal parts, 0 to 1.
    pub person: Vec<f32>,
    /// What the person heard.
    pub agent: Vec<f32>,
}

/// A call's recording
///
/// WAV of 8 kHz and two channels: left what the person said, right what the person heard, from the first
/// bridge on. Takes `Range: bytes=`. Who asks for its beginning is written into the evidence.
#[utoipa::path(
    get, path = "/v1/calls/{id}/recording", tag = "calls", operation_id = "call_recording",
    params(("id" = i64, Path, description = "The call's number")),
    responses(
        (status = 200, content((Vec<u8> = "audio/wav"))),
        (status = 206, description = "The part that was asked for", content((Vec<u8> = "audio/wav"))),
        (status = 404, description = "No such call, or not recorded, or kept no longer", body = Problem),
        (status = 416, description = "There is no such part", body = Problem),
    ),
)]
pub(super) async fn whole(
    State(context): State<Context>,
    By(caller): By,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let path = path_of(&context, CallId(id)).await?;
    let opened = tokio::task::spawn_blocking(move || open(&path)).await;
    let (file, length) = opened.map_err(|_| gone())?.map_err(|_| gone())?;
    let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let part = asked.and_then(|range| part_of(range, length));
    if part.as_ref().is_some_and(Range::is_empty) {
        let detail = format!("the recording has {length} bytes");
        return Err(Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, detail));
    }
    let sent = part.clone().unwrap_or(0..length);
    if sent.start == 0 {
        context.note(&caller.name(), "recording_heard", json!({ "call": id })).await;
    }
    let headers = [
        (header::CONTENT_TYPE, "audio/wav".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, (sent.end - sent.start).to_string()),
    ];
    let body = Body::from_stream(read(file, sent.clone()));
    Ok(match part {
        None => (headers, body).into_response(),
        Some(part) => {
            let said = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, said)], headers, body)
                .into_response()
        }
    })
}

/// The outline of a call's recording
#[utoipa::path(
    get, path = "/v1/calls/{id}/recording/outline", tag = "calls",
    operation_id = "call_recording_outline",
    params(("id" = i64, Path, description = "The call's number")),
    responses(
        (status = 200, body = OutlineBody),
        (status = 404, description = "No such call, or not recorded, or kept no longer", body = Problem),
    ),
)]
pub(super) async fn outline(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<OutlineBody>, Problem> {
    let path = path_of(&context, CallId(id)).await?;
    let drawn = tokio::task::spawn_blocking(move || draw(&path)).await;
    Ok(Json(drawn.map_err(|_| gone())?.map_err(|_| gone())?))
}

/// Where the recording lies. What the books hold is a name in the recordings' folder, and no path.
async fn path_of(context: &Context, call: CallId) -> Result<PathBuf, Problem> {
    let store = context.handle.store();
    let call = store.books().call(call).await?;
    let call = call.ok_or_else(|| Problem::not_found("no call of that number is over"))?;
    let name = call.record.recording.ok_or_else(gone)?;
    let name = FilePath::new(&name).file_name().ok_or_else(gone)?;
    Ok(store.folder().join(RECORDINGS).join(name))
}

fn gone() -> Problem {
    Problem::not_found("this call has no recording, or it is kept no longer")
}

fn open(path: &FilePath) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// The one part that is asked for; empty when there is none of it. `None`: the whole, as for a header
/// that is not understood, and for several parts (RFC 9110 §14.2).
fn part_of(range: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => Some(length.saturating_sub(number(last)?)..length),
        (first, "") => Some(number(first)?.min(length)..length),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then(|| first.min(length)..last.saturating_add(1).min(length))
        }
    }
}

/// Reads the part as it is sent. A file that ends before breaks the connection off.
fn read(mut file: File, part: Range<u64>) -> Chunks {
    let (chunks, body) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut left = part.end - part.start;
        let mut fault = file.seek(SeekFrom::Start(part.start)).err();
        while left > 0 && fault.is_none() {
            let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            match file.read_exact(&mut chunk) {
                Ok(()) => {
                    left -= chunk.len() as u64;
                    // Whoever has asked may have gone.
                    if chunks.blocking_send(Ok(Bytes::from(chunk))).is_err() {
                        return;
                    }
                }
                Err(error) => fault = Some(error),
            }
        }
        if let Some(error) = fault {
            let _ = chunks.blocking_send(Err(error));
        }
    });
    Chunks(body)
}

fn draw(path: &FilePath) -> io::Result<OutlineBody> {
    let mut reader = hound::WavReader::open(path).map_err(io::Error::other)?;
    let (spec, frames) = (reader.spec(), reader.duration() as usize);
    if spec.channels != 2 || spec.bits_per_sample != 16 || spec.sample_rate == 0 {
        return Err(io::Error::other("not a recording of ours"));
    }
    let points = POINTS.min(frames.max(1));
    let mut sides = [vec![0.0_f32; points], vec![0.0_f32; points]];
    for (index, sample) in reader.samples::<i16>().enumerate() {
        let sample = sample.map_err(io::Error::other)?;
        let point = (index / 2 * points / frames.max(1)).min(points - 1);
        let loud = f32::from(sample.unsigned_abs()) / 32_768.0;
        let most = &mut sides[index % 2][point];
        *most = most.max(loud);
    }
    let [person, agent] = sides;
    Ok(OutlineBody { seconds: frames as f64 / f64::from(spec.sample_rate), person, agent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_sent_as_it_is_asked_for_and_anything_else_as_the_whole() {
        assert_eq!(part_of("bytes=0-99", 1_000), Some(0..100));
        assert_eq!(part_of("bytes=900-", 1_000), Some(900..1_000));
        assert_eq!(part_of("bytes=-100", 1_000), Some(900..1_000));
        assert_eq!(part_of("bytes=-5000", 1_000), Some(0..1_000));
        assert_eq!(part_of("bytes=0-18446744073709551615", 1_000), Some(0..1_000));
        assert_eq!(part_of("bytes=1000-", 1_000), Some(1_000..1_000), "there is none of it");
        for other in ["bytes=9-2", "bytes=0-1,5-6", "bytes=a-b", "lines=1-2", "bytes=", "bytes=-"] {
            assert_eq!(part_of(other, 1_000), None, "{other}");
        }
    }

    #[test]
    fn the_outline_has_both_sides_and_the_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.wav");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for n in 0..16_000 {
            writer.write_sample(if n < 8_000 { 16_384_i16 } else { 0 }).unwrap();
            writer.write_sample(if n < 8_000 { 0 } else { i16::MIN }).unwrap();
        }
        writer.finalize().unwrap();
        let outline = draw(&path).unwrap();
        assert_eq!((outline.seconds, outline.person.len()), (2.0, POINTS));
        assert_eq!((outline.person[10], outline.person[790]), (0.5, 0.0));
        assert_eq!((outline.agent[10], outline.agent[790]), (0.0, 1.0));
        std::fs::write(&path, b"RIFF").unwrap();
        assert!(draw(&path).is_err());
    }
}
