//! Files in: whole or not at all, and every bad row told.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use super::fixture::{Fixture, at, is_skipped, lead};
use crate::domain::{Country, LeadOrder, PhoneNumber};
use crate::store::import::{
    ImportError, LeadFile, NewLead, NumberFile, ReadyLead, Report, check_leads, import_leads,
    import_numbers,
};
use crate::store::{Store, StoreError};

/// A file in memory whose end can be read.
#[derive(Clone, Default)]
pub struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub fn file(content: &[u8], rejects: &Paper) -> LeadFile {
    LeadFile {
        source: Box::new(Cursor::new(content.to_vec())),
        name: "leads.csv".to_owned(),
        country: Country::new("US").unwrap(),
        mapped: Vec::new(),
        rejects: Some(Box::new(rejects.clone())),
        skip_bad: false,
    }
}

fn ready(lead: NewLead) -> ReadyLead {
    lead.try_into().unwrap()
}

async fn import(fixture: &Fixture, file: LeadFile) -> Result<Report, ImportError> {
    import_leads(&fixture.store, fixture.campaign, file, Arc::new(|_| ()), at(0)).await
}

async fn leads(fixture: &Fixture) -> u64 {
    fixture.books().lead_counts(fixture.campaign, at(1)).await.unwrap().total()
}

const MIXED: &[u8] = b"Phone,First Name,State,Plan\n\
    (201) 555-0100,Ana,nj,gold\n\
    n/a,\"Bo\nb\",NJ,=1+1\n\
    201-555-0101,Cy,NJ,\n";

#[tokio::test]
async fn with_one_bad_row_nothing_lands_and_the_row_is_told_with_line_column_and_reason() {
    let (fixture, rejects) = (Fixture::new(0).await, Paper::default());
    let report = import(&fixture, file(MIXED, &rejects)).await.unwrap();
    assert_eq!((report.rows, report.bad, report.landed), (3, 1, 0));
    assert_eq!(leads(&fixture).await, 0);
    let told: Vec<(u64, &str)> =
        report.faults.iter().map(|fault| (fault.line, fault.column.as_str())).collect();
    assert_eq!(told, [(3, "Phone"), (3, "First Name")]);
    assert!(report.faults[0].reason.starts_with("not a telephone number"), "{report:?}");
    assert_eq!(fixture.books().invariants().await.unwrap(), []);
}

#[tokio::test]
async fn the_good_rows_land_when_that_is_asked_for_and_mended_rejects_land_later() {
    let (fixture, rejects) = (Fixture::new(0).await, Paper::default());
    let skipping = LeadFile { skip_bad: true, ..file(MIXED, &rejects) };
    let report = import(&fixture, skipping).await.unwrap();
    assert_eq!((report.bad, report.landed), (1, 2));

    let mended = rejects.text().replace("n/a", "201 555 0102").replace("\"Bo\nb\"", "Bob");
    assert_ne!(mended, rejects.text());
    let again = Paper::default();
    let report = import(&fixture, file(mended.as_bytes(), &again)).await.unwrap();
    assert_eq!((report.rows, report.bad, report.landed), (1, 0, 1), "{mended}");
    assert_eq!(fixture.books().invariants().await.unwrap(), []);

    let leads = fixture.due(9, at(1)).await;
    let [ana, cy, bob] = &leads[..] else { panic!("{leads:?}") };
    assert_eq!((ana.number.to_e164().as_str(), ana.state.as_deref()), ("+12015550100", Some("NJ")));
    assert_eq!((ana.attributes["Plan"].as_str(), cy.attributes.len()), ("gold", 0));
    assert_eq!(bob.first_name.as_deref(), Some("Bob"));
    assert_eq!(bob.attributes["Plan"], "=1+1", "as it was, not as a spreadsheet had to see it");
}

