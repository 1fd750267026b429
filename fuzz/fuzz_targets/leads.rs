//! A file of leads.
#![no_main]

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use outdial::domain::Country;
use outdial::store::import::{LeadFile, check_leads};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());

fuzz_target!(|input: (bool, Vec<u8>)| {
    let (skip_bad, bytes) = input;
    let file = LeadFile {
        source: Box::new(Cursor::new(bytes)),
        name: "leads.csv".to_owned(),
        country: Country::US,
        mapped: Vec::new(),
        rejects: None,
        skip_bad,
    };
    if let Ok(report) = RUNTIME.block_on(check_leads(None, file, Arc::new(|_| {}))) {
        assert_eq!(report.landed, if report.bad == 0 || skip_bad { report.rows - report.rejected() } else { 0 });
    }
});
