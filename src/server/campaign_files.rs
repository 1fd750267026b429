//! The folder of campaigns' files, as the pages read and write it. What is written is used at the next start.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::handle::Handle;

/// Longest file that is read, bytes.
const FILE_MAX: u64 = 1 << 20;

/// Why a campaign's file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepFault {
    /// Somebody else has changed it meanwhile.
    #[error("the file is not any more what you have read; read it again, and change that")]
    Changed,
    /// The disk.
    #[error("the folder of campaigns cannot be written: {0}")]
    Disk(#[from] io::Error),
    /// A demo has none.
    #[error("this server reads no folder of campaigns")]
    NoFolder,
}

impl Handle {
    /// The folder of campaigns' files, where there is one.
    pub fn campaign_folder(&self) -> Option<&Path> {
        self.campaign_folder.as_deref()
    }

    /// The file of the campaign with this name, which is known to be one; `None` when there is none.
    ///
    /// # Errors
    /// The disk's.
    pub async fn campaign_file(&self, name: &str) -> io::Result<Option<String>> {
        let Some(path) = self.path_of(name) else { return Ok(None) };
        tokio::task::spawn_blocking(move || read(&path)).await.map_err(io::Error::other)?
    }

    /// Writes the file of the campaign with this name, which is known to be one: whole or not at all, and
    /// only over what `before` says is there.
    ///
    /// # Errors
    /// [`KeepFault`], with the file as it was.
    pub async fn campaign_file_keep(
        &self,
        name: &str,
        text: String,
        before: Option<String>,
    ) -> Result<(), KeepFault> {
        let path = self.path_of(name).ok_or(KeepFault::NoFolder)?;
        let kept = move || keep(&path, &text, before.as_deref());
        tokio::task::spawn_blocking(kept).await.map_err(io::Error::other)?
    }

    fn path_of(&self, name: &str) -> Option<PathBuf> {
        Some(self.campaign_folder()?.join(format!("{name}.toml")))
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        Ok(found) if found.len() > FILE_MAX => Err(io::Error::other("the file is too long")),
        Ok(_) => fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn keep(path: &Path, text: &str, before: Option<&str>) -> Result<(), KeepFault> {
    if read(path)?.as_deref() != before {
        return Err(KeepFault::Changed);
    }
    let part = path.with_extension("toml.part");
    let mut file = File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_over_by_who_has_read_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spring.toml");
        keep(&path, "a = 1", None).unwrap();
        assert!(matches!(keep(&path, "a = 2", None), Err(KeepFault::Changed)));
        keep(&path, "a = 2", Some("a = 1")).unwrap();
        assert!(matches!(keep(&path, "a = 3", Some("a = 1")), Err(KeepFault::Changed)));
        assert_eq!(read(&path).unwrap().as_deref(), Some("a = 2"));
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(names, [path], "nothing else is left");
    }
}
