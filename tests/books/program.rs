//! The binary, in a folder of its own.

use std::path::Path;
use std::process::{Command, Stdio};

/// `outdial`, to be run in `folder`, with nothing of the caller's environment that matters.
pub fn outdial(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outdial"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["OUTDIAL_CONFIG", "OUTDIAL_DATA", "OUTDIAL_LOG", "OUTDIAL_TOKEN", "OUTDIAL_URL"] {
        command.env_remove(name);
    }
    command
}

/// Exit status and standard output, with standard error behind it.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = outdial(folder, arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}
