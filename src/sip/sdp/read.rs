//! Reading SDP: one pass over the lines, nothing believed that is not needed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::crypto::Crypto;
use super::{LocalMedia, LocalSrtp, SdpFault};
use crate::domain::{Codec, Direction, MediaTarget, Srtp};

/// A body, as far as it matters.
pub struct Body<'a> {
    session: Section<'a>,
    /// Its streams, in order.
    pub media: Vec<Media<'a>>,
}

/// One stream.
pub struct Media<'a> {
    /// `audio`, `image`.
    pub kind: &'a str,
    port: u16,
    /// `RTP/AVP`, `udptl`.
    pub protocol: &'a str,
    /// The format list, as written.
    pub formats: &'a str,
    section: Section<'a>,
}

/// What may stand in the session's part and in each stream's.
#[derive(Default)]
struct Section<'a> {
    /// The last `c=`, its address not looked at yet.
    connection: Option<&'a str>,
    direction: Option<Direction>,
    /// `a=rtpmap` of dynamic payload types (RFC 3551 §3), those that we speak.
    formats: Vec<(u8, Format)>,
    /// `a=crypto` (RFC 4568) that we can use; it means nothing in the session's part (§5).
    cryptos: Vec<Crypto>,
}

/// What a body is.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Role {
    Answer,
    Offer,
}

/// An audio stream: its place, what it agrees to, and the tag of the keys that were taken.
type Agreed = (usize, MediaTarget, Option<u32>);

#[derive(Clone, Copy, Eq, PartialEq)]
enum Format {
    Audio(Codec),
    /// With its clock.
    TelephoneEvent(u32),
}

/// More streams than any peer offers.
const MEDIA_MAX: usize = 16;
/// Keys of a stream that are looked at.
const CRYPTOS_MAX: usize = 16;

impl<'a> Body<'a> {
    /// Takes a body apart. CR LF and LF end a line alike.
    pub fn read(text: &'a str) -> Result<Self, SdpFault> {
        let mut lines = text.lines();
        if lines.next() != Some("v=0") {
            return Err(SdpFault::Malformed('v'));
        }
        let mut body = Self { session: Section::default(), media: Vec::new() };
        for line in lines {
            let Some((kind, value)) = line.split_once('=') else {
                // Nothing but blank lines at the end.
                if line.trim().is_empty() {
                    continue;
                }
                return Err(SdpFault::Malformed('?'));
            };
            if kind == "m" {
                if body.media.len() == MEDIA_MAX {
                    return Err(SdpFault::Malformed('m'));
                }
                body.media.push(Media::read(value)?);
                continue;
            }
            let section = body.media.last_mut().map_or(&mut body.session, |m| &mut m.section);
            match kind {
                "a" => section.attribute(value),
                "c" => section.connection = Some(value),
                _ => {}
            }
        }
        Ok(body)
    }

    /// The first audio stream that can be used; where we have keys, one with keys goes before one without.
    pub fn audio(&self, local: &LocalMedia, role: Role) -> Result<Agreed, SdpFault> {
        let streams = || self.media.iter().enumerate().filter(|(_, media)| media.is_audio());
        let open = || streams().filter(|(_, media)| media.port != 0);
        let mut fault = match streams().next() {
            Some(_) => SdpFault::Refused,
            None => SdpFault::NoAudio,
        };
        let mut plain = None;
        for (at, media) in open() {
            match media.protection(local.srtp.as_ref(), role) {
                Ok(Some((tag, srtp))) => {
                    let target = MediaTarget { srtp: Some(srtp), ..self.target(at, local, role)? };
                    return Ok((at, target, Some(tag)));
                }
                Ok(None) => plain = plain.or(Some(at)),
                Err(reason) => fault = reason,
            }
        }
        let at = plain.ok_or(fault)?;
        Ok((at, self.target(at, local, role)?, None))
    }

    /// What the stream at `at` and `local` have in common: the far end's first codec that is ours
    /// (RFC 3264 §6.1), or, of an offer without any of those, its first one that we understand.
    fn target(&self, at: usize, local: &LocalMedia, role: Role) -> Result<MediaTarget, SdpFault> {
        let media = self.media.get(at).ok_or(SdpFault::NoAudio)?;
        let connection = media.section.connection.or(self.session.connection);
        let ip = address(connection.ok_or(SdpFault::Address)?).ok_or(SdpFault::Address)?;
        let formats = || media.formats.split(' ').filter_map(|format| format.parse::<u8>().ok());
        let audio = || {
            formats().filter_map(|number| match media.section.format(number)? {
                Format::Audio(codec) => Some((number, codec)),
                Format::TelephoneEvent(_) => None,
            })
        };
        let understood = || audio().next().filter(|_| role == Role::Offer);
        let (payload_type, codec) = audio()
            .find(|(_, codec)| local.codecs.contains(codec))
            .or_else(understood)
            .ok_or(SdpFault::Codec)?;
        let clock = |number: &u8| media.section.event_clock(*number);
        let same_clock = formats().find(|number| clock(number) == Some(8_000 * codec.ticks()));
        let theirs = media.section.direction.or(self.session.direction).unwrap_or_default();
        Ok(MediaTarget {
            address: SocketAddr::new(ip, media.port),
            behind: None,
            codec,
            payload_type,
            telephone_event: same_clock.or_else(|| formats().find(|it| clock(it).is_some())),
            direction: seen_from_us(theirs, ip.is_unspecified()),
            srtp: None,
        })
    }
}

