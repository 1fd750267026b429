//! The file of a list: a page of text that says what it is, then the pages.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::ListFault;
use super::mapping::{in_huge_pages, map};
use crate::compliance::{List, ListHeader, ListId, PageWriter, Pages};

/// The folder inside the data folder.
pub const FOLDER: &str = "do-not-call";
const ENDING: &str = ".dnc";
/// The first line of a file; another one is not read.
const MAGIC: &str = "outdial do-not-call list 1";
/// The header's room.
const HEAD_BYTES: usize = 4_096;

/// Where a list is, or would be.
pub fn path_of(data: &Path, id: &ListId) -> PathBuf {
    data.join(FOLDER).join(format!("{id}{ENDING}"))
}

/// Writes a list in the place of the one with its id.
pub(super) fn write(
    data: &Path,
    mut header: ListHeader,
    pages: &PageWriter,
) -> Result<ListHeader, ListFault> {
    let path = path_of(data, &header.id);
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data.join(FOLDER))
        .and_then(|()| write_part(&part, &mut header, pages))
        .and_then(|()| fs::rename(&part, &path))
        .and_then(|()| File::open(data.join(FOLDER))?.sync_all());
    if let Err(source) = written {
        // It says `.part` where it cannot be removed.
        let _ = fs::remove_file(&part);
        return Err(ListFault::File { path, source });
    }
    Ok(header)
}

fn write_part(part: &Path, header: &mut ListHeader, pages: &PageWriter) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(part)?;
    let mut out =
        Hashed { out: BufWriter::with_capacity(1 << 20, file), bytes: 0, sha: Sha256::new() };
    out.out.write_all(&[0; HEAD_BYTES])?;
    header.numbers = pages.write(&mut out)?;
    header.bytes = out.bytes;
    header.sha256 = hex(&out.sha.finalize());
    let mut file = out.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&head(header)?)?;
    file.set_permissions(Permissions::from_mode(0o400))?;
    file.sync_all()
}

/// Three lines (what it is, the header, the header's checksum), filled up with zeros.
fn head(header: &ListHeader) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(header)?;
    let sha = hex(&Sha256::digest(json.as_bytes()));
    let mut head = format!("{MAGIC}\n{json}\n{sha}\n").into_bytes();
    if head.len() > HEAD_BYTES {
        return Err(io::Error::other("the header of the list is too long"));
    }
    head.resize(HEAD_BYTES, 0);
    Ok(head)
}

struct Hashed<W> {
    out: W,
    bytes: u64,
    sha: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What a list's file says of itself, its pages unread.
fn header(file: &mut File, path: &Path) -> Result<ListHeader, ListFault> {
    let bad = |why: String| ListFault::Header { path: path.to_owned(), why };
    let mut head = vec![0; HEAD_BYTES];
    file.read_exact(&mut head).map_err(|_| bad("it is too short".to_owned()))?;
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.lines();
    let (magic, json, sha) = (lines.next(), lines.next(), lines.next());
    if magic != Some(MAGIC) {
        return Err(bad("its first line is another".to_owned()));
    }
    let (json, sha) = (json.unwrap_or_default(), sha.unwrap_or_default());
    if hex(&Sha256::digest(json.as_bytes())) != sha {
        return Err(bad("its header has another checksum".to_owned()));
    }
    let header: ListHeader = serde_json::from_str(json).map_err(|error| bad(error.to_string()))?;
    if path.file_stem().is_none_or(|stem| stem != header.id.as_str()) {
        return Err(bad(format!("it is the list {}", header.id)));
    }
    Ok(header)
}

/// Opens a list, with every page's checksum verified.
///
/// # Errors
/// [`ListFault`] when it is not what was written, whole.
pub fn open(path: &Path) -> Result<List, ListFault> {
    let fault = |source| ListFault::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(fault)?;
    let header = header(&mut file, path)?;
    let bytes = map(&file).map_err(fault)?;
    let pages = bytes.slice(HEAD_BYTES.min(bytes.len())..);
    if pages.len() as u64 != header.bytes || hex(&Sha256::digest(&pages)) != header.sha256 {
        return Err(ListFault::Changed(path.to_owned()));
    }
    let pages = in_huge_pages(&pages).unwrap_or(pages);
    let pages =
        Pages::open(pages).map_err(|fault| ListFault::Pages { path: path.to_owned(), fault })?;
    if (pages.numbers(), pages.prefixes()) != (header.numbers, header.prefixes) {
        return Err(ListFault::Changed(path.to_owned()));
    }
    Ok(List::new(header, pages))
}

/// Every list of a data folder, by id.
///
/// # Errors
/// [`ListFault`] of the first that cannot be opened: a list that is there and cannot be read is no
/// reason to call without it.
pub fn open_all(data: &Path) -> Result<Vec<List>, ListFault> {
    files(data)?.iter().map(|path| open(path)).collect()
}

/// What every list of a data folder says of itself, its pages unread.
///
/// # Errors
/// [`ListFault`] of the first whose header cannot be read.
pub fn headers(data: &Path) -> Result<Vec<ListHeader>, ListFault> {
    let read = |path: &PathBuf| {
        let fault = |source| ListFault::File { path: path.clone(), source };
        header(&mut File::open(path).map_err(fault)?, path)
    };
    files(data)?.iter().map(read).collect()
}

fn files(data: &Path) -> Result<Vec<PathBuf>, ListFault> {
    let folder = data.join(FOLDER);
    let fault = |source| ListFault::File { path: folder.clone(), source };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(fault)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        if path.to_string_lossy().ends_with(ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
