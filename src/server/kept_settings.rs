//! Settings of campaigns that were changed while the server ran, kept beside the books for the next start.
//!
//! A campaign's file stays the last word: what was changed holds as long as the file says what it said when
//! it was changed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::config;
use crate::domain::{Campaign, Share};

/// In the data folder.
const FILE: &str = "campaign-settings.json";

/// A setting, as the file had it and as it was changed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
struct Changed<T> {
    file: T,
    to: T,
}

/// What of one campaign was changed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
struct Kept {
    abandonment_target: Option<Changed<f64>>,
    ring_ms_max: Option<Changed<i64>>,
}

impl Kept {
    /// After another change; `present` is how the campaign was before it.
    fn with(self, present: &Campaign, changed: &Campaign) -> Self {
        Self {
            abandonment_target: again(
                self.abandonment_target,
                present.abandonment_target.get(),
                changed.abandonment_target.get(),
            ),
            ring_ms_max: again(
                self.ring_ms_max,
                present.ring_max.as_millis() as i64,
                changed.ring_max.as_millis() as i64,
            ),
        }
    }

    fn put_into(self, campaign: &mut Campaign) {
        if let Some(target) = self.abandonment_target
            && target.file == campaign.abandonment_target.get()
            && let Some(share) = Share::new(target.to)
        {
            campaign.abandonment_target = share;
        }
        if let Some(ring) = self.ring_ms_max
            && i128::from(ring.file) == campaign.ring_max.as_millis()
        {
            campaign.ring_max = SignedDuration::from_millis(ring.to);
        }
    }
}

fn again<T: Copy + PartialEq>(before: Option<Changed<T>>, present: T, to: T) -> Option<Changed<T>> {
    let file = before.filter(|before| before.to == present).map_or(present, |before| before.file);
    (file != to).then_some(Changed { file, to })
}

/// Puts what was changed into the campaigns as their files have them. A file that cannot be read is
/// told of and changes nothing.
pub(super) fn apply(data: &Path, campaigns: &mut [Campaign]) {
    let kept = match read(data) {
        Ok(kept) => kept,
        Err(error) => {
            return tracing::error!(%error, file = FILE, "changed settings of campaigns are lost");
        }
    };
    for campaign in campaigns {
        let Some(kept) = kept.get(&campaign.name) else { continue };
        let mut changed = campaign.clone();
        kept.put_into(&mut changed);
        match config::breaches(&changed).first() {
            None => *campaign = changed,
            Some(breach) => {
                let (campaign, why) = (&campaign.name, &breach.message);
                tracing::warn!(campaign, why, "changed settings are allowed no longer; not taken");
            }
        }
    }
}

/// Keeps a change for the next start, on the disk when this returns.
///
/// # Errors
/// The disk's; what was kept before is still there then.
pub(super) fn keep(data: &Path, present: &Campaign, changed: &Campaign) -> io::Result<()> {
    let mut kept = read(data)?;
    let before = kept.get(&present.name).copied().unwrap_or_default();
    match before.with(present, changed) {
        nothing if nothing == Kept::default() => drop(kept.remove(&present.name)),
        changed => drop(kept.insert(present.name.clone(), changed)),
    }
    let part = data.join(format!("{FILE}.part"));
    let mut file = File::create(&part)?;
    file.write_all(serde_json::to_string_pretty(&kept)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(part, data.join(FILE))?;
    File::open(data)?.sync_all()
}

fn read(data: &Path) -> io::Result<BTreeMap<String, Kept>> {
    match fs::read_to_string(data.join(FILE)) {
        Ok(text) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Scenario;

    fn rings(campaign: &Campaign, seconds: i64) -> Campaign {
        Campaign { ring_max: SignedDuration::from_secs(seconds), ..campaign.clone() }
    }

    #[test]
    fn what_was_changed_holds_at_the_next_start_until_the_file_says_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let file = rings(&Scenario::default().campaign, 25);
        keep(folder.path(), &file, &rings(&file, 20)).unwrap();
        keep(folder.path(), &rings(&file, 20), &rings(&file, 18)).unwrap();
        let mut started = [file.clone()];
        apply(folder.path(), &mut started);
        assert_eq!(started[0], rings(&file, 18));
        let mut mended = [rings(&file, 30)];
        apply(folder.path(), &mut mended);
        assert_eq!(mended[0], rings(&file, 30), "the file was changed since");
        // Back to what the file says: nothing is left.
        keep(folder.path(), &rings(&file, 18), &file).unwrap();
        assert_eq!(read(folder.path()).unwrap(), BTreeMap::new());
        fs::write(folder.path().join(FILE), "{").unwrap();
        let mut started = [file.clone()];
        apply(folder.path(), &mut started);
        assert_eq!(started[0], file);
        assert!(keep(folder.path(), &file, &rings(&file, 18)).is_err(), "nothing is written over");
    }
}