/// Their direction turned round; nothing is sent to the unspecified address (RFC 3264 §8.4).
fn seen_from_us(theirs: Direction, unspecified: bool) -> Direction {
    match (theirs, unspecified) {
        (Direction::Inactive, _) | (Direction::ReceiveOnly, true) => Direction::Inactive,
        (Direction::ReceiveOnly, false) => Direction::SendOnly,
        (Direction::SendOnly, _) | (Direction::SendReceive, true) => Direction::ReceiveOnly,
        (Direction::SendReceive, false) => Direction::SendReceive,
    }
}

impl<'a> Media<'a> {
    /// `m=audio 49170/1 RTP/AVP 0 8` (RFC 8866 §5.14). A number of ports is passed over: one is
    /// used.
    fn read(value: &'a str) -> Result<Self, SdpFault> {
        let fault = SdpFault::Malformed('m');
        let mut words = value.splitn(4, ' ');
        let (Some(kind), Some(port), Some(protocol), Some(formats)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(fault);
        };
        let port = port.split('/').next().unwrap_or_default();
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| digits).ok_or(fault)?;
        // What goes into an answer is copied from here.
        let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if kind.is_empty() || protocol.is_empty() || !plain {
            return Err(fault);
        }
        Ok(Self { kind, port, protocol, formats, section: Section::default() })
    }

    /// The clock of that telephone-event.
    pub fn event_clock(&self, payload_type: u8) -> u32 {
        self.section.event_clock(payload_type).unwrap_or(8_000)
    }

    fn is_audio(&self) -> bool {
        self.kind == "audio" && matches!(self.protocol, "RTP/AVP" | "RTP/SAVP")
    }

    /// The keys that both ends have, with the tag that names them; `None` is plain RTP.
    fn protection(
        &self,
        local: Option<&LocalSrtp>,
        role: Role,
    ) -> Result<Option<(u32, Srtp)>, SdpFault> {
        let plain = self.protocol == "RTP/AVP";
        let Some(local) = local else {
            return if plain { Ok(None) } else { Err(SdpFault::NoAudio) };
        };
        // An answer repeats the tag and the suite of what was offered (RFC 4568 §5.1.3).
        let is_offered = |theirs: &&Crypto| {
            let same = |ours: Crypto| (ours.tag, ours.suite) == (theirs.tag, theirs.suite);
            role == Role::Offer || local.offers().any(same)
        };
        let chosen = self.section.cryptos.iter().find(is_offered).and_then(|theirs| {
            let (suite, ours) = (theirs.suite, local.key(theirs.suite)?);
            Some((theirs.tag, Srtp { suite, ours, theirs: theirs.key }))
        });
        match chosen {
            None if !plain => Err(SdpFault::Crypto),
            None if local.required => Err(SdpFault::Plain),
            chosen => Ok(chosen),
        }
    }
}

impl<'a> Section<'a> {
    fn attribute(&mut self, value: &'a str) {
        match value {
            "inactive" => self.direction = Some(Direction::Inactive),
            "recvonly" => self.direction = Some(Direction::ReceiveOnly),
            "sendonly" => self.direction = Some(Direction::SendOnly),
            "sendrecv" => self.direction = Some(Direction::SendReceive),
            _ => match value.split_once(':') {
                Some(("rtpmap", value)) => self.formats.extend(rtpmap(value)),
                Some((name, value))
                    if name.eq_ignore_ascii_case("crypto") && self.cryptos.len() < CRYPTOS_MAX =>
                {
                    self.cryptos.extend(Crypto::read(value));
                }
                _ => {}
            },
        }
    }

    /// Static payload types mean what RFC 3551 says, whatever an rtpmap claims.
    fn format(&self, payload_type: u8) -> Option<Format> {
        match payload_type {
            0 => Some(Format::Audio(Codec::PCMU)),
            8 => Some(Format::Audio(Codec::PCMA)),
            9 => Some(Format::Audio(Codec::G722)),
            96..=127 => self.formats.iter().find(|(known, _)| *known == payload_type).map(|c| c.1),
            _ => None,
        }
    }

    fn event_clock(&self, payload_type: u8) -> Option<u32> {
        match self.format(payload_type)? {
            Format::Audio(_) => None,
            Format::TelephoneEvent(clock) => Some(clock),
        }
    }
}

/// `101 telephone-event/8000`, when it is a dynamic payload type of ours.
fn rtpmap(value: &str) -> Option<(u8, Format)> {
    let (payload_type, encoding) = value.split_once(' ')?;
    let payload_type = payload_type.parse().ok().filter(|number| (96..=127).contains(number))?;
    let encoding = encoding.trim();
    // One channel may be written out.
    let encoding = encoding.strip_suffix("/1").unwrap_or(encoding);
    let (name, clock) = encoding.split_once('/')?;
    let format = match (name.to_ascii_lowercase().as_str(), clock) {
        ("telephone-event", "8000") => Format::TelephoneEvent(8_000),
        ("telephone-event", "48000") => Format::TelephoneEvent(48_000),
        ("opus", "48000/2") => Format::Audio(Codec::Opus),
        ("pcma" | "pcmu" | "g722", "8000") => Format::Audio(Codec::named(name)?),
        _ => return None,
    };
    Some((payload_type, format))
}

/// `IN IP4 192.0.2.1`: a literal address of the family that it names, of one host.
fn address(connection: &str) -> Option<IpAddr> {
    let mut words = connection.trim_end().split(' ');
    let (Some("IN"), Some(family), Some(address), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return None;
    };
    let address: IpAddr = match family {
        "IP4" => address.parse::<Ipv4Addr>().ok()?.into(),
        "IP6" => address.parse::<Ipv6Addr>().ok()?.into(),
        _ => return None,
    };
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    (!address.is_multicast() && !broadcast).then_some(address)
}
