//! A set of telephone numbers in pages, as it lies in a file: asked without being read.
//!
//! A number is an area (all but its last seven digits), a block of it (three digits) and a line
//! (the last four). Each block that has a number is a page: 10,000 bits, or its lines in order
//! where they are few. An area says with one bit a block which are there, and by counting bits
//! which page is whose, so that an empty block costs nothing.
//!
//! | part | entries | of |
//! |---|---|---|
//! | counts | 8 | u64: slots, areas, blocks, data bytes, prefixes, numbers, 0, 0 |
//! | prefixes | as counted | u64, ascending: digits with which a listed number begins |
//! | slots | a power of two | u64 area + 1 (0: none), a hash table with linear probing |
//! | places | as many | u32: which area of the next part |
//! | areas | as counted | 16 u64 of bits, 16 u16 of bits before each, u32 first page, u32 begin |
//! | offsets | blocks + 1 | u32: where a page begins in the data, in units of two bytes |
//! | data | as counted | pages |
//!
//! Where every page of an area is bits, `begin` is one more than where its first begins in the data:
//! then no offset is looked up. Otherwise it is 0.
//!
//! All little-endian. Whatever does not fit is found when the set is opened; a lookup that falls
//! outside all the same answers that the number is listed.

use bytes::Bytes;

/// Lines of a block.
pub(super) const LINES: u64 = 10_000;
/// Blocks of an area.
pub(super) const BLOCKS: u64 = 1_000;
/// Bytes of a block's bits.
pub(super) const BITS_BYTES: usize = 1_250;
/// A block of so many lines or more is bits: a search in fewer touches at most eight cache lines.
pub(super) const SPARSE_MAX: usize = 256;
/// Bytes of an area's entry.
pub(super) const AREA_BYTES: usize = 168;
/// Bytes of the counts.
pub(super) const COUNTS_BYTES: usize = 64;
/// Longest E.164 number, digits.
const DIGITS_MAX: u32 = 15;

/// A set of numbers in pages. Cheap to clone; empty by default.
#[derive(Clone, Default)]
pub struct Pages {
    bytes: Bytes,
    slots: usize,
    areas: usize,
    blocks: usize,
    prefixes: usize,
    numbers: u64,
    at: Places,
}

/// Where each part begins, in bytes.
#[derive(Clone, Copy, Default)]
struct Places {
    slots: usize,
    places: usize,
    areas: usize,
    offsets: usize,
    data: usize,
}

