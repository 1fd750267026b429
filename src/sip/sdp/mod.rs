//! SDP offers and answers (RFC 3264, RFC 8866) for one stream of telephone audio: G.711, G.722
//! or Opus with telephone-event (RFC 4733), plain or as SRTP with the keys in the SDP (RFC 4568). Everything else is
//! refused; input is taken as hostile.
//!
//! SRTP that is wanted and not required is offered as RTP/AVP with keys, which a far end without SRTP
//! answers as plain RTP: few speak the capability negotiation (RFC 5939) that is meant for it.
//!
//! Left out: other codecs, wideband voice, DTLS, ICE, RTCP multiplexing, packet times other than 20 ms, host names
//! (an address is never looked up for a far end).

mod crypto;
mod read;

use std::fmt::Write;
use std::net::SocketAddr;

pub use crypto::LocalSrtp;

use crate::domain::{Codec, Direction, MediaTarget};
use crypto::Crypto;
use read::Role;

/// The payload types of telephone-event in our offers, by the clock: that of the audio is to be used
/// (RFC 4733 §2.1).
const TELEPHONE_EVENT: (u8, u32) = (101, 8_000);
const TELEPHONE_EVENT_OF_OPUS: (u8, u32) = (110, 48_000);

/// Our end of the audio.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalMedia {
    /// Where we want to hear.
    pub address: SocketAddr,
    /// What we offer, best first. An offer that has nothing of it may have another of [`Codec`]: then that
    /// is spoken.
    pub codecs: Vec<Codec>,
    /// The keys, where SRTP may be agreed; `None` is plain RTP alone.
    pub srtp: Option<LocalSrtp>,
}

/// Why a body cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SdpFault {
    /// The connection address is missing, no literal IP address, multicast or unspecified.
    #[error("no usable connection address (RFC 8866 §5.7)")]
    Address,
    /// The audio stream has none of our codecs.
    #[error("no codec in common (RFC 3264 §6.1)")]
    Codec,
    /// SRTP, and none of its keys can be used.
    #[error("no crypto suite in common (RFC 4568 §5.1.2)")]
    Crypto,
    /// It is not SDP, or a line that matters is malformed.
    #[error("malformed at {0}= (RFC 8866 §5)")]
    Malformed(char),
    /// There is no audio stream over RTP (T.38, video), or none but SRTP where we have no keys.
    #[error("no audio stream over RTP")]
    NoAudio,
    /// Plain RTP, where SRTP is required.
    #[error("plain RTP where SRTP is required")]
    Plain,
    /// The far end has refused the audio stream (port 0).
    #[error("the audio stream is refused (RFC 3264 §6)")]
    Refused,
}

impl SdpFault {
    /// The response to an INVITE or UPDATE with such an offer (RFC 3261 §21.4.26).
    pub fn status(self) -> u16 {
        488
    }
}

/// An offer of one audio stream. `version` is the `o=` version: one more for each new offer or
/// answer of the same session (RFC 3264 §8).
pub fn offer(local: &LocalMedia, version: u64) -> String {
    let mut text = session(local, version);
    let has_opus = local.codecs.contains(&Codec::Opus);
    let events = [Some(TELEPHONE_EVENT), has_opus.then_some(TELEPHONE_EVENT_OF_OPUS)];
    let formats = local.codecs.iter().map(|codec| codec.payload_type());
    let formats = formats.chain(events.into_iter().flatten().map(|(event, _)| event));
    let formats: String = formats.map(|format| format!(" {format}")).collect();
    let port = local.address.port();
    let required = local.srtp.as_ref().is_some_and(|srtp| srtp.required);
    let protocol = if required { "RTP/SAVP" } else { "RTP/AVP" };
    // Writing to a String cannot fail.
    let _ = write!(text, "m=audio {port} {protocol}{formats}\r\n");
    local.srtp.iter().flat_map(LocalSrtp::offers).for_each(|crypto| crypto.write(&mut text));
    for codec in &local.codecs {
        rtpmap(&mut text, codec.payload_type(), *codec);
    }
    close(&mut text, events.into_iter().flatten(), Direction::SendReceive);
    text
}

/// What an answer to [`offer`] of `local` agrees to.
///
/// # Errors
/// [`SdpFault`], after which the call is to be ended.
pub fn read_answer(answer: &str, local: &LocalMedia) -> Result<MediaTarget, SdpFault> {
    let body = read::Body::read(answer)?;
    let (_, target, _) = body.audio(local, Role::Answer)?;
    if target.address.ip().is_unspecified() {
        return Err(SdpFault::Address);
    }
    Ok(target)
}

/// The answer to an offer, and what it agrees to. Streams other than the first usable audio are
/// refused in it by port 0 (RFC 3264 §6). An offer with the address 0.0.0.0 is the old way to hold
/// a call (§8.4): the target then only receives.
///
/// # Errors
/// [`SdpFault`], to be answered by its [`status`](SdpFault::status).
pub fn answer(
    offer: &str,
    local: &LocalMedia,
    version: u64,
) -> Result<(String, MediaTarget), SdpFault> {
    let body = read::Body::read(offer)?;
    let (audio, target, tag) = body.audio(local, Role::Offer)?;
    let mut text = session(local, version);
    for (at, media) in body.media.iter().enumerate() {
        if at != audio {
            let _ = write!(text, "m={} 0 {} {}\r\n", media.kind, media.protocol, media.formats);
            continue;
        }
        let (port, format) = (local.address.port(), target.payload_type);
        let event = target.telephone_event.map(|event| format!(" {event}")).unwrap_or_default();
        let _ = write!(text, "m=audio {port} {} {format}{event}\r\n", media.protocol);
        if let (Some(tag), Some(srtp)) = (tag, target.srtp) {
            Crypto { tag, suite: srtp.suite, key: srtp.ours }.write(&mut text);
        }
        rtpmap(&mut text, format, target.codec);
        let event = target.telephone_event.map(|event| (event, media.event_clock(event)));
        close(&mut text, event.into_iter(), target.direction);
    }
    Ok((text, target))
}

/// The session's lines. Its id is the port that it hears on: no two sessions at once have the same.
fn session(local: &LocalMedia, version: u64) -> String {
    let (ip, id) = (local.address.ip(), local.address.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let mut text = String::with_capacity(320);
    let _ = write!(
        text,
        "v=0\r\no=- {id} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n"
    );
    text
}

fn rtpmap(text: &mut String, payload_type: u8, codec: Codec) {
    let name = codec.name();
    let _ = match codec {
        Codec::G711(_) | Codec::G722 => write!(text, "a=rtpmap:{payload_type} {name}/8000\r\n"),
        // Always so (RFC 7587 §7), whatever the voice's own rate; we hear and say 8 kHz.
        Codec::Opus => write!(
            text,
            "a=rtpmap:{payload_type} {name}/48000/2\r\na=fmtp:{payload_type} \
             maxplaybackrate=8000;sprop-maxcapturerate=8000\r\n"
        ),
    };
}

fn close(text: &mut String, events: impl Iterator<Item = (u8, u32)>, direction: Direction) {
    for (event, clock) in events {
        let _ = write!(text, "a=rtpmap:{event} telephone-event/{clock}\r\na=fmtp:{event} 0-15\r\n");
    }
    let direction = match direction {
        Direction::Inactive => "inactive",
        Direction::ReceiveOnly => "recvonly",
        Direction::SendOnly => "sendonly",
        Direction::SendReceive => "sendrecv",
    };
    let _ = write!(text, "a=ptime:20\r\na={direction}\r\n");
}

#[cfg(test)]
mod tests;
