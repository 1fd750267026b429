//! Messages out of a stream of bytes: each is as long as its Content-Length says (RFC 3261 §18.3),
//! and between them there may be keep-alives (RFC 5626 §3.5.1).

use bytes::{Buf, Bytes, BytesMut};

/// The longest head, and the longest body: what is longer ends the connection.
const HEAD_MAX: usize = 65_535;
const BODY_MAX: usize = 65_535;

/// What the stream brings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Frame {
    /// A message, whole.
    Message(Bytes),
    /// CRLF CRLF: the far end asks whether we are there.
    Ping,
}

/// The stream cannot be read any further: where a message ends is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum FrameFault {
    #[error("a head without a Content-Length, or with one that is no number")]
    NoLength,
    #[error("a message that is too long")]
    TooLong,
}

/// Takes the next frame off the front of what has come; `None` until more comes.
pub(super) fn next(stream: &mut BytesMut) -> Result<Option<Frame>, FrameFault> {
    loop {
        if stream.starts_with(b"\r\n\r\n") {
            stream.advance(4);
            return Ok(Some(Frame::Ping));
        }
        // A pong is one line end (RFC 5626 §3.5.1), and so is what precedes a message (§7.5).
        match stream.first() {
            Some(b'\n') => stream.advance(1),
            Some(b'\r') if stream.len() == 1 || stream.as_ref() == b"\r\n" => return Ok(None),
            Some(b'\r') if stream[1] != b'\n' => stream.advance(1),
            Some(b'\r') if stream.as_ref() == b"\r\n\r" => return Ok(None),
            Some(b'\r') => stream.advance(2),
            Some(_) => break,
            None => return Ok(None),
        }
    }
    let Some(head) = stream.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return if stream.len() > HEAD_MAX { Err(FrameFault::TooLong) } else { Ok(None) };
    };
    if head > HEAD_MAX {
        return Err(FrameFault::TooLong);
    }
    let body = content_length(&stream[..head + 2]).ok_or(FrameFault::NoLength)?;
    if body > BODY_MAX {
        return Err(FrameFault::TooLong);
    }
    let length = head + 4 + body;
    Ok((stream.len() >= length).then(|| Frame::Message(stream.split_to(length).freeze())))
}

/// The Content-Length of a head, in its long or its compact form.
fn content_length(head: &[u8]) -> Option<usize> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = line[..colon].trim_ascii();
        let is_length =
            name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l");
        let value = std::str::from_utf8(&line[colon + 1..]).ok().filter(|_| is_length)?;
        Some(value.trim())
            .filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse()
            .ok()
    })
}

/// The port of the sender, where the first Via offers its connection for what goes there (RFC 5923 §8);
/// none where it does not.
pub fn alias(message: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(message).ok()?;
    let head = text.split("\r\n\r\n").next()?;
    let via = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim();
        (name.eq_ignore_ascii_case("via") || name.eq_ignore_ascii_case("v")).then_some(value)
    })?;
    let mut parts = via.split(',').next()?.split(';').map(str::trim);
    let sent_by = parts.next()?.rsplit(' ').next()?;
    if !parts.any(|parameter| parameter.eq_ignore_ascii_case("alias")) {
        return None;
    }
    let host_ends = sent_by.rfind(']').unwrap_or(0);
    match sent_by[host_ends..].split_once(':') {
        None => Some(5060),
        Some((_, port)) => port.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(pieces: &[&[u8]]) -> Vec<Frame> {
        let (mut stream, mut found) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            stream.extend_from_slice(piece);
            while let Some(frame) = next(&mut stream).unwrap() {
                found.push(frame);
            }
        }
        found
    }

    #[test]
    fn messages_are_cut_where_their_length_says_however_they_come() {
        let two = b"A b\r\nContent-Length: 3\r\n\r\nxyzA c\r\nl:0\r\n\r\n";
        let [first, second] = [&two[..29], &two[29..]].map(Bytes::copy_from_slice);
        let wanted = [Frame::Message(first), Frame::Message(second)];
        assert_eq!(frames(&[two]), wanted);
        let bytes: Vec<&[u8]> = two.chunks(1).collect();
        assert_eq!(frames(&bytes), wanted);
    }

    #[test]
    fn a_keep_alive_is_no_message() {
        let stream: &[&[u8]] = &[b"\r\n", b"\r\n", b"A b\r\nl: 0\r\n\r\n\r\n\r\n"];
        let found = frames(stream);
        assert_eq!((found.len(), &found[0], &found[2]), (3, &Frame::Ping, &Frame::Ping));
        assert_eq!(frames(&[b"\r\nA b\r\nl: 0\r\n\r\n"]).len(), 1, "a pong before a message");
    }

    #[test]
    fn what_has_no_end_ends_the_connection() {
        let fault = |text: &[u8]| next(&mut BytesMut::from(text)).unwrap_err();
        assert_eq!(fault(b"A b\r\nTo: x\r\n\r\n"), FrameFault::NoLength);
        assert_eq!(fault(b"A b\r\nl: -1\r\n\r\n"), FrameFault::NoLength);
        assert_eq!(fault(b"A b\r\nl: 99999999\r\n\r\n"), FrameFault::TooLong);
        assert_eq!(fault(&[b'x'; 70_000]), FrameFault::TooLong);
    }

    #[test]
    fn a_connection_is_offered_by_the_first_via_alone() {
        let with = |via: &str| alias(format!("INVITE sip:a@b SIP/2.0\r\n{via}\r\n\r\n").as_bytes());
        assert_eq!(with("Via: SIP/2.0/TCP 192.0.2.1:5070;branch=z9hG4bK1;alias"), Some(5070));
        assert_eq!(with("v: SIP/2.0/TCP sip.example ; ALIAS"), Some(5060));
        assert_eq!(with("Via: SIP/2.0/TCP [2001:db8::1]:5062;alias"), Some(5062));
        assert_eq!(with("Via: SIP/2.0/TCP a;branch=alias, SIP/2.0/TCP b;alias"), None);
        assert_eq!(with("Via: SIP/2.0/TCP a:99999;alias"), None);
        assert_eq!(alias(b"\xff\r\n"), None);
    }
}
