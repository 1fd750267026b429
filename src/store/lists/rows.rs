//! One row of a list's text: a number, a range, or what is wrong with it.
//!
//! Registries come as one national number a line, or as area code and number with a comma between.
//! Such rows are read by their digits alone. What a row of another shape means is asked of
//! libphonenumber once for each shape (its length and its first five characters) and remembered:
//! where one such number exists, its neighbours are taken for numbers too. A list that names a few
//! numbers which nobody has does no harm.

use std::collections::BTreeMap;

use crate::domain::{Country, PhoneNumber};

/// Countries and territories under +1 (North American Numbering Plan).
const NANP: [&str; 25] = [
    "AG", "AI", "AS", "BB", "BM", "BS", "CA", "DM", "DO", "GD", "GU", "JM", "KN", "KY", "LC", "MP",
    "MS", "PR", "SX", "TC", "TT", "US", "VC", "VG", "VI",
];

/// What a row says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Row {
    /// Nothing.
    Blank,
    /// A number, by its digits.
    Number(u64),
    /// Every number that begins so.
    Prefix(u64),
}

/// Reads rows.
pub(super) struct Rows {
    country: Country,
    nanp: bool,
    /// Which column has the number, from 0; `None` when there is only one.
    column: Option<usize>,
    shapes: BTreeMap<Shape, Written>,
    last: Option<(Shape, Written)>,
}

/// Length, and the first characters.
type Shape = (usize, [u8; 5]);

/// How numbers of one shape are written: without so many digits, after these.
#[derive(Clone, Copy, Debug)]
struct Written {
    without: usize,
    after: u64,
}

impl Rows {
    pub fn new(country: Country, column: Option<usize>) -> Self {
        let nanp = NANP.contains(&country.as_str());
        Self { country, nanp, column, shapes: BTreeMap::new(), last: None }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, line: &[u8]) -> Result<Row, String> {
        let text = match self.column {
            None => trimmed(line),
            Some(column) => {
                let cells = line.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'|'));
                trimmed(cells.into_iter().nth(column).ok_or("it has too few columns")?)
            }
        };
        if text.is_empty() {
            return Ok(Row::Blank);
        }
        if self.nanp
            && let Some(digits) = north_american(text)
        {
            return Ok(Row::Number(digits));
        }
        self.read_other(text)
    }

    /// The number of a plain row at the beginning of these bytes and the row's length with its
    /// end, where it is written as North American registries write theirs; `None` of any other row,
    /// which [`read`](Self::read) reads.
    pub fn plain(&self, bytes: &[u8]) -> Option<(u64, usize)> {
        if !self.nanp || self.column.is_some() {
            return None;
        }
        let (area, rest) = bytes.split_first_chunk::<3>()?;
        let comma = usize::from(rest.first() == Some(&b','));
        let (seven, rest) = rest.get(comma..)?.split_first_chunk::<7>()?;
        let end = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        Some((ten_digits(*area, *seven)?, 10 + comma + end))
    }

    fn read_other(&mut self, text: &[u8]) -> Result<Row, String> {
        if let [range @ .., b'*'] = text {
            return self.range(range);
        }
        let plain = text.iter().all(u8::is_ascii_digit);
        if !plain {
            return self.ask(text).map(|number| Row::Number(number.digits()));
        }
        if self.nanp && text.len() == 3 {
            return self.range(text);
        }
        let shape = (text.len(), std::array::from_fn(|at| text.get(at).copied().unwrap_or(0)));
        let known = match self.last {
            Some((last, written)) if last == shape => Some(written),
            _ => self.shapes.get(&shape).copied(),
        };
        if let Some(written) = known {
            self.last = Some((shape, written));
            return Ok(Row::Number(written.digits(text)));
        }
        let number = self.ask(text)?;
        if let Some(written) = Written::of(text, number.digits()) {
            self.shapes.insert(shape, written);
        }
        Ok(Row::Number(number.digits()))
    }

    fn ask(&self, text: &[u8]) -> Result<PhoneNumber, String> {
        let text = std::str::from_utf8(text).map_err(|_| "it is no text in UTF-8".to_owned())?;
        if text.contains([';', '\t', '|']) || text.matches(',').count() > 0 {
            return Err("it has several columns: say which with --column".to_owned());
        }
        PhoneNumber::parse(text, self.country).map_err(|error| error.to_string())
    }

    /// `+1900*`; an area code, with or without its exchange, in North America.
    fn range(&self, text: &[u8]) -> Result<Row, String> {
        let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
        let odd = text.iter().find(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b' '));
        let value = digits_of(&digits);
        match (text.first(), odd) {
            (Some(b'+'), None) if (1..=14).contains(&digits.len()) && digits[0] != b'0' => {
                Ok(Row::Prefix(value))
            }
            (Some(_), None) if self.nanp && matches!(digits.len(), 3 | 6) && digits[0] > b'1' => {
                Ok(Row::Prefix(10_u64.pow(digits.len() as u32) + value))
            }
            _ => Err("a range is + and digits and *, or an area code of North America".to_owned()),
        }
    }
}