#[tokio::test]
async fn a_formula_in_the_rejects_is_inert() {
    let (fixture, rejects) = (Fixture::new(0).await, Paper::default());
    let cells: &[u8] = b"phone,a,b,c,d\nx,=1+1,@SUM(1),'quoted,+15551230001\n";
    import(&fixture, file(cells, &rejects)).await.unwrap();
    assert!(
        rejects.text().contains("x,'=1+1,'@SUM(1),''quoted,+15551230001"),
        "{}",
        rejects.text()
    );
    let again = Paper::default();
    import(&fixture, file(rejects.text().as_bytes(), &again)).await.unwrap();
    assert_eq!(again.text(), rejects.text());
}

#[tokio::test]
async fn a_number_lands_once_and_its_doubles_are_told_with_the_line_of_the_first() {
    let (fixture, rejects) = (Fixture::new(1).await, Paper::default());
    let doubles: &[u8] = b"phone\n2015550000\n2015550500\n+1 201 555 0500\n";
    let report = import(&fixture, file(doubles, &rejects)).await.unwrap();
    assert_eq!(
        (report.duplicates_in_campaign, report.duplicates_in_file, report.landed),
        (1, 1, 1)
    );
    assert!(rejects.text().contains("2,phone,the campaign has this number already,2015550000"));
    assert!(rejects.text().contains("4,phone,the number is in line 3 already,'+1 201 555 0500"));
    assert_eq!(leads(&fixture).await, 2);
}

#[tokio::test]
async fn a_check_tells_the_same_and_changes_nothing() {
    let (fixture, rejects) = (Fixture::new(1).await, Paper::default());
    let rows: &[u8] = b"phone\n2015550000\n2015550500\nx\n";
    let taken = Some((fixture.books().clone(), fixture.campaign));
    let skipping = LeadFile { skip_bad: true, ..file(rows, &rejects) };
    let report = check_leads(taken, skipping, Arc::new(|_| ())).await.unwrap();
    assert_eq!((report.landed, report.bad, report.duplicates_in_campaign), (1, 1, 1));
    assert_eq!(leads(&fixture).await, 1);
    assert!(rejects.text().contains("not a telephone number"));
}

#[tokio::test]
async fn a_kill_before_the_decision_leaves_nothing_and_after_it_everything() {
    let fixture = Fixture::new(0).await;
    if is_skipped(&fixture) {
        return;
    }
    let staging = fixture.store.stage_leads(fixture.campaign, "big", at(0)).await.unwrap();
    let number = |index| PhoneNumber::from_e164(&format!("+1{}", 2_015_000_000u64 + index));
    let row = |index| ready(NewLead { number: number(index).unwrap(), ..lead(0) });
    staging.stage((0..25_000).map(row).collect()).await.unwrap();
    let busy = fixture.store.stage_leads(fixture.campaign, "other", at(0)).await;
    assert!(matches!(busy, Err(StoreError::Busy)));

    let killed = fixture.after_a_kill(at(1)).await;
    assert_eq!((leads(&killed).await, killed.recovery.landed), (0, 0));
    assert_eq!(killed.books().invariants().await.unwrap(), []);

    let half_way = tempfile::TempDir::new().unwrap();
    let landed = staging
        .land(|landed| {
            if landed < 25_000 {
                super::fixture::copy(fixture.folder.path(), half_way.path());
            }
        })
        .await
        .unwrap();
    assert_eq!(landed, 25_000);
    let (reopened, recovery) = Store::open(half_way.path(), at(1)).await.unwrap();
    assert_eq!(recovery.landed, 5_000);
    let counts = reopened.books().lead_counts(fixture.campaign, at(1)).await.unwrap();
    assert_eq!(counts.total(), 25_000);
    assert_eq!(reopened.books().invariants().await.unwrap(), []);
}

