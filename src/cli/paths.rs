//! The two paths that many subcommands take.

use std::path::PathBuf;

/// `--config`.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigFile {
    /// The configuration: trunks, phones, API; its campaigns lie beside it
    #[arg(long = "config", value_name = "FILE", env = "OUTDIAL_CONFIG")]
    #[arg(default_value = "outdial.toml")]
    pub config: PathBuf,
}

/// `--data`.
#[derive(Clone, Debug, clap::Args)]
pub struct DataFolder {
    /// The data folder: database, recordings, API token
    #[arg(long = "data", value_name = "DIR", env = "OUTDIAL_DATA", default_value = "outdial-data")]
    pub data: PathBuf,
}
