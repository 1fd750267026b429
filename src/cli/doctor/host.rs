//! The machine: who keeps its clock, its disk, its limits.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use jiff::SignedDuration;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;

use super::Finding;
use crate::clock;
use crate::config::Config;
use crate::server::promises::COMMIT_AGE_MAX;

/// Files of a call: four sockets.
const FILES_A_CALL: u64 = 4;
/// Files of the rest: the books, the API's connections, the event log.
const FILES_BESIDE: u64 = 1_024;
/// The room below which the disk is too full: days of books, hours of recordings.
const FREE_MB_MIN: u64 = 2_000;
const COMMITS: usize = 20;
/// A commit that takes longer is felt: each call waits for one.
const COMMIT_LONG: SignedDuration = SignedDuration::from_millis(50);
/// What a burst of packets needs while a thread is elsewhere for 20 ms.
const BUFFER_MIN: u64 = 1_000_000;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![who_keeps_time(), room(&config.data), commits(&config.data)];
    findings.push(files(config));
    findings.extend(buffers());
    findings
}

fn who_keeps_time() -> Finding {
    let what = "clock";
    let says = |program: &str, args: &[&str]| {
        let said = Command::new(program).args(args).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).into_owned())
    };
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Finding::well(what, "kept by systemd-timesyncd");
    }
    if let Some(tracking) = says("chronyc", &["-n", "tracking"]) {
        let offset = tracking.lines().find(|line| line.starts_with("System time"));
        let offset = offset.and_then(|line| line.split_once(": ")).map_or("", |(_, rest)| rest);
        return Finding::well(what, format!("kept by chrony, {offset}"));
    }
    let synchronized = says("timedatectl", &["show", "--property=NTPSynchronized", "--value"]);
    match synchronized.as_deref().map(str::trim) {
        Some("yes") => Finding::well(what, "kept from the network"),
        _ => Finding::look(
            what,
            "nobody is known to keep it",
            "install chrony or systemd-timesyncd: hours and intervals are those of this clock",
        ),
    }
}

fn room(data: &Path) -> Finding {
    let what = "room on the disk";
    // The folder may not be there yet.
    let there = data.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    match statvfs(there) {
        Ok(found) => {
            let free_mb = found.blocks_available() * found.fragment_size() / 1_000_000;
            let said = format!("{free_mb} MB free for {}", data.display());
            match free_mb {
                0..FREE_MB_MIN => Finding::wrong(
                    what,
                    said,
                    "make room, or set [data] dir elsewhere: with a full disk nobody is dialed",
                ),
                _ => Finding::well(what, said),
            }
        }
        Err(error) => Finding::look(what, error.to_string(), "see that the folder is mounted"),
    }
}

/// What each call waits for before its INVITE.
fn commits(data: &Path) -> Finding {
    let what = "commits";
    let remedy = "use a disk of its own for the data folder, an SSD; a network file system is none";
    let measured = fs::create_dir_all(data).and_then(|()| commit_times(data));
    let times = match measured {
        Ok(times) => times,
        Err(error) => {
            let remedy = "let the user of the unit write there";
            return Finding::wrong(what, format!("{}: {error}", data.display()), remedy);
        }
    };
    let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let said = format!("{middle:#} in the middle, {worst:#} at worst, of {COMMITS}");
    if worst > COMMIT_AGE_MAX {
        Finding::wrong(what, said, format!("{remedy}: later than a second nobody is dialed"))
    } else if middle > COMMIT_LONG {
        Finding::look(what, said, remedy)
    } else {
        Finding::well(what, said)
    }
}

fn commit_times(data: &Path) -> std::io::Result<Vec<SignedDuration>> {
    let path = data.join("doctor.tmp");
    let measure = || {
        let mut file = File::create(&path)?;
        let mut times = Vec::with_capacity(COMMITS);
        for _ in 0..COMMITS {
            let began = clock::now();
            file.write_all(&[0; 4_096])?;
            file.sync_data()?;
            times.push(clock::now().duration_since(began));
        }
        times.sort_unstable();
        Ok(times)
    };
    let times = measure();
    let _ = fs::remove_file(&path);
    times
}

fn files(config: &Config) -> Finding {
    let what = "open files";
    let calls: u64 = config.trunks.iter().map(|trunk| u64::from(trunk.channels_max)).sum();
    let needed = calls * FILES_A_CALL + FILES_BESIDE;
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((allowed, _)) if allowed < needed => Finding::wrong(
            what,
            format!("{allowed} allowed, {calls} calls need {needed}"),
            format!("LimitNOFILE={} in the unit, or ulimit -n", needed.next_power_of_two()),
        ),
        Ok((allowed, _)) => {
            Finding::well(what, format!("{allowed} allowed here, {calls} calls need {needed}"))
        }
        Err(error) => Finding::look(what, error.to_string(), "see ulimit -n"),
    }
}

fn buffers() -> Option<Finding> {
    let text = fs::read_to_string("/proc/sys/net/core/rmem_max").ok()?;
    let most: u64 = text.trim().parse().ok()?;
    let (what, said) = ("socket buffers", format!("at most {most} bytes"));
    Some(match most {
        0..BUFFER_MIN => Finding::look(what, said, "sysctl -w net.core.rmem_max=4194304"),
        _ => Finding::well(what, said),
    })
}
