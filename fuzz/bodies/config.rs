//! A configuration with a campaign and a rulebook.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use outdial::config;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("outdial-fuzz-{}", std::process::id()));
    for name in ["campaigns", "compliance"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    folder
});

// The files are parted by a line of `---`.
pub fn run(text: &str) {
    let mut parts = text.splitn(3, "---\n");
    let names = ["outdial.toml", "campaigns/made-up.toml", "compliance/made-up.toml"];
    for name in names {
        fs::write(FOLDER.join(name), parts.next().unwrap_or_default()).unwrap();
    }
    if let Err(faults) = config::load(&FOLDER.join(names[0])) {
        assert!(faults.iter().len() > 0, "refused without a fault");
    }
}
