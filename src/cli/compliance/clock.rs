//! `outdial compliance clock`: how long people waited for an agent.

use std::process::ExitCode;

use jiff::Timestamp;

use crate::api::AgentWaitsBody;
use crate::cli::calls::time;
use crate::cli::client::campaign_name;
use crate::cli::{DataFolder, Fault, Run, print};
use crate::clock;
use crate::domain::WaitFrom;
use crate::store::Books;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The campaign, by its name in the books
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: String,
    /// Answered at or after this [default: the first call]
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Answered before this [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Count from the answer, as the UK does, whatever was heard
    #[arg(long)]
    from_answer: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataFolder,
}

pub(super) fn run(args: &Args) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let body = runtime.block_on(args.read())?;
    if args.json {
        print::json(&body)?;
    } else {
        print::text(&told(&body))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    async fn read(&self) -> Result<AgentWaitsBody, Fault> {
        let books = Books::open(&self.data.data).await?;
        let campaign = books.campaign(&self.campaign).await?;
        let missing =
            || Fault::failed(format!("there is no campaign {} in the books", self.campaign));
        let campaign = campaign.ok_or_else(missing)?;
        let (since, until) =
            (self.since.unwrap_or(Timestamp::UNIX_EPOCH), self.until.unwrap_or_else(clock::now));
        let from = if self.from_answer { WaitFrom::Answer } else { WaitFrom::GreetingEnd };
        Ok(AgentWaitsBody::from(&books.agent_waits(campaign, from, since, until).await?))
    }
}

/// A table of the classes under two sentences.
fn told(body: &AgentWaitsBody) -> String {
    let AgentWaitsBody { people, with_agent, in_time, greeting_heard, hung_up, alone, .. } = body;
    let mut told = format!(
        "{people} people answered: {with_agent} had an agent, {in_time} of them within 2 s of the \
         end of their greeting; {hung_up} hung up before, {alone} had nobody\n\
         the greeting was heard to end in {greeting_heard} calls; of the others the clock runs \
         from the detector's word, or without one from the answer\n"
    );
    let quantiles = [body.median_ms, body.p90_ms, body.p99_ms, body.longest_ms];
    if let [Some(median), Some(p90), Some(p99), Some(longest)] = quantiles {
        told += &format!(
            "half waited {median} ms or less, 90 % {p90} ms, 99 % {p99} ms; the longest {longest} ms\n"
        );
    }
    let mut table = print::table(["up to", "people", "share"]);
    for class in &body.classes {
        let up_to = class.up_to_ms.map_or("longer".to_owned(), |ms| format!("{ms} ms"));
        let share = 100.0 * class.people as f64 / (*with_agent).max(1) as f64;
        table.add_row([up_to, class.people.to_string(), format!("{share:.1} %")]);
    }
    told + &table.to_string()
}
