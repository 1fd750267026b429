//! `outdial campaign`: what the campaigns do, and whether they do it.

use super::client::{Shown, campaign_name};
use super::{Run, print, why};
use crate::api::{
    CalibrationBody, CampaignBody, CampaignDetail, DetectorBody, MisjudgedBody, PhaseBody,
    ReliabilityBody, WindowBody,
};

const EXAMPLES: &str = "\
Examples:
  outdial campaign list
  outdial campaign start spring
  outdial campaign status spring --json
  outdial campaign pause spring       stops dialing within a second; live calls go on
  outdial campaign why spring --since 2m --follow";

/// Campaigns of a running server: list, start, pause, stop, status
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every campaign, a line each
    List(Shown),
    /// Stop dialing; live calls go on and the leads in hand are kept
    Pause(Named),
    /// Dial, as long as agents are logged in
    Start(Named),
    /// Everything about one campaign, and why it dials as it does
    Status(Named),
    /// Stop dialing; live calls go on and the leads in hand are given back
    Stop(Named),
    /// What was decided in the last minutes, and why: a sentence each
    Why(why::Args),
}

#[derive(Debug, clap::Args)]
struct Named {
    /// The campaign, by its name in the configuration
    #[arg(value_name = "NAME", value_parser = campaign_name)]
    name: String,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::List(shown) => list(&shown),
        Action::Pause(named) => act(&named, "pause"),
        Action::Start(named) => act(&named, "start"),
        Action::Status(named) => status(&named),
        Action::Stop(named) => act(&named, "stop"),
        Action::Why(args) => why::run(&args),
    }
}

fn list(shown: &Shown) -> Run {
    let campaigns: Vec<CampaignBody> = shown.server.client()?.get("/v1/campaigns")?;
    if shown.json {
        return print::json(&campaigns);
    }
    let mut table =
        print::table(["campaign", "phase", "calls", "agents", "answered", "abandoned", "why"]);
    for campaign in &campaigns {
        table.add_row([
            campaign.name.clone(),
            campaign.phase.to_string(),
            total(calls(campaign)).to_string(),
            total(agents(campaign)).to_string(),
            percent(campaign.answer_rate),
            percent(campaign.abandonment_rate),
            campaign.why.as_ref().map(|why| why.sentence.clone()).unwrap_or_default(),
        ]);
    }
    print::text(&table)
}

fn act(named: &Named, action: &str) -> Run {
    let path = format!("/v1/campaigns/{}/{action}", named.name);
    let campaign: CampaignBody =
        named.shown.server.client()?.post(&path, &serde_json::json!({}))?;
    if named.shown.json {
        return print::json(&campaign);
    }
    let live = match total(calls(&campaign)) {
        0 => String::new(),
        live => format!("; {live} in progress"),
    };
    print::text(&format!("{}{live}", headline(&campaign)))
}

fn status(named: &Named) -> Run {
    let path = format!("/v1/campaigns/{}", named.name);
    let detail: CampaignDetail = named.shown.server.client()?.get(&path)?;
    if named.shown.json { print::json(&detail) } else { print::text(&told(&detail)) }
}

/// The campaign in lines for a person.
fn told(detail: &CampaignDetail) -> String {
    let CampaignDetail { campaign, leads, ledger, misjudged } = detail;
    let totals = &campaign.totals;
    let mut lines = vec![
        headline(campaign),
        format!("  calls        {}", by_state(calls(campaign))),
        format!("  agents       {}", by_state(agents(campaign))),
        format!(
            "  leads        {} new, {} due, {} later, {} in hand, {} closed",
            leads.new, leads.due, leads.later, leads.claimed, leads.closed
        ),
        format!(
            "  since start  {} dialed, {} answered, {} people, {} talks, {} abandoned, {} refused",
            totals.dialed,
            totals.answered,
            totals.people,
            totals.talks,
            totals.abandoned,
            totals.refused
        ),
        format!("  answered     {} by a person", percent(campaign.answer_rate)),
        format!(
            "  abandoned    {} since start, {} in 30 days ({} of {}, calls not connected yet \
             among them); at most {}",
            percent(campaign.abandonment_rate),
            percent(ledger.abandonment_rate),
            ledger.abandoned,
            ledger.abandoned + ledger.live,
            percent(Some(campaign.abandonment_target))
        ),
    ];
    lines.extend(campaign.windows.iter().map(window));
    let told = |calibration: &&CalibrationBody| calibration.people.ratio.is_some();
    lines.extend(campaign.calibration.as_ref().filter(told).map(forecasts));
    lines.extend(campaign.detector.as_ref().map(detector));
    lines.extend(kept_people(misjudged));
    if let Some(seconds) = campaign.talk_s_per_agent_hour {
        lines.push(format!("  talk         {:.1} min per agent-hour", seconds / 60.0));
    }
    if let Some(at) = campaign.next_lead_at {
        lines.push(format!("  next lead    {at}"));
    }
    lines.join("\n")
}