impl Written {
    /// How the text became the number; `None` when by more than dropping what is before it.
    fn of(text: &[u8], digits: u64) -> Option<Self> {
        let number = digits.to_string();
        (0..text.len().min(4)).find_map(|without| {
            let rest = number.strip_suffix(std::str::from_utf8(&text[without..]).ok()?)?;
            let after = if rest.is_empty() { 0 } else { rest.parse().ok()? };
            Some(Self { without, after })
        })
    }

    fn digits(self, text: &[u8]) -> u64 {
        let rest = &text[self.without..];
        self.after * 10_u64.pow(rest.len() as u32) + digits_of(rest)
    }
}

/// Area code and the rest, where they are none that cannot be.
fn ten_digits(area: [u8; 3], rest: [u8; 7]) -> Option<u64> {
    let [a, b, c] = area.map(|byte| byte.wrapping_sub(b'0'));
    let possible = (2..10).contains(&a) && b < 10 && c < 10 && rest[0] >= b'2';
    let area = 1_000 + 100 * u64::from(a) + 10 * u64::from(b) + u64::from(c);
    Some(area * 10_000_000 + seven_digits(rest)?).filter(|_| possible)
}

/// Seven digits at once: pairs, fours, then all (Lemire, "Number parsing at a gigabyte per
/// second", 2021).
fn seven_digits(text: [u8; 7]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    const HIGH: u64 = u64::from_le_bytes([0xf0; 8]);
    const SIX: u64 = u64::from_le_bytes([6; 8]);
    let [a, b, c, d, e, f, g] = text;
    let word = u64::from_le_bytes([b'0', a, b, c, d, e, f, g]);
    // A byte is a digit when its high half is 3, and is so still with 6 added.
    if (word & HIGH) | ((word.wrapping_add(SIX) & HIGH) >> 4) != ZEROS | (ZEROS >> 4) {
        return None;
    }
    let digits = word - ZEROS;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// `2015550123` or `201,5550123`, where area and exchange are none that cannot be.
fn north_american(text: &[u8]) -> Option<u64> {
    let (area, rest) = match text.len() {
        10 => text.split_at(3),
        11 if text[3] == b',' => (&text[..3], &text[4..]),
        11 if text[0] == b'1' => (&text[1..4], &text[4..]),
        12 if text[0] == b'+' && text[1] == b'1' => (&text[2..5], &text[5..]),
        _ => return None,
    };
    if area[0] < b'2' || rest[0] < b'2' {
        return None;
    }
    let mut digits = 1;
    for byte in area.iter().chain(rest) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        digits = digits * 10 + u64::from(digit);
    }
    Some(digits)
}

fn digits_of(text: &[u8]) -> u64 {
    text.iter().fold(0, |value, byte| value * 10 + u64::from(byte & 15))
}

/// Without quotes and blanks around, and a byte order mark before.
fn trimmed(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    match text {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => text,
    }
}
