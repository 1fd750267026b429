//! A file of leads.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use outdial::domain::Country;
use outdial::store::import::{LeadFile, check_leads};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().unwrap());

pub fn run(skip_bad: bool, bytes: &[u8]) {
    let file = LeadFile {
        source: Box::new(Cursor::new(bytes.to_vec())),
        name: "leads.csv".to_owned(),
        country: Country::US,
        mapped: Vec::new(),
        rejects: None,
        skip_bad,
    };
    if let Ok(report) = RUNTIME.block_on(check_leads(None, file, Arc::new(|_| {}))) {
        assert_eq!(
            report.landed,
            if report.bad == 0 || skip_bad { report.rows - report.rejected() } else { 0 }
        );
    }
}