/// `  forecasts    people 1.06 (0.81 to 1.35) of those expected, agents 0.98 (0.80 to 1.20)`
fn forecasts(calibration: &CalibrationBody) -> String {
    let share = |of: &ReliabilityBody| match (of.ratio, of.ratio_low, of.ratio_high) {
        (Some(ratio), Some(low), Some(high)) => format!("{ratio:.2} ({low:.2} to {high:.2})"),
        _ => "-".to_owned(),
    };
    let (people, agents) = (share(&calibration.people), share(&calibration.agents));
    let off = calibration.off.as_ref().map(|off| format!("; off: {off}")).unwrap_or_default();
    format!("  forecasts    people {people} of those expected, agents {agents}{off}")
}

/// `  detector     9 of 200 words contradicted by agents (4.5 %)`, and the alarm.
fn detector(of: &DetectorBody) -> String {
    let share = |part: u32, whole: u32| percent(Some(f64::from(part) / f64::from(whole.max(1))));
    let (all, recent) =
        (share(of.contradicted, of.judged), share(of.recent_contradicted, of.recent));
    let alarm = match of.drifts {
        true => format!(
            "; it drifts: {recent} of the last {}, fit it anew with outdial amd calibrate",
            of.recent
        ),
        false => String::new(),
    };
    let DetectorBody { judged, contradicted, .. } = of;
    format!("  detector     {contradicted} of {judged} words contradicted by agents ({all}){alarm}")
}

/// `  misjudged    4.0 % (1.6 to 9.8) of those called machines were people, ...`
fn kept_people(of: &MisjudgedBody) -> Option<String> {
    let (share, people) = (of.share?, of.people_kept?);
    let (low, high) = (of.share_low.unwrap_or(0.0) * 100.0, of.share_high.unwrap_or(1.0) * 100.0);
    Some(format!(
        "  misjudged    {} ({low:.1} to {high:.1}) of those called machines were people, by {} of {} \
         samples: about {people:.0} of {} in 30 days",
        percent(Some(share)),
        of.people,
        of.sampled,
        of.kept,
    ))
}

/// `  30 days      12 of 600 abandoned (2.0 %), at most 3.0 %: 6 left; above it at the end: 0.1 %`
fn window(window: &WindowBody) -> String {
    let WindowBody { abandoned, people, left, .. } = window;
    let (rate, limit) = (percent(window.rate), percent(Some(window.limit)));
    format!(
        "  {:<12} {abandoned} of {people} abandoned ({rate}), at most {limit}: {left} left; above it \
         at the end {}, until {}",
        window.window,
        percent(window.overrun),
        window.ends_at,
    )
}

/// `spring is running: 2 of 3 agents are ready`; why it does not dial is clear when it may not.
fn headline(campaign: &CampaignBody) -> String {
    let CampaignBody { name, phase, why, .. } = campaign;
    match (phase, why) {
        (PhaseBody::Running, Some(why)) => format!("{name} is {phase}: {}", why.sentence),
        (PhaseBody::Paused | PhaseBody::Running | PhaseBody::Stopped, _) => {
            format!("{name} is {phase}")
        }
    }
}

fn calls(campaign: &CampaignBody) -> [(&'static str, u32); 9] {
    let calls = campaign.calls;
    [
        ("ringing", calls.ringing),
        ("screening", calls.screening),
        ("waiting", calls.waiting),
        ("joining", calls.joining),
        ("bridged", calls.bridged),
        ("parked", calls.parked),
        ("linked", calls.linked),
        ("messaging", calls.messaging),
        ("leaving", calls.leaving),
    ]
}

fn agents(campaign: &CampaignBody) -> [(&'static str, u32); 5] {
    let agents = campaign.agents;
    [
        ("ready", agents.ready),
        ("reserved", agents.reserved),
        ("talking", agents.talking),
        ("wrap-up", agents.wrap_up),
        ("paused", agents.paused),
    ]
}

fn total<const N: usize>(counts: [(&str, u32); N]) -> u32 {
    counts.iter().map(|(_, count)| count).sum()
}

/// `12: 8 ringing, 4 bridged`, or `none`.
fn by_state<const N: usize>(counts: [(&str, u32); N]) -> String {
    let there = counts.iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> = there.map(|(state, count)| format!("{count} {state}")).collect();
    match total(counts) {
        0 => "none".to_owned(),
        total => format!("{total}: {}", words.join(", ")),
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_without_anybody_are_left_out() {
        assert_eq!(
            by_state([("ready", 2), ("paused", 0), ("talking", 1)]),
            "3: 2 ready, 1 talking"
        );
        assert_eq!(by_state([("ready", 0)]), "none");
    }

    #[test]
    fn a_window_says_what_is_used_and_what_is_left() {
        let day = WindowBody {
            window: "30 days".to_owned(),
            begins_at: jiff::Timestamp::UNIX_EPOCH,
            ends_at: jiff::Timestamp::UNIX_EPOCH,
            limit: 0.03,
            people: 600,
            abandoned: 12,
            rate: Some(0.02),
            left: 6,
            still_expected: Some(600.0),
            overrun: Some(0.001),
        };
        let shown = "  30 days      12 of 600 abandoned (2.0 %), at most 3.0 %: 6 left; above it at \
                     the end 0.1 %, until 1970-01-01T00:00:00Z";
        assert_eq!(window(&day), shown);
    }

    #[test]
    fn a_rate_of_nothing_is_a_dash() {
        assert_eq!(percent(None), "-");
        assert_eq!(percent(Some(0.031)), "3.1 %");
    }
}
