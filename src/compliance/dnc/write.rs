//! Pages in the making: numbers in any order, then the bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::pages::{AREA_BYTES, BITS_BYTES, BLOCKS, COUNTS_BYTES, LINES, SPARSE_MAX, home};

/// No entry yet; an entry is one more than its place.
const NONE: u32 = 0;
const WORDS: usize = 157;

type Table = Box<[u32; BLOCKS as usize]>;
type Bits = Box<[u64; WORDS]>;

/// Takes numbers and writes them as [`Pages`](super::Pages).
#[derive(Default)]
pub struct PageWriter {
    /// By all but the last ten digits: which table of areas.
    tops: BTreeMap<u64, u32>,
    areas: Vec<Table>,
    blocks: Vec<Table>,
    bits: Vec<Bits>,
    prefixes: BTreeSet<u64>,
    /// The last of `tops`: lists are of one country, mostly.
    last: Option<(u64, u32)>,
}

/// What a page will be.
struct Page<'a> {
    bits: &'a Bits,
    lines: usize,
}

/// An area with the places of its blocks.
struct Area<'a> {
    area: u64,
    blocks: &'a Table,
}

impl PageWriter {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number. True when it was not there before.
    pub fn add(&mut self, digits: u64) -> bool {
        let line = (digits % LINES) as usize;
        let bits = &mut self.bits_of(digits / LINES)[line / 64];
        let bit = 1 << (line % 64);
        let new = *bits & bit == 0;
        *bits |= bit;
        new
    }

    /// Adds every number that begins with these digits.
    pub fn add_prefix(&mut self, digits: u64) {
        self.prefixes.insert(digits);
    }

    /// Takes a number out. True when it was there by itself; a range that has it stays.
    pub fn remove(&mut self, digits: u64) -> bool {
        self.take_out(digits).unwrap_or(false)
    }

    /// `None` when nothing of its block is there.
    fn take_out(&mut self, digits: u64) -> Option<bool> {
        let (block, line) = (digits / LINES, (digits % LINES) as usize);
        let (top, rest) = (block / (BLOCKS * BLOCKS), block % (BLOCKS * BLOCKS));
        let areas = &self.areas[*self.tops.get(&top)? as usize];
        let area = areas[(rest / BLOCKS) as usize].checked_sub(1)?;
        let entry = &mut self.blocks[area as usize][(rest % BLOCKS) as usize];
        let bits = &mut self.bits[entry.checked_sub(1)? as usize];
        let (word, bit) = (&mut bits[line / 64], 1 << (line % 64));
        let there = *word & bit != 0;
        *word &= !bit;
        if bits.iter().all(|word| *word == 0) {
            // A page has a number at least.
            *entry = NONE;
        }
        Some(there)
    }

    /// Takes a range out. True when it was there.
    pub fn remove_prefix(&mut self, digits: u64) -> bool {
        self.prefixes.remove(&digits)
    }

    /// Ranges in it.
    pub fn prefixes(&self) -> u64 {
        self.prefixes.len() as u64
    }

    /// Bytes that it holds in memory, about.
    pub fn memory(&self) -> usize {
        self.bits.len() * (8 * WORDS + 16) + (self.areas.len() + self.blocks.len()) * 4_000
    }

    fn bits_of(&mut self, block: u64) -> &mut Bits {
        let (top, rest) = (block / (BLOCKS * BLOCKS), block % (BLOCKS * BLOCKS));
        let top = match self.last {
            Some((last, place)) if last == top => place,
            _ => {
                let place = *self.tops.entry(top).or_insert_with(|| table(&mut self.areas));
                self.last = Some((top, place));
                place
            }
        };
        let area = &mut self.areas[top as usize][(rest / BLOCKS) as usize];
        if *area == NONE {
            *area = table(&mut self.blocks) + 1;
        }
        let block = &mut self.blocks[*area as usize - 1][(rest % BLOCKS) as usize];
        if *block == NONE {
            self.bits.push(Box::new([0; WORDS]));
            *block = self.bits.len() as u32;
        }
        &mut self.bits[*block as usize - 1]
    }

