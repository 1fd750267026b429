//! What an auditor is given (16 CFR 310.5: call records and the do-not-call evidence, five years).

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{Fault, Run, print};
use super::Export;
use crate::api::{CallBody, calls_as_csv};
use crate::audit::{
    Commitment, FOLDER, Key, PROOFS, Record, day_files, proofs_folder, proofs_of, read_day, sha256,
};
use crate::clock;
use crate::compliance::tzdb_version;
use crate::domain::CampaignId;
use crate::server::evidence::TEXTS;
use crate::store::{Books, CallFilter};

/// Calls that are read at once.
const PAGE: u32 = 1_000;

/// The columns of `decisions.csv`.
const COLUMNS: [&str; 12] = [
    "seq",
    "at",
    "call",
    "lead",
    "number",
    "caller_id",
    "rulebooks",
    "tzdb",
    "local_times",
    "rules_that_allow",
    "rules_not_concerned",
    "hash",
];

pub(super) async fn export(args: &Export) -> Run {
    let data = &args.data.data;
    let books = Books::open(data).await?;
    let campaign = books.campaign(&args.campaign).await?.ok_or_else(|| {
        Fault::failed(format!("there is no campaign {} in the books", args.campaign))
    })?;
    let mut bundle = Bundle::new(&args.out)?;
    let (decisions, named) = decisions(&mut bundle, args, &books, campaign).await?;
    let calls = calls(&mut bundle, args, &books, campaign).await?;
    chain(&mut bundle, data)?;
    let missing = proofs(&mut bundle, data, &named)?;
    bundle.finish(args, decisions, calls, &missing)?;
    let mut told = format!("{decisions} decisions and {calls} calls in {}", args.out.display());
    if !missing.is_empty() {
        let count = missing.len();
        told += &format!(
            "\n{count} documents that decisions name are not kept here: manifest.json names them"
        );
    }
    print::text(&told)?;
    Ok(ExitCode::SUCCESS)
}

/// A folder in the making, and what is in it.
struct Bundle {
    folder: PathBuf,
    files: Vec<Value>,
}

impl Bundle {
    fn new(folder: &Path) -> Result<Self, Fault> {
        // It has whole telephone numbers.
        DirBuilder::new().mode(0o700).create(folder).map_err(|error| {
            Fault::failed(format!("{} cannot be made: {error}", folder.display()))
        })?;
        Ok(Self { folder: folder.to_owned(), files: Vec::new() })
    }

    fn file(&self, name: &str) -> std::io::Result<BufWriter<File>> {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(BufWriter::new(file))
    }

    /// The file is complete.
    fn add(&mut self, name: &str) -> std::io::Result<()> {
        let bytes = fs::read(self.folder.join(name))?;
        self.files.push(json!({ "file": name, "bytes": bytes.len(), "sha256": sha256(&bytes) }));
        Ok(())
    }

    fn copy(&mut self, from: &Path, name: &str) -> std::io::Result<()> {
        let mut file = self.file(name)?;
        std::io::copy(&mut File::open(from)?, &mut file)?;
        file.flush()?;
        self.add(name)
    }

    /// The manifest, signed with the key of the data folder.
    fn finish(
        self,
        args: &Export,
        decisions: u64,
        calls: u64,
        missing: &[&String],
    ) -> Result<(), Fault> {
        let key = Key::load_or_create(&args.data.data)?;
        let manifest = json!({
            "campaign": args.campaign,
            "from": args.from,
            "to": args.to,
            "made_at": clock::now(),
            "outdial": env!("CARGO_PKG_VERSION"),
            "tzdb": tzdb_version(),
            "decisions": decisions,
            "calls": calls,
            "proofs_missing": missing,
            "files": self.files,
        });
        let text = serde_json::to_string_pretty(&manifest)? + "\n";
        self.file("manifest.json")?.write_all(text.as_bytes())?;
        let signature = format!("{}\n{}\n", key.public(), key.sign(&text));
        self.file("manifest.json.sig")?.write_all(signature.as_bytes())?;
        Ok(())
    }
}

