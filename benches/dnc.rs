//! What a national do-not-call list costs: made of a file of 15 million lines, made of 240 million
//! numbers, and asked. Prints figures; `cargo bench --bench dnc`.

#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a stopwatch")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use outdial::compliance::{ListId, ListKind, PageWriter, Pages};
use outdial::domain::{Country, PhoneNumber};
use outdial::store::lists::{ListPlan, ListSource, build, in_huge_pages, open, path_of};

/// Rows of the file.
const ROWS: u32 = 15_000_000;
/// Numbers of the national list.
const NUMBERS: u32 = 240_000_000;
/// Area codes in use (335 geographic ones in the United States), and the exchanges of each that
/// are: of 792 that can be, about two thirds are assigned.
const AREAS: u32 = 335;
const EXCHANGES: u32 = 530;
/// Numbers asked for.
const ASKED: usize = 10_000_000;
/// Questions that are timed together.
const BATCH: usize = 500;
/// A load is the best of so many: the machine may have other work.
const RUNS: usize = 3;

fn main() {
    // `cargo test --benches` runs it without measuring.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, in_order) in [("a registry's file, in order", true), ("the same, shuffled", false)] {
        let file = folder.path().join("list.txt");
        write_file(&file, in_order);
        let (rows, memory, best, cpu) = load(folder.path(), &file);
        println!(
            "load, {name}: {rows} rows in {:.2} s, {:.1} million rows a second ({:.2} s of processor \
             time in two threads), {:.0} MB of memory",
            best.as_secs_f64(),
            f64::from(rows) / best.as_secs_f64() / 1e6,
            cpu.as_secs_f64(),
            memory as f64 / 1e6,
        );
    }
    ask(folder.path());
}

fn load(data: &Path, file: &Path) -> (u32, usize, Duration, Duration) {
    let plan = ListPlan {
        id: ListId::new("bench").unwrap(),
        kind: ListKind::Registry,
        country: Country::US,
        as_of: "2026-11-01".parse().unwrap(),
        column: None,
        skip_bad: false,
    };
    let (mut best, mut least, mut memory) = (Duration::MAX, Duration::MAX, 0);
    for _ in 0..RUNS {
        let bytes = Box::new(File::open(file).unwrap());
        let sources = vec![ListSource { name: "list.txt".into(), bytes }];
        let (began, used) = (Instant::now(), cpu());
        let built = build(data, &plan, sources, |_| Ok(()), |_| {}, Timestamp::UNIX_EPOCH).unwrap();
        best = best.min(began.elapsed());
        least = least.min(cpu() - used);
        assert_eq!((built.bad, built.rows), (0, u64::from(ROWS)));
        memory = built.memory;
    }
    let began = Instant::now();
    let list = open(&path_of(data, &plan.id)).unwrap();
    println!(
        "open and verify {:.0} MB: {:.3} s",
        list.header().bytes as f64 / 1e6,
        began.elapsed().as_secs_f64()
    );
    (ROWS, memory, best, least)
}

/// A number that may be on a list, by chance.
fn draw(chance: &mut Pcg64Mcg) -> u64 {
    let (area, exchange) = (chance.random_range(0..AREAS), chance.random_range(0..EXCHANGES));
    first_of(area, exchange) + chance.random_range(0..10_000)
}

/// The first number of an exchange.
fn first_of(area: u32, exchange: u32) -> u64 {
    let (area, exchange) = (201 + area * 2, 200 + exchange * 3 / 2);
    u64::from(area) * 10_000_000 + u64::from(exchange) * 10_000
}

/// User and system time of the process.
fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let time = |value: TimeVal| Duration::from_micros(value.num_microseconds() as u64);
    time(usage.user_time()) + time(usage.system_time())
}

/// The time of one question in the median batch: what else the machine does falls on few of them.
fn median_ns(numbers: &[PhoneNumber], mut ask: impl FnMut(&[PhoneNumber])) -> f64 {
    let time = |batch: &[PhoneNumber]| {
        let began = Instant::now();
        ask(batch);
        began.elapsed()
    };
    let mut times: Vec<Duration> = numbers.chunks_exact(BATCH).map(time).collect();
    times.sort_unstable();
    times[times.len() / 2].as_nanos() as f64 / BATCH as f64
}

/// Half as the FTC writes them, half plain.
fn write_file(file: &Path, in_order: bool) {
    let mut chance = Pcg64Mcg::seed_from_u64(1);
    let mut numbers: Vec<u64> = (0..ROWS).map(|_| draw(&mut chance)).collect();
    if in_order {
        numbers.sort_unstable();
    }
    let mut out = BufWriter::new(File::create(file).unwrap());
    for (row, number) in numbers.into_iter().enumerate() {
        match row % 2 {
            0 => writeln!(out, "{number}").unwrap(),
            _ => writeln!(out, "{},{:07}", number / 10_000_000, number % 10_000_000).unwrap(),
        }
    }
    out.flush().unwrap();
}

fn ask(folder: &Path) {
    let mut chance = Pcg64Mcg::seed_from_u64(2);
    let mut writer = PageWriter::new();
    // As many of each exchange, so that they are made in seconds.
    let exchanges = (0..AREAS).flat_map(|area| (0..EXCHANGES).map(move |next| (area, next)));
    for (place, (area, exchange)) in exchanges.enumerate() {
        let all = u64::from(AREAS * EXCHANGES);
        let share = |place: u64| u64::from(NUMBERS) * place / all;
        let mut missing = share(place as u64 + 1) - share(place as u64);
        while missing > 0 {
            let line = chance.random_range(0..10_000);
            missing -= u64::from(writer.add(10_000_000_000 + first_of(area, exchange) + line));
        }
    }
    let file = folder.join("pages");
    let mut out = BufWriter::new(File::create(&file).unwrap());
    writer.write(&mut out).unwrap();
    out.flush().unwrap();
    println!(
        "{NUMBERS} numbers at random: {:.1} MB in memory and on the disk while they are \
         asked, {:.0} MB while they are made",
        fs::metadata(&file).unwrap().len() as f64 / 1e6,
        writer.memory() as f64 / 1e6
    );
    drop(writer);
    // As a list is held that has been opened.
    let bytes = in_huge_pages(&fs::read(&file).unwrap().into()).unwrap();
    let pages = Pages::open(bytes).unwrap();
    let numbers: Vec<PhoneNumber> = (0..ASKED)
        .map(|_| PhoneNumber::from_e164(&format!("+1{}", draw(&mut chance))).unwrap())
        .collect();
    let found = numbers.iter().filter(|number| pages.hold(number.digits())).count();
    let median = median_ns(&numbers, |batch| {
        black_box(batch.iter().filter(|number| pages.hold(black_box(number.digits()))).count());
    });
    println!("lookup: {median:.1} ns, {found} of {ASKED} listed");
    // Each number hangs on the answer before, so that no two are asked side by side.
    let median = median_ns(&numbers, |batch| {
        let last = batch
            .iter()
            .fold(0, |last, number| u64::from(pages.hold(black_box(number.digits() ^ last))));
        black_box(last);
    });
    println!("lookup, one after the other: {median:.1} ns");
}