    /// Writes the pages; how many single numbers they have.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, out: &mut impl Write) -> io::Result<u64> {
        let (areas, pages) = (self.areas(), self.pages());
        let numbers: u64 = pages.iter().map(|page| page.lines as u64).sum();
        let slots = if areas.is_empty() { 0 } else { (areas.len() * 2).next_power_of_two() };
        let data: usize = pages.iter().map(Page::bytes).sum();
        let counts = [slots, areas.len(), pages.len(), data, self.prefixes.len()];
        for count in counts.iter().map(|count| *count as u64).chain([numbers, 0, 0]) {
            out.write_all(&count.to_le_bytes())?;
        }
        debug_assert_eq!(COUNTS_BYTES, 64);
        for prefix in &self.prefixes {
            out.write_all(&prefix.to_le_bytes())?;
        }
        write_slots(out, &areas, slots)?;
        write_areas(out, &areas, &pages)?;
        let mut offset = 0_u32;
        out.write_all(&offset.to_le_bytes())?;
        for page in &pages {
            offset += (page.bytes() / 2) as u32;
            out.write_all(&offset.to_le_bytes())?;
        }
        for page in &pages {
            page.write(out)?;
        }
        Ok(numbers)
    }

    /// In the order of the numbers.
    fn areas(&self) -> Vec<Area<'_>> {
        let mut areas = Vec::with_capacity(self.blocks.len());
        for (top, place) in &self.tops {
            for (index, blocks) in entries(&self.areas[*place as usize]) {
                areas.push(Area { area: top * BLOCKS + index, blocks: &self.blocks[blocks] });
            }
        }
        areas
    }

    fn pages(&self) -> Vec<Page<'_>> {
        let places = self.areas();
        let places = places.iter().flat_map(|area| entries(area.blocks));
        places.map(|(_, place)| Page::of(&self.bits[place])).collect()
    }
}

impl<'a> Page<'a> {
    fn of(bits: &'a Bits) -> Self {
        Self { bits, lines: bits.iter().map(|word| word.count_ones() as usize).sum() }
    }

    fn is_sparse(&self) -> bool {
        self.lines < SPARSE_MAX
    }

    fn bytes(&self) -> usize {
        if self.is_sparse() { self.lines * 2 } else { BITS_BYTES }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.is_sparse() {
            let mut bytes = [0; WORDS * 8];
            for (place, word) in bytes.chunks_exact_mut(8).zip(self.bits.iter()) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            return out.write_all(&bytes[..BITS_BYTES]);
        }
        for (place, word) in self.bits.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let line = place * 64 + left.trailing_zeros() as usize;
                out.write_all(&(line as u16).to_le_bytes())?;
                left &= left - 1;
            }
        }
        Ok(())
    }
}

fn table(tables: &mut Vec<Table>) -> u32 {
    tables.push(Box::new([NONE; BLOCKS as usize]));
    tables.len() as u32 - 1
}

/// The entries of a table: index, and place of what it names.
fn entries(table: &Table) -> impl Iterator<Item = (u64, usize)> {
    let taken = table.iter().enumerate().filter(|(_, entry)| **entry != NONE);
    taken.map(|(index, entry)| (index as u64, *entry as usize - 1))
}

fn write_slots(out: &mut impl Write, areas: &[Area<'_>], slots: usize) -> io::Result<()> {
    let mut table = vec![(0, 0); slots];
    for (place, area) in areas.iter().enumerate() {
        let mut slot = home(area.area, slots);
        while table[slot].0 != 0 {
            slot = (slot + 1) & (slots - 1);
        }
        table[slot] = (area.area + 1, place as u32);
    }
    for (area, _) in &table {
        out.write_all(&area.to_le_bytes())?;
    }
    for (_, place) in &table {
        out.write_all(&place.to_le_bytes())?;
    }
    Ok(())
}

fn write_areas(out: &mut impl Write, areas: &[Area<'_>], pages: &[Page<'_>]) -> io::Result<()> {
    let (mut first, mut offset, mut pages) = (0_u32, 0_u32, pages);
    for area in areas {
        let mut words = [0_u64; 16];
        for (block, _) in entries(area.blocks) {
            words[block as usize / 64] |= 1 << (block % 64);
        }
        let mut entry = Vec::with_capacity(AREA_BYTES);
        words.iter().for_each(|word| entry.extend(word.to_le_bytes()));
        let mut before = 0_u16;
        for word in words {
            entry.extend(before.to_le_bytes());
            before += word.count_ones() as u16;
        }
        entry.extend(first.to_le_bytes());
        let (of_area, others) = pages.split_at(usize::from(before));
        let all_bits = !of_area.iter().any(Page::is_sparse);
        let begin = if all_bits { offset + 1 } else { 0 };
        entry.extend(begin.to_le_bytes());
        out.write_all(&entry)?;
        first += u32::from(before);
        offset += of_area.iter().map(|page| page.bytes() as u32 / 2).sum::<u32>();
        pages = others;
    }
    Ok(())
}