/// Every decision of the campaign in that time, as it stands in the chain and as a table: how many
/// were dialed, and the documents that they name.
async fn decisions(
    bundle: &mut Bundle,
    args: &Export,
    books: &Books,
    campaign: CampaignId,
) -> Result<(u64, BTreeSet<String>), Fault> {
    let of_it = |record: &Record| {
        let during = record.at >= args.from && record.at < args.to;
        let body = record.body.get("campaign");
        during && (body.is_none() || body.and_then(Value::as_i64) == Some(campaign.0))
    };
    let (mut lines, mut dialed, mut named) = (bundle.file("decisions.jsonl")?, 0, BTreeSet::new());
    let mut table = csv::Writer::from_writer(bundle.file("decisions.csv")?);
    let mut salts = csv::Writer::from_writer(bundle.file("numbers.csv")?);
    table.write_record(COLUMNS)?;
    salts.write_record(["commitment", "salt", "number"])?;
    for (_, path) in day_files(&args.data.data)? {
        let mut found = Vec::new();
        read_day(&path, |_, line, record| {
            if let Ok(record) = record
                && of_it(&record)
            {
                found.push((line.to_owned(), record));
            }
        })?;
        for (line, record) in found {
            writeln!(lines, "{line}")?;
            let word = record.body["number"]["commitment"].as_str().unwrap_or_default().to_owned();
            let known = match Commitment::read(&word) {
                Some(hash) => books.committed(&hash).await?,
                None => None,
            };
            if let Some((number, salt)) = known {
                salts.write_record([&word, &hex(&salt), &number.to_e164()])?;
            }
            if record.kind == "dial" {
                dialed += 1;
                named.extend(proofs_of(&record.body));
                let number = known.map_or("erased".to_owned(), |(number, _)| number.to_e164());
                table.write_record(row(&record, number))?;
            }
        }
    }
    lines.flush()?;
    table.flush()?;
    salts.flush()?;
    for name in ["decisions.jsonl", "decisions.csv", "numbers.csv"] {
        bundle.add(name)?;
    }
    Ok((dialed, named))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn row(record: &Record, number: String) -> [String; 12] {
    let (body, evaluation) = (&record.body, &record.body["evaluation"]);
    let word = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let list = |value: &Value, each: &dyn Fn(&Value) -> String| {
        let values = value.as_array().map_or(&[][..], Vec::as_slice);
        values.iter().map(each).collect::<Vec<_>>().join("; ")
    };
    let rules = |ruling: &str| {
        let results = evaluation["results"].as_array().map_or(&[][..], Vec::as_slice);
        let of_it = results.iter().filter(|result| result["ruling"] == ruling);
        of_it.map(|result| word(&result["rule"])).collect::<Vec<_>>().join("; ")
    };
    [
        record.seq.to_string(),
        record.at.to_string(),
        word(&body["call"]),
        word(&body["lead"]),
        number,
        word(&body["caller_id"]),
        list(&evaluation["rulebooks"], &|book| {
            format!("{} {} {}", word(&book["id"]), word(&book["version"]), word(&book["sha256"]))
        }),
        word(&evaluation["tzdb"]),
        list(&evaluation["clocks"], &|clock| format!("{} {}", word(&clock[1]), word(&clock[0]))),
        rules("allows"),
        rules("not_concerned"),
        record.hash.clone(),
    ]
}

/// The call records, as `outdial calls --csv` has them.
async fn calls(
    bundle: &mut Bundle,
    args: &Export,
    books: &Books,
    campaign: CampaignId,
) -> Result<u64, Fault> {
    let (since, until): (Option<Timestamp>, _) = (Some(args.from), Some(args.to));
    let filter = CallFilter { campaign: Some(campaign), since, until, number: None };
    let (mut out, mut after, mut count) = (bundle.file("calls.csv")?, None, 0);
    loop {
        let calls = books.calls(filter, after, PAGE).await?;
        let (first, last) = (after.is_none(), calls.len() < PAGE as usize);
        count += calls.len() as u64;
        after = calls.last().map(|call| call.record.call).or(after);
        out.write_all(&calls_as_csv(calls.into_iter().map(CallBody::from), first)?)?;
        if last {
            break;
        }
    }
    out.flush()?;
    bundle.add("calls.csv")?;
    Ok(count)
}

/// The chain, whole, so that the bundle is verified by itself: it names nobody. And the texts.
fn chain(bundle: &mut Bundle, data: &Path) -> Result<(), Fault> {
    for folder in [PathBuf::from(FOLDER), Path::new(FOLDER).join(TEXTS)] {
        let Ok(entries) = fs::read_dir(data.join(&folder)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let part = path.extension().is_some_and(|extension| extension == "part");
            if path.is_file() && !part {
                let name = folder.join(path.file_name().unwrap_or_default());
                bundle.copy(&path, &name.to_string_lossy())?;
            }
        }
    }
    Ok(())
}

/// The documents that the decisions name; those that are not there.
fn proofs<'a>(
    bundle: &mut Bundle,
    data: &Path,
    named: &'a BTreeSet<String>,
) -> Result<Vec<&'a String>, Fault> {
    let mut missing = Vec::new();
    for hash in named {
        let file = proofs_folder(data).join(hash);
        if file.is_file() {
            let name = Path::new(FOLDER).join(PROOFS).join(hash);
            bundle.copy(&file, &name.to_string_lossy())?;
        } else {
            missing.push(hash);
        }
    }
    Ok(missing)
}
