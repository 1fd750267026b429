//! The labels of recordings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::Fault;
use crate::domain::VerdictKind;

/// What a recording is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Class {
    Human,
    Machine,
    Other,
}

/// One recording.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Its row in the file, the heading being the first.
    pub row: usize,
    pub path: PathBuf,
    pub file: String,
    pub label: String,
    pub class: Class,
    /// The family of the source: what stands before its first colon.
    pub source: String,
    pub language: String,
    pub first_utterance_end_s: Option<f64>,
}

impl Case {
    /// A fault of its recording, with the row.
    pub(super) fn fault(&self, fault: &dyn std::fmt::Display) -> Fault {
        Fault::failed(format!("row {}: {fault}", self.row))
    }

    /// Whether the verdict is the right one, as far as the label says.
    pub(super) fn is_right(&self, kind: VerdictKind) -> bool {
        match (self.class, self.label.as_str()) {
            (Class::Human, _) => kind == VerdictKind::Human,
            (Class::Machine, _) | (_, "music") => kind.is_recorded(),
            (_, "fax" | "modem") => kind == VerdictKind::Fax,
            (_, "busy" | "dialtone" | "reorder" | "ringback" | "sit") => kind == VerdictKind::Tone,
            (_, "noise" | "silence") => kind == VerdictKind::Silence,
            _ => kind != VerdictKind::Human,
        }
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub cases: Vec<Case>,
}

impl Manifest {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let unreadable = |error: csv::Error| Fault::failed(format!("{}: {error}", path.display()));
        let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut cases = Vec::new();
        for (nth, row) in reader.deserialize::<BTreeMap<String, String>>().enumerate() {
            let row = row.map_err(unreadable)?;
            let at = format!("{}: row {}", path.display(), nth + 2);
            let case = case(&row, folder, nth + 2);
            cases.push(case.map_err(|fault| Fault::failed(format!("{at}: {fault}")))?);
        }
        if cases.is_empty() {
            return Err(Fault::failed(format!("{}: no recordings", path.display())));
        }
        Ok(Self { cases })
    }
}

fn case(row: &BTreeMap<String, String>, folder: &Path, nth: usize) -> Result<Case, String> {
    let text = |column: &str| row.get(column).map(|text| text.trim().to_owned());
    let file = text("file").filter(|file| !file.is_empty()).ok_or("no file")?;
    let label = text("label").or_else(|| text("cls")).unwrap_or_default();
    let class = class(text("cls").as_deref(), &label)?;
    let first_utterance_end_s = match text("first_utterance_end_s").as_deref() {
        None | Some("") => None,
        Some(text) => {
            let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
            Some(seconds.ok_or(format!("first_utterance_end_s {text:?} is no number"))?)
        }
    };
    let source = text("source").unwrap_or_default();
    let source = source.split(':').next().unwrap_or_default().to_owned();
    let language = text("language").unwrap_or_default();
    let path = folder.join(&file);
    Ok(Case { row: nth, path, file, label, class, source, language, first_utterance_end_s })
}

fn class(cls: Option<&str>, label: &str) -> Result<Class, String> {
    match (cls, label) {
        (Some("human"), _) | (_, "human" | "person") => Ok(Class::Human),
        (Some("machine"), _)
        | (_, "announcement" | "ivr" | "machine" | "screening" | "voicemail") => Ok(Class::Machine),
        (Some("other"), _)
        | (
            _,
            "busy" | "dialtone" | "fax" | "modem" | "music" | "noise" | "other" | "reorder"
            | "ringback" | "silence" | "sit",
        ) => Ok(Class::Other),
        (_, label) => Err(format!("label {label:?} is none that is known (outdial amd --help)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest, Fault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.csv");
        std::fs::write(&path, text).unwrap();
        Manifest::read(&path)
    }

    #[test]
    fn a_label_or_a_class_says_what_it_is() {
        let cases = read("file,label\na.wav,voicemail\nb.wav,human\n").unwrap().cases;
        assert_eq!([cases[0].class, cases[1].class], [Class::Machine, Class::Human]);
        assert_eq!(read("file,cls\na.wav,other\n").unwrap().cases[0].class, Class::Other);
    }

    #[test]
    fn a_bad_row_is_named() {
        let fault = read("file,label\na.wav,human\nb.wav,robot\n").unwrap_err().to_string();
        assert!(fault.contains("row 3") && fault.contains("robot"), "{fault}");
        assert!(read("file,label\n").is_err());
        let seconds = "file,label,first_utterance_end_s\na.wav,human,soon\n";
        assert!(read(seconds).unwrap_err().to_string().contains("row 2"));
    }
}