/// Bytes that are no set of numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the pages of the list do not fit together: {0}")]
pub struct PageFault(&'static str);

impl Pages {
    /// Opens a set, with every part of its directory checked.
    ///
    /// # Errors
    /// [`PageFault`] when the parts do not fit together.
    pub fn open(bytes: Bytes) -> Result<Self, PageFault> {
        let count = |place: usize| {
            let word = word(&bytes, place * 8).ok_or(PageFault("no counts"))?;
            usize::try_from(word)
                .ok()
                .filter(|count| *count <= bytes.len().max(64))
                .ok_or(PageFault("a count is larger than the file"))
        };
        let (slots, areas, blocks) = (count(0)?, count(1)?, count(2)?);
        let (data, prefixes) = (count(3)?, count(4)?);
        let numbers = word(&bytes, 40).ok_or(PageFault("no counts"))?;
        if !(slots == 0 && areas == 0 || slots.is_power_of_two() && areas < slots) {
            return Err(PageFault("a hash table without room"));
        }
        let at_slots = COUNTS_BYTES + prefixes * 8;
        let at_places = at_slots + slots * 8;
        let at_areas = at_places + slots * 4;
        let at_offsets = at_areas + areas * AREA_BYTES;
        let at_data = at_offsets + (blocks + 1) * 4;
        if at_data + data != bytes.len() {
            return Err(PageFault("its length is not the sum of its parts"));
        }
        let at = Places {
            slots: at_slots,
            places: at_places,
            areas: at_areas,
            offsets: at_offsets,
            data: at_data,
        };
        let pages = Self { bytes, slots, areas, blocks, prefixes, numbers, at };
        pages.check(data)?;
        Ok(pages)
    }

    fn check(&self, data: usize) -> Result<(), PageFault> {
        let mut blocks = 0;
        for area in 0..self.areas {
            let entry = self.at.areas + area * AREA_BYTES;
            if u32_at(&self.bytes, entry + 160) != Some(blocks as u32) {
                return Err(PageFault("an area's first page"));
            }
            self.check_begin(entry).ok_or(PageFault("where an area's pages begin"))?;
            let mut before = 0;
            for place in 0..16 {
                let bits = word(&self.bytes, entry + place * 8).unwrap_or_default();
                if u16_at(&self.bytes, entry + 128 + place * 2) != Some(before) {
                    return Err(PageFault("an area's count of bits"));
                }
                before += bits.count_ones() as u16;
            }
            blocks += usize::from(before);
        }
        if blocks != self.blocks {
            return Err(PageFault("the count of pages"));
        }
        let mut last = 0;
        for block in 0..=self.blocks {
            let offset = u32_at(&self.bytes, self.at.offsets + block * 4).unwrap_or_default();
            let length = (offset as usize).checked_sub(last).ok_or(PageFault("a page's place"))?;
            if length * 2 > BITS_BYTES || (block == 0) != (length == 0) {
                return Err(PageFault("a page's length"));
            }
            last = offset as usize;
        }
        let mut taken = 0;
        for slot in 0..self.slots {
            let is_taken = word(&self.bytes, self.at.slots + slot * 8) != Some(0);
            taken += usize::from(is_taken);
            let place = u32_at(&self.bytes, self.at.places + slot * 4).unwrap_or_default();
            if is_taken && place as usize >= self.areas {
                return Err(PageFault("an area's place"));
            }
        }
        if last * 2 != data || taken != self.areas {
            return Err(PageFault("the data's length"));
        }
        Ok(())
    }

    /// Whether an area's pages lie where it says that they begin, one after the other.
    fn check_begin(&self, entry: usize) -> Option<()> {
        let Some(begin) = u32_at(&self.bytes, entry + 164)?.checked_sub(1) else { return Some(()) };
        let bits = (0..16).map(|place| word(&self.bytes, entry + place * 8));
        let pages: u32 = bits.map(|bits| bits.map_or(0, u64::count_ones)).sum();
        let first = u32_at(&self.bytes, entry + 160)?;
        (0..=pages).try_for_each(|nth| {
            let offset = self.at.offsets + (first as usize + nth as usize) * 4;
            let lies_at = begin.checked_add(nth * (BITS_BYTES as u32 / 2))?;
            (u32_at(&self.bytes, offset)? == lies_at).then_some(())
        })
    }

    /// Single numbers in it.
    pub fn numbers(&self) -> u64 {
        self.numbers
    }

    /// Ranges in it.
    pub fn prefixes(&self) -> u64 {
        self.prefixes as u64
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the number is in it, by itself or in a range. `digits` as in
    /// [`PhoneNumber::digits`](crate::domain::PhoneNumber::digits).
    pub fn hold(&self, digits: u64) -> bool {
        self.find(digits).unwrap_or(true) || (self.prefixes > 0 && self.covers(digits))
    }

    /// Shows every single number, by its digits, each area's in order.
    pub fn each_number(&self, mut show: impl FnMut(u64)) {
        for slot in 0..self.slots {
            let Some(area) = word(&self.bytes, self.at.slots + slot * 8) else { return };
            let place = u32_at(&self.bytes, self.at.places + slot * 4);
            if let (Some(area), Some(place)) = (area.checked_sub(1), place) {
                let _ = self.each_of_area(area, place as usize, &mut show);
            }
        }
    }

    /// `None` when the file is not what was opened.
    fn each_of_area(&self, area: u64, place: usize, show: &mut impl FnMut(u64)) -> Option<()> {
        let entry = self.at.areas + place * AREA_BYTES;
        let mut page = u32_at(&self.bytes, entry + 160)? as usize;
        for block in 0..BLOCKS {
            let bits = word(&self.bytes, entry + block as usize / 64 * 8)?;
            if bits >> (block % 64) & 1 == 0 {
                continue;
            }
            let first = (area * BLOCKS + block) * LINES;
            let from = u32_at(&self.bytes, self.at.offsets + page * 4)? as usize * 2;
            let to = u32_at(&self.bytes, self.at.offsets + page * 4 + 4)? as usize * 2;
            let bytes = self.bytes.get(self.at.data + from..self.at.data + to)?;
            page += 1;
            if bytes.len() == BITS_BYTES {
                let lines =
                    (0..LINES).filter(|line| bytes[*line as usize / 8] >> (line % 8) & 1 == 1);
                lines.for_each(|line| show(first + line));
            } else {
                let lines = bytes.chunks_exact(2);
                lines.for_each(|line| {
                    show(first + u64::from(u16::from_le_bytes([line[0], line[1]])))
                });
            }
        }
        Some(())
    }

    /// The ranges in it, each by the digits that its numbers begin with.
    pub fn each_prefix(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.prefixes).filter_map(|place| word(&self.bytes, COUNTS_BYTES + place * 8))
    }

    /// `None` when the file is not what was opened.
    fn find(&self, digits: u64) -> Option<bool> {
        let (block, line) = (digits / LINES, (digits % LINES) as usize);
        let (area, block) = (block / BLOCKS, (block % BLOCKS) as usize);
        let Some(place) = self.area(area)? else { return Some(false) };
        let entry = self.at.areas + place * AREA_BYTES;
        let bits = word(&self.bytes, entry + block / 64 * 8)?;
        let bit = 1_u64 << (block % 64);
        if bits & bit == 0 {
            return Some(false);
        }
        let before = u16_at(&self.bytes, entry + 128 + block / 64 * 2)?;
        let nth = usize::from(before) + (bits & (bit - 1)).count_ones() as usize;
        if let Some(begin) = u32_at(&self.bytes, entry + 164)?.checked_sub(1) {
            let at = self.at.data + begin as usize * 2 + nth * BITS_BYTES;
            return Some(self.bytes.get(at + line / 8)? >> (line % 8) & 1 == 1);
        }
        let page = u32_at(&self.bytes, entry + 160)? as usize + nth;
        let from = u32_at(&self.bytes, self.at.offsets + page * 4)? as usize * 2;
        let to = u32_at(&self.bytes, self.at.offsets + page * 4 + 4)? as usize * 2;
        let at = self.at.data + from;
        if to.checked_sub(from)? == BITS_BYTES {
            return Some(self.bytes.get(at + line / 8)? >> (line % 8) & 1 == 1);
        }
        self.search(at, (to - from) / 2, line as u16)
    }

    /// Which area's entry it is; `Some(None)` when there is none.
    fn area(&self, area: u64) -> Option<Option<usize>> {
        if self.slots == 0 {
            return Some(None);
        }
        let mut slot = home(area, self.slots);
        loop {
            match word(&self.bytes, self.at.slots + slot * 8)? {
                0 => return Some(None),
                found if found == area + 1 => {
                    return u32_at(&self.bytes, self.at.places + slot * 4)
                        .map(|place| Some(place as usize));
                }
                _ => slot = (slot + 1) & (self.slots - 1),
            }
        }
    }

    fn search(&self, at: usize, lines: usize, line: u16) -> Option<bool> {
        let (mut low, mut high) = (0, lines);
        while low < high {
            let middle = (low + high) / 2;
            match u16_at(&self.bytes, at + middle * 2)?.cmp(&line) {
                std::cmp::Ordering::Equal => return Some(true),
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Less => low = middle + 1,
            }
        }
        Some(false)
    }

    fn covers(&self, digits: u64) -> bool {
        let begins = std::iter::successors(Some(digits), |digits| Some(digits / 10));
        let mut begins = begins.take(DIGITS_MAX as usize).take_while(|begin| *begin > 0);
        begins.any(|begin| self.has_prefix(begin))
    }

    fn has_prefix(&self, prefix: u64) -> bool {
        let (mut low, mut high) = (0, self.prefixes);
        while low < high {
            let middle = (low + high) / 2;
            // What cannot be read is listed.
            let Some(found) = word(&self.bytes, COUNTS_BYTES + middle * 8) else { return true };
            match found.cmp(&prefix) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Less => low = middle + 1,
            }
        }
        false
    }
}

/// Where an area is looked for first (Fibonacci hashing).
pub(super) fn home(area: u64, slots: usize) -> usize {
    let hash = area.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 32) as usize & (slots - 1)
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let found = bytes.get(at..at + 8)?;
    found.try_into().ok().map(u64::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let found = bytes.get(at..at + 4)?;
    found.try_into().ok().map(u32::from_le_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let found = bytes.get(at..at + 2)?;
    found.try_into().ok().map(u16::from_le_bytes)
}
