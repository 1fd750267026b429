//! From a datagram to lines: where the head ends, folded lines joined, bytes that are no UTF-8
//! replaced. Nothing is allocated for a message that needs neither.

use std::borrow::Cow;

/// The head as text, and whatever follows its blank line.
#[derive(Debug, Eq, PartialEq)]
pub struct Head<'a> {
    /// Start line and headers, each line ended by LF or CRLF, none of them folded.
    pub text: Cow<'a, str>,
    /// The rest of the datagram.
    pub rest: &'a [u8],
}

impl<'a> Head<'a> {
    /// Finds the head. `None` for what has none: a keep-alive (RFC 5626 §4.4.1), a STUN request,
    /// noise, a head that is cut off, one that starts with a blank (RFC 4475 §3.1.2.9).
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        // Line ends before the start line are to be ignored (RFC 3261 §7.5).
        let start = datagram.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
        let datagram = &datagram[start..];
        if !datagram[0].is_ascii_graphic() {
            return None;
        }
        let (end, rest) = blank_line(datagram)?;
        let text = match String::from_utf8_lossy(&datagram[..end]) {
            Cow::Borrowed(text) if !is_folded(text) => Cow::Borrowed(text),
            text => Cow::Owned(unfold(&text)),
        };
        Some(Self { text, rest: &datagram[rest..] })
    }
}

/// The end of the last header line, and the start of what follows the blank line.
fn blank_line(datagram: &[u8]) -> Option<(usize, usize)> {
    let mut searched = 0;
    loop {
        let newline = searched + datagram[searched..].iter().position(|byte| *byte == b'\n')?;
        match &datagram[newline + 1..] {
            [b'\n', ..] => return Some((newline + 1, newline + 2)),
            [b'\r', b'\n', ..] => return Some((newline + 1, newline + 3)),
            _ => searched = newline + 1,
        }
    }
}

fn is_folded(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| matches!(pair, [b'\n', b' ' | b'\t']))
}

/// Joins folded lines by one blank (RFC 3261 §7.3.1).
fn unfold(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.starts_with([' ', '\t']) {
            let end = joined.trim_end().len();
            joined.truncate(end);
            joined.push(' ');
            joined.push_str(line.trim_start_matches([' ', '\t']));
        } else {
            joined.push_str(line);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_head_is_borrowed_and_a_folded_one_joined() {
        let plain = Head::read(b"\r\nA b\r\nc: d\r\n\r\nbody").unwrap();
        assert!(matches!(plain.text, Cow::Borrowed("A b\r\nc: d\r\n")));
        assert_eq!(plain.rest, b"body");
        let folded = Head::read(b"A b\nc:\r\n \t d\n\nx").unwrap();
        assert_eq!((folded.text.as_ref(), folded.rest), ("A b\nc: d\n", b"x".as_slice()));
    }

    #[test]
    fn what_is_no_message_has_no_head() {
        for bytes in [b"".as_slice(), b"\r\n\r\n", b"\x00\x01\x00\x00", b" A b\r\n\r\n", b"A b\r\n"]
        {
            assert_eq!(Head::read(bytes), None);
        }
    }
}
