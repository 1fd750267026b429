//! A file in memory without reading it: the one place in the program that needs `unsafe`.

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::{Advice, Mmap, MmapOptions};

/// A list that is smaller gains nothing by huge pages: this is one of them (x86-64, AArch64).
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Maps a file whole. The pages are the system's cache: what is not asked for takes no memory, and
/// several processes share it.
///
/// # Errors
/// The system's.
#[allow(unsafe_code)]
pub(super) fn map(file: &File) -> io::Result<Bytes> {
    // SAFETY: a mapping is sound while nobody changes the bytes under it. A list's file is written
    // under a name of its own, made read-only (0400), and renamed into place when it is whole;
    // nothing in this program opens it for writing after that, and a newer list takes its name and
    // not its bytes. Whoever truncates it all the same with the owner's rights ends the process by
    // SIGBUS: it fails closed, with no call placed. Whoever changes its bytes changes answers of
    // the set and nothing else: every access is checked against the length of the mapping, no
    // reference into it lives longer than a lookup, and no invariant of a type hangs on its bytes.
    let mapping = unsafe { Mmap::map(file) }?;
    Ok(Bytes::from_owner(mapping))
}

/// The same bytes in memory of huge pages, where they fill one: each lookup in a national list is
/// somewhere else in 200 MB, and with pages of 4 kB the search for the page costs as much as the
/// byte itself. No lookup waits for the disk there, either.
///
/// # Errors
/// The system's, which has no such memory: what is mapped serves as well, only slower.
pub fn in_huge_pages(bytes: &Bytes) -> io::Result<Bytes> {
    if bytes.len() < HUGE_PAGE_BYTES {
        return Ok(bytes.clone());
    }
    let mut memory = MmapOptions::new().len(bytes.len()).map_anon()?;
    // A system without huge pages says so, and gives small ones.
    let _ = memory.advise(Advice::HugePage);
    memory.copy_from_slice(bytes);
    Ok(Bytes::from_owner(memory.make_read_only()?))
}
