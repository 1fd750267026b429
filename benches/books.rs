//! What the books take: attempts committed in groups, leads claimed, a million rows imported.
//!
//! `cargo bench --bench books [-- ROWS]`; prints one line a figure. Files go to a temporary folder
//! of the disk that `TMPDIR` is on: what a commit costs is that disk's figure. Beside ROWS: `--campaigns
//! N` imports the file into so many campaigns before anything is claimed, so that the leads of one are
//! looked for among all; `--store postgres://...` (an empty database: `scripts/postgres`) has the books
//! there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use nix::sys::resource::{UsageWho, getrusage};
use outdial::clock;
use outdial::dialer::Record;
use outdial::domain::{CallId, CampaignId, Country, Lead, LeadOrder};
use outdial::store::import::{LeadFile, import_leads};
use outdial::store::{AttemptBegun, Store};
use tokio::task::JoinSet;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Attempts that wait for their commits at once: a dialer that starts a hundred calls a second
/// has fewer.
const ATTEMPTS_AT_ONCE: usize = 200;
const ATTEMPTS: u32 = 20_000;

/// What is measured.
#[derive(clap::Parser)]
struct Args {
    /// Rows of the file
    #[arg(default_value_t = 1_000_000)]
    rows: u64,
    /// Campaigns that the file is imported into
    #[arg(long, default_value_t = 1)]
    campaigns: u32,
    /// The books' database; a file of SQLite's without
    #[arg(long)]
    store: Option<String>,
    /// Said by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Fault::from)
        .and_then(|runtime| runtime.block_on(measure(&args)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("books: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: &Args) -> Result<(), Fault> {
    let folder = tempfile::TempDir::new()?;
    let data = folder.path().join("data");
    let file = folder.path().join("leads.csv");
    let rows = args.rows;
    write_leads(&file, rows)?;
    println!("file                {rows} rows, {} MB", file.metadata()?.len() / 1_000_000);
    if let Some(url) = &args.store {
        outdial::store::keep_in(&data, url)?;
    }
    Store::open(&data, clock::now()).await?.0.close().await;

    // The first one last: its leads lie behind all others.
    for campaign in (0..args.campaigns).rev() {
        import_alone(&data, &file, campaign, rows).await?;
    }
    let (store, _) = Store::open(&data, clock::now()).await?;
    let campaign = store.campaign_id(&name(0)).await?;
    let of = u64::from(args.campaigns) * rows;
    let leads = claim(&store, campaign, of).await?;
    attempts(&store, campaign, leads).await?;
    import_beside(&data, &file, &store, campaign).await?;
    store.close().await;
    Ok(())
}

fn name(campaign: u32) -> String {
    format!("bench {campaign}")
}

async fn import_alone(data: &Path, file: &Path, campaign: u32, rows: u64) -> Result<(), Fault> {
    let store = Store::beside(data).await?;
    let campaign = store.campaign_id(&name(campaign)).await?;
    let (began, cpu) = (clock::now(), cpu_s()?);
    let report =
        import_leads(&store, campaign, lead_file(file)?, Arc::new(|_| ()), clock::now()).await?;
    let (seconds, cpu) = (seconds_since(began), cpu_s()? - cpu);
    store.close().await;
    println!(
        "import              {} landed in {seconds:.1} s ({:.0} rows/s, {cpu:.1} s of CPU), peak memory \
         {} MB",
        report.landed,
        rows as f64 / seconds,
        peak_mb()?
    );
    Ok(())
}

/// The hopper's question, over and over, on a campaign of many leads: who is due is looked for alone,
/// and as the dialer does it, who claims them and has that committed.
async fn claim(store: &Store, campaign: CampaignId, of: u64) -> Result<Vec<Lead>, Fault> {
    let (mut leads, mut found, mut claimed) = (Vec::new(), Vec::new(), Vec::new());
    while leads.len() < ATTEMPTS as usize {
        let asked = clock::now();
        let next = store.books().next_leads(campaign, 1_000, asked).await?;
        found.push(clock::now().duration_since(asked));
        let asked = clock::now();
        let (more, _) = store.due_leads(campaign, LeadOrder::NewFirst, 1_000, asked).await?;
        claimed.push(clock::now().duration_since(asked));
        if more.is_empty() {
            break;
        }
        if !next.iter().eq(more.iter().map(|lead| &lead.id)) {
            return Err("those who are claimed are not those who were found".into());
        }
        leads.extend(more);
    }
    for (what, mut times) in [("found", found), ("claimed, committed", claimed)] {
        times.sort_unstable();
        let at = |share| ms(&times, share);
        println!(
            "due leads           the next 1,000 of {of} {what} in {:.1} ms in the middle, {:.1} ms at worst of {}",
            at(0.5),
            at(1.0),
            times.len(),
        );
    }
    Ok(leads)
}

/// Of times in order, the one below which this share of them lies, in milliseconds.
fn ms(times: &[SignedDuration], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
}

async fn attempts(store: &Store, campaign: CampaignId, leads: Vec<Lead>) -> Result<(), Fault> {
    let (count, began) = (leads.len(), clock::now());
    let mut leads = (1..).zip(leads);
    let mut at_once = JoinSet::new();
    let mut waits = Vec::with_capacity(count);
    loop {
        while at_once.len() < ATTEMPTS_AT_ONCE
            && let Some((call, lead)) = leads.next()
        {
            at_once.spawn(attempt(store.clone(), campaign, CallId(call), lead));
        }
        let Some(waited) = at_once.join_next().await else { break };
        waits.push(waited??);
    }
    let seconds = seconds_since(began);
    waits.sort_unstable();
    let at = |share| ms(&waits, share);
    println!(
        "attempts            {count} begun and committed in {seconds:.1} s ({:.0}/s, {} at once; \
         waited {:.1} ms in the middle, {:.1} ms at 99 %)",
        count as f64 / seconds,
        ATTEMPTS_AT_ONCE,
        at(0.5),
        at(0.99)
    );
    let began = clock::now();
    let calls: Vec<i64> = (1..=count as i64).collect();
    for calls in calls.chunks(100) {
        let at = clock::now();
        let answered = calls.iter().map(|call| Record::Answered { call: CallId(*call), at });
        store.record_all(answered.collect(), at).await?;
    }
    let seconds = seconds_since(began);
    println!("records             {:.0}/s in batches of 100", count as f64 / seconds);
    Ok(())
}

async fn attempt(
    store: Store,
    campaign: CampaignId,
    call: CallId,
    lead: Lead,
) -> Result<SignedDuration, Fault> {
    let at = clock::now();
    let begun = AttemptBegun {
        call,
        lead: lead.id,
        campaign,
        number: lead.number,
        caller_id: None,
        sip_call_id: None,
        trunk: Some("main".to_owned()),
        at,
        commitment: None,
    };
    store.begin_attempt(begun).await?;
    Ok(clock::now().duration_since(at))
}

/// A second campaign's file, while a dialer asks for a commit every 10 ms: how long it waits.
async fn import_beside(
    data: &Path,
    file: &Path,
    store: &Store,
    campaign: CampaignId,
) -> Result<(), Fault> {
    let began = clock::now();
    let beside = Store::beside(data).await?;
    let other = beside.campaign_id("beside").await?;
    let source = lead_file(file)?;
    let import = tokio::spawn(async move {
        let report = import_leads(&beside, other, source, Arc::new(|_| ()), clock::now()).await;
        beside.close().await;
        report
    });
    let mut waits = Vec::new();
    while !import.is_finished() {
        let asked = clock::now();
        store.due_leads(campaign, LeadOrder::NewFirst, 1, asked).await?;
        waits.push(clock::now().duration_since(asked));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let report = import.await??;
    waits.sort_unstable();
    let at = |share| ms(&waits, share);
    println!(
        "import beside       {} landed in {:.1} s; the dialer's commits took {:.1} ms in the \
         middle, {:.0} ms at 99 %, {:.0} ms at worst",
        report.landed,
        seconds_since(began),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    Ok(())
}

fn lead_file(file: &Path) -> Result<LeadFile, Fault> {
    Ok(LeadFile {
        source: Box::new(File::open(file)?),
        name: "leads.csv".to_owned(),
        country: Country::new("US").ok_or("no such country")?,
        mapped: Vec::new(),
        rejects: Some(Box::new(std::io::sink())),
        skip_bad: false,
    })
}

/// Different valid numbers, in an order that is not theirs, written as people write them.
fn write_leads(file: &Path, rows: u64) -> Result<(), Fault> {
    const EXCHANGES: u64 = 700;
    const AREAS: [u64; 8] = [201, 212, 305, 312, 415, 512, 617, 702];
    let all = EXCHANGES * 10_000 * AREAS.len() as u64;
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "phone,first name,last name,state,zip,plan,notes")?;
    for row in 0..rows {
        // A step that shares no factor with the count visits each once.
        let index = row * 2_654_435_761 % all;
        let area = AREAS[(index % 8) as usize];
        let (exchange, line) = (220 + index / 8 / 10_000, index / 8 % 10_000);
        writeln!(
            out,
            "({area}) {exchange}-{line:04},First{row},Last{},NJ,{:05},gold,\"called in, {row}\"",
            row % 9_973,
            row % 99_999
        )?;
    }
    Ok(out.flush()?)
}

fn seconds_since(began: Timestamp) -> f64 {
    clock::now().duration_since(began).as_secs_f64()
}

/// What this process has had of the processors: what another machine's share does not change.
fn cpu_s() -> Result<f64, Fault> {
    let used = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(used.user_time()) + seconds(used.system_time()))
}

fn peak_mb() -> Result<u64, Fault> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = peak.ok_or("no VmHWM")?.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1_024)
}
