//! Bytes of a file to text: UTF-8 with or without a byte order mark, UTF-16 with one. Bytes that
//! are no UTF-8 are read as Windows-1252, cell by cell, as spreadsheets of western Europe write.

use std::borrow::Cow;
use std::io::{self, Read};

/// Windows-1252 from 0x80 to 0x9f; the five bytes that it leaves open are the controls of Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// A cell as text.
pub(super) fn cell(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// A file without its byte order mark; UTF-16 becomes UTF-8 on the way.
pub(super) struct Text<R> {
    inner: R,
    encoding: Encoding,
    /// Bytes of the file that are not read as text yet.
    raw: Vec<u8>,
    /// Text that is not handed out yet, from `handed` on.
    ready: Vec<u8>,
    handed: usize,
    bytes: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encoding {
    /// UTF-8 or Windows-1252.
    Bytes,
    Utf16Big,
    Utf16Little,
}

impl<R: Read> Text<R> {
    /// Looks at the byte order mark.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let mut mark = [0; 3];
        let length = read_full(&mut inner, &mut mark)?;
        let (encoding, skipped) = match mark[..length] {
            [0xef, 0xbb, 0xbf] => (Encoding::Bytes, 3),
            [0xfe, 0xff, ..] => (Encoding::Utf16Big, 2),
            [0xff, 0xfe, ..] => (Encoding::Utf16Little, 2),
            _ => (Encoding::Bytes, 0),
        };
        let rest = mark[skipped..length].to_vec();
        let (raw, ready) =
            if encoding == Encoding::Bytes { (Vec::new(), rest) } else { (rest, Vec::new()) };
        Ok(Self { inner, encoding, raw, ready, handed: 0, bytes: length as u64 })
    }

    /// Bytes of the file that have been read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads on and makes text of it. False at the end of the file.
    fn refill(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 16_384];
        let length = self.inner.read(&mut chunk)?;
        self.bytes += length as u64;
        self.ready.clear();
        self.handed = 0;
        self.raw.extend_from_slice(&chunk[..length]);
        if length == 0 && self.raw.is_empty() {
            return Ok(false);
        }
        let whole = if length == 0 { self.raw.len() } else { self.whole_characters() };
        for character in char::decode_utf16(units(&self.raw[..whole], self.encoding)) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.raw.drain(..whole);
        Ok(true)
    }

    /// How much of `raw` ends between two characters.
    fn whole_characters(&self) -> usize {
        let even = self.raw.len() & !1;
        let last = units(&self.raw[..even], self.encoding).last();
        if last.is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) { even - 2 } else { even }
    }
}

/// The code units; half a unit at the very end of a file is dropped.
fn units(raw: &[u8], encoding: Encoding) -> impl Iterator<Item = u16> + '_ {
    raw.chunks_exact(2).map(move |pair| match encoding {
        Encoding::Utf16Big => u16::from_be_bytes([pair[0], pair[1]]),
        Encoding::Bytes | Encoding::Utf16Little => u16::from_le_bytes([pair[0], pair[1]]),
    })
}

fn read_full(inner: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match inner.read(&mut buffer[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.handed == self.ready.len() {
            if self.encoding == Encoding::Bytes {
                let length = self.inner.read(buffer)?;
                self.bytes += length as u64;
                return Ok(length);
            }
            if !self.refill()? {
                return Ok(0);
            }
        }
        let length = buffer.len().min(self.ready.len() - self.handed);
        buffer[..length].copy_from_slice(&self.ready[self.handed..self.handed + length]);
        self.handed += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, so that every boundary is met.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.0.len().min(1).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn read(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        Text::new(Trickle(bytes)).unwrap().read_to_end(&mut text).unwrap();
        cell(&text).into_owned()
    }

    #[test]
    fn every_encoding_becomes_the_same_text() {
        let text = "téléphone,naïve €,𐐷";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(text.as_bytes()), text);
        assert_eq!(read(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        assert_eq!(read(&[b"\xff\xfe", &little[..]].concat()), text);
        assert_eq!(read(&[b"\xfe\xff", &big[..]].concat()), text);
        assert_eq!(read(b"Ren\xe9e \x80 5"), "Renée € 5");
    }

    #[test]
    fn broken_utf16_does_no_harm() {
        assert_eq!(read(b"\xff\xfea\0\x00\xd8b\0\x01"), "a\u{fffd}b");
        assert_eq!(read(b"\xff\xfe\x00\xd8"), "\u{fffd}");
        assert_eq!(read(b"\xff"), "ÿ");
        assert_eq!(read(b""), "");
    }
}
