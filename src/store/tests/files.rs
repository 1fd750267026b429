//! Files as they come: other delimiters and encodings, and those that mean harm.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::fixture::{Fixture, at};
use super::imports::{Paper, file};
use crate::store::import::{ImportError, LeadFile, Mapped, Report, check_leads, import_leads};

async fn check(content: &[u8]) -> Result<Report, ImportError> {
    check_leads(None, file(content, &Paper::default()), Arc::new(|_| ())).await
}

#[tokio::test]
async fn every_delimiter_and_encoding_lands_the_same_leads() {
    let utf16: Vec<u8> = "\u{feff}phone\tname\r\n2015550100\tRenée\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for content in [
        &b"phone,name\n2015550100,Ren\xc3\xa9e\n"[..],
        b"\xef\xbb\xbfphone;name\r\n2015550100;Ren\xc3\xa9e\r\n",
        b"phone|name\n2015550100|Ren\xe9e",
        b"sep=;\r\nphone;name\r\n2015550100;Ren\xe9e\r\n",
        b"phone,name\r2015550100,Ren\xe9e\r",
        b"\n\n\"phone\",\"name\"\n\n\"2015550100\",\"Ren\xc3\xa9e\"\n,\n",
        &utf16,
    ] {
        let fixture = Fixture::new(0).await;
        let file = file(content, &Paper::default());
        let progress = Arc::new(|_| ());
        let report =
            import_leads(&fixture.store, fixture.campaign, file, progress, at(0)).await.unwrap();
        assert_eq!((report.rows, report.landed), (1, 1), "{report:?}");
        let [lead] = &fixture.due(9, at(1)).await[..] else { panic!() };
        assert_eq!(lead.attributes["name"], "Renée");
    }
}

#[tokio::test]
async fn lines_are_those_of_an_editor() {
    for end in ["\n", "\r\n"] {
        let content = ["phone,x", "", "2015550100,\"a", "b\"", "n/a,1", "", ",", "n/a,\"2", "\""];
        let report = check(content.join(end).as_bytes()).await.unwrap();
        let lines: Vec<u64> = report.faults.iter().map(|fault| fault.line).collect();
        assert_eq!((report.rows, lines), (3, vec![5, 8]), "{end:?}");
    }
}

#[tokio::test]
async fn a_row_of_another_width_is_bad_and_the_next_is_read() {
    let report = check(b"phone,a\n2015550100\n2015550101,1,2\n2015550102,1,,\n").await.unwrap();
    assert_eq!((report.rows, report.bad), (3, 2));
    assert_eq!(report.faults[0].reason, "the row has 1 cells, the header has 2");
    assert_eq!(report.faults[1].reason, "the row has 3 cells, the header has 2");
}

#[tokio::test]
async fn long_rows_and_cells_are_told_and_the_next_row_is_read() {
    let long = "a".repeat(300);
    let longer = "b".repeat(5_000);
    let longest = "c".repeat(100_000);
    let content = format!(
        "phone,first name,x\n2015550100,{long},\n2015550101,,{longer}\n2015550102,,{longest}\n\
         2015550103,a\0b,c\0d\n2015550104,ok,ok\n"
    );
    let report = check(content.as_bytes()).await.unwrap();
    assert_eq!((report.rows, report.bad), (5, 4), "{report:?}");
    let reasons: Vec<&str> = report.faults.iter().map(|fault| fault.reason.as_str()).collect();
    assert_eq!(reasons[0], "longer than 200 characters");
    assert_eq!(reasons[1], "longer than 4096 bytes");
    assert_eq!(reasons[2], "the row has 100010 bytes, at most 65536");
    assert_eq!(reasons[4], "holds NUL");
}

#[tokio::test]
async fn a_quote_that_never_closes_ends_the_reading_with_its_line() {
    let head = &b"phone,x\n2015550100,\"open\n"[..];
    let endless = head.chain(std::io::repeat(b'x').take(1 << 40));
    let file = LeadFile { source: Box::new(endless), ..file(b"", &Paper::default()) };
    let read = check_leads(None, file, Arc::new(|_| ())).await;
    assert!(matches!(read, Err(ImportError::EndlessRow { line: 2 })), "{read:?}");
}

#[tokio::test]
async fn what_is_no_table_is_told() {
    assert!(matches!(check(b"").await, Err(ImportError::Empty)));
    assert!(matches!(check(b"PK\x03\x04\0\0,\0").await, Err(ImportError::NotText)));
    let wide = vec!["a"; 300].join(",");
    let read = check(wide.as_bytes()).await;
    assert!(matches!(read, Err(ImportError::TooManyColumns { found: 300 })));
    let read = check(b"name,plan\nx,y\n").await;
    assert!(matches!(read, Err(ImportError::NoPhoneColumn { .. })));
    let mapped = Mapped { field: crate::store::import::Field::Phone, header: "tel".to_owned() };
    let file = LeadFile { mapped: vec![mapped], ..file(b"a,b\n", &Paper::default()) };
    let read = check_leads(None, file, Arc::new(|_| ())).await;
    assert!(matches!(read, Err(ImportError::UnknownColumn { .. })));
}

#[tokio::test]
async fn the_corpus_of_hostile_files_lands_clean_numbers_or_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/dev/web-lead-import");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    for path in files.map(|entry| entry.unwrap().path()) {
        let fixture = Fixture::new(0).await;
        // The corpus dials 555 as an area code, which no numbering plan has.
        let content = std::fs::read(&path).unwrap();
        let wide = |text: &str| text.bytes().flat_map(|byte| [byte, 0]).collect::<Vec<u8>>();
        let content = replaced(&content, b"1555123", b"1201555");
        let content = replaced(&content, b"1555124", b"1201556");
        let content = replaced(&content, &wide("1555123"), &wide("1201555"));
        let rejects = Paper::default();
        let file = LeadFile { skip_bad: true, ..file(&content, &rejects) };
        let progress = Arc::new(|_| ());
        let report = import_leads(&fixture.store, fixture.campaign, file, progress, at(0)).await;
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let leads = fixture.due(1_000, at(1)).await;
        assert_eq!(leads.len() as u64, report.landed, "{}", path.display());
        assert_eq!(report.rows, report.landed + report.rejected(), "{}", path.display());
        assert!(report.landed > 0, "{}: {report:?}", path.display());
        let expected = leads.iter().filter_map(|lead| lead.attributes.get("expect"));
        for expect in expected {
            assert!(!expect.starts_with("refused"), "landed, but {expect}");
        }
    }
}

fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    for at in 0..content.len().saturating_sub(from.len() - 1) {
        if content[at..].starts_with(from) {
            content[at..at + to.len()].copy_from_slice(to);
        }
    }
    content
}