#[tokio::test]
async fn an_import_that_is_dropped_half_way_does_not_stand_in_the_way_of_the_next() {
    let fixture = Fixture::new(0).await;
    let staging = fixture.store.stage_leads(fixture.campaign, "first", at(0)).await.unwrap();
    staging.stage(vec![ready(lead(1))]).await.unwrap();
    drop(staging);
    let rejects = Paper::default();
    let report = import(&fixture, file(b"phone\n2015550500\n", &rejects)).await.unwrap();
    assert_eq!(report.landed, 1);
    assert_eq!(leads(&fixture).await, 1);
}

#[tokio::test]
async fn do_not_call_numbers_come_with_or_without_a_header() {
    let fixture = Fixture::new(0).await;
    let numbers = |content: &[u8], rejects: &Paper| NumberFile {
        source: Box::new(Cursor::new(content.to_vec())),
        country: Country::new("US").unwrap(),
        mapped: Vec::new(),
        rejects: Some(Box::new(rejects.clone())),
        skip_bad: true,
    };
    let rejects = Paper::default();
    let plain = numbers(b"2015550100\n(201) 555-0101\n2015550100\nx\n", &rejects);
    let report = import_numbers(&fixture.store, plain, Some("state list"), at(1)).await.unwrap();
    assert_eq!((report.landed, report.duplicates_in_file, report.bad), (2, 1, 1));
    assert!(rejects.text().contains("4,phone1,not a telephone number"), "{}", rejects.text());

    let mended = numbers(rejects.text().replace(",x\n", ",2015550102\n").as_bytes(), &rejects);
    let report = import_numbers(&fixture.store, mended, None, at(2)).await.unwrap();
    assert_eq!((report.landed, report.bad), (1, 0));
    let table = numbers(b"Name;Telefon\nAna;2015550103\n", &rejects);
    assert_eq!(import_numbers(&fixture.store, table, None, at(2)).await.unwrap().landed, 1);

    let list = fixture.books().dnc(None, 9).await.unwrap();
    assert_eq!(list.len(), 4);
    assert_eq!(list[0].reason.as_deref(), Some("state list"));
    assert_eq!(fixture.books().dnc(Some(list[1].number), 9).await.unwrap(), list[2..]);
}

#[tokio::test]
async fn an_import_beside_a_dialer_lands_and_the_dialer_goes_on() {
    let fixture = Fixture::new(1).await;
    let beside = Store::beside(fixture.folder.path()).await.unwrap();
    let staging = beside.stage_leads(fixture.campaign, "beside", at(0)).await.unwrap();
    staging.stage((100..110).map(lead).map(ready).collect()).await.unwrap();
    let busy = fixture.store.stage_leads(fixture.campaign, "other", at(0)).await;
    assert!(matches!(busy, Err(StoreError::Busy)));

    let [first] = &fixture.due(9, at(1)).await[..] else { panic!("only what has landed is due") };
    fixture.begin(1, first, at(1)).await.unwrap();
    staging.land(|_| ()).await.unwrap();
    assert_eq!(fixture.due(99, at(1)).await.len(), 10);
    let claimed = beside.due_leads(fixture.campaign, LeadOrder::NewFirst, 9, at(9)).await;
    assert!(claimed.is_ok_and(|(leads, _)| leads.is_empty()));
}

#[tokio::test]
async fn a_start_while_an_import_is_under_way_leaves_it_alone() {
    let fixture = Fixture::new(0).await;
    let (folder, campaign) = (fixture.folder.path().to_owned(), fixture.campaign);
    let beside = Store::beside(&folder).await.unwrap();
    let staging = beside.stage_leads(campaign, "beside", at(0)).await.unwrap();
    staging.stage(vec![ready(lead(1))]).await.unwrap();
    fixture.store.close().await;
    let (restarted, _) = Store::open(&folder, at(5)).await.unwrap();
    assert_eq!(staging.land(|_| ()).await.unwrap(), 1);
    let counts = restarted.books().lead_counts(campaign, at(5)).await.unwrap();
    assert_eq!(counts.total(), 1);
}
