//! What the dialer's tests are made of: a campaign, leads, and a hand that feeds facts.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{AgentEvent, CampaignPhase, Command, Dialer, DialerConfig, Input, Output};
use crate::call::{CallEvent, EndCause};
use crate::compliance::{Gate, Rulebooks};
use crate::domain::{
    AgentId, Amd, AmdDeadline, AnswerRules, Calendar, CallId, Campaign, CampaignId, Country, Digit,
    Disposition, DispositionRule, Fault, Lead, LeadId, LeadOrder, Outcome, PacingMode, PhoneNumber,
    Recycle, SafeHarbour, Share, Verdict, VerdictKind, WaitFrom,
};

pub(super) fn at(s: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + s).unwrap()
}

/// Busy and no answer are called again after a minute, three times; five attempts in all; two
/// seconds of waiting; wrap-ups of 30 s.
pub(super) fn campaign(id: i64) -> Campaign {
    let again = Recycle { after: SignedDuration::from_secs(60), attempts_max: 3 };
    let disposition = |code: &str, do_not_call, after_s: Option<i64>| DispositionRule {
        code: Disposition(code.to_owned()),
        label: code.to_owned(),
        do_not_call,
        wrong_person: false,
        machine: code == "machine",
        recycle_after: after_s.map(SignedDuration::from_secs),
        required: Default::default(),
    };
    Campaign {
        id: CampaignId(id),
        name: "test".to_owned(),
        country: Country::new("US").unwrap(),
        caller_ids: vec![PhoneNumber::from_e164("+18005550199").unwrap()],
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: vec!["test-carrier".to_owned()],
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(3) },
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(30),
        talk_max: SignedDuration::from_secs(3_600),
        safe_harbour: SafeHarbour { message: None, opt_out: Digit::new('9') },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 5,
        recycling: [(Outcome::Busy, again), (Outcome::NoAnswer, again)].into(),
        dispositions: vec![
            disposition("sale", false, None),
            disposition("later", false, Some(600)),
            disposition("never", true, None),
        ],
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}

/// A number of the built-in test carrier.
pub(super) fn number(n: i64) -> PhoneNumber {
    let area = 201 + n / 100;
    PhoneNumber::from_e164(&format!("+1{area}55501{:02}", n % 100)).unwrap()
}

pub(super) fn lead(id: i64, campaign: i64) -> Lead {
    Lead {
        id: LeadId(id),
        campaign: CampaignId(campaign),
        number: number(id),
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
        facts: Default::default(),
        history: Vec::new(),
        due_at: None,
    }
}

pub(super) fn cause(outcome: Outcome, fault: Fault) -> EndCause {
    EndCause {
        outcome,
        fault,
        by_callee: fault == Fault::Callee,
        sip_status: None,
        q850: None,
        retry_after: None,
        sip_call_id: None,
        trunk: None,
    }
}

/// A dialer and a hand that feeds it; every step is audited.
pub(super) struct Bench {
    pub(super) dialer: Dialer,
    pub(super) now: Timestamp,
    pub(super) said: Vec<Output>,
    next_lead: i64,
}

impl Bench {
    /// A running campaign 1, a full hopper, and so many agents who are ready, 1 and up.
    pub(super) fn new(campaign: Campaign, agents: i64) -> Self {
        let gate = Gate::new(Rulebooks::embedded(), []);
        let dialer = Dialer::new(DialerConfig { first_call: CallId(1), seed: 1, gate });
        let mut bench = Self { dialer, now: at(0), said: Vec::new(), next_lead: 1 };
        bench.command(Command::Campaign(Arc::new(campaign)));
        bench.command(Command::Phase(CampaignId(1), CampaignPhase::Running));
        for agent in 1..=agents {
            bench.log_in(agent);
        }
        bench
    }

    pub(super) fn log_in(&mut self, agent: i64) {
        let campaigns = vec![CampaignId(1)];
        self.agent(agent, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
        self.agent(agent, AgentEvent::Ready);
    }

    pub(super) fn agent(&mut self, agent: i64, event: AgentEvent) {
        self.input(Input::Agent(AgentId(agent), event));
    }

    pub(super) fn call(&mut self, call: i64, event: CallEvent) {
        self.input(Input::Call(CallId(call), event));
    }

    pub(super) fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub(super) fn end(&mut self, call: i64, outcome: Outcome, fault: Fault) {
        self.call(call, CallEvent::Ended(cause(outcome, fault)));
    }

    /// The callee answers and is heard to be a person.
    pub(super) fn person(&mut self, call: i64) {
        self.call(call, CallEvent::Answered);
        self.call(call, CallEvent::Screened(verdict(VerdictKind::Human)));
    }

    /// Lets time pass, waking the dialer whenever it asks.
    pub(super) fn pass(&mut self, s: i64) {
        let until = self.now + SignedDuration::from_secs(s);
        while let Some((wake_at, _)) = self.dialer.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(wake_at);
            self.input(Input::Timeout);
        }
        self.now = until;
    }

    /// One fact; what is fetched is answered at once.
    pub(super) fn input(&mut self, input: Input) {
        self.dialer.handle_input(input, self.now);
        while let Some(output) = self.dialer.poll_output() {
            if let Output::FetchLeads { campaign, count } = output {
                let ids = self.next_lead..self.next_lead + i64::from(count);
                self.next_lead = ids.end;
                let leads = ids.map(|id| lead(id, campaign.0)).collect();
                let answer = Input::Leads { campaign, leads, next_due: None };
                self.dialer.handle_input(answer, self.now);
            } else {
                self.said.push(output);
            }
        }
        self.dialer.audit().unwrap();
    }

    /// What was said since the last look, told shortly; notices and agents' states left out.
    pub(super) fn told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said).iter().filter_map(told).collect()
    }
}

pub(super) fn verdict(kind: VerdictKind) -> Verdict {
    Verdict { kind, probability: 0.9, at_ms: 800, greeting_end_ms: None }
}

fn told(output: &Output) -> Option<String> {
    use super::{Message, Party, Record};
    Some(match output {
        Output::AwaitGreetingEnd(call, _) => format!("await {call}"),
        Output::Bridge(call, agent) => format!("bridge {call} {agent}"),
        Output::Converse(talk) => {
            let party = match talk.party {
                Some(Party::Agent(agent)) => format!(" +agent {agent}"),
                Some(Party::Call(call)) => format!(" +call {call}"),
                None => String::new(),
            };
            let agent = talk.agent.map_or("nobody".to_owned(), |agent| agent.to_string());
            let held = if talk.is_held { " held" } else { "" };
            format!("converse {} {agent}{party}{held}", talk.call)
        }
        Output::FetchLeads { count, .. } => format!("fetch {count}"),
        Output::HangUp(call) => format!("hang up {call}"),
        Output::Notify(_) => return None,
        Output::Originate(call, _) => format!("dial {call}"),
        Output::Play(call, Message::Campaign) => format!("play {call} campaign"),
        Output::Play(call, Message::Identification) => format!("play {call} identification"),
        Output::Play(call, Message::SafeHarbour) => format!("play {call}"),
        Output::Play(call, Message::Voicemail) => format!("play {call} voicemail"),
        Output::Record(Record::Agent { .. }) => return None,
        Output::Record(Record::Answered { call, .. }) => format!("answered {call}"),
        Output::Record(Record::Bridged { call, agent, .. }) => format!("bridged {call} {agent}"),
        Output::Record(Record::CallerIdRests { number, .. }) => format!("rests {number:?}"),
        Output::Record(Record::Disposition { call, disposition, do_not_call, .. }) => {
            let word = if *do_not_call { " do-not-call" } else { "" };
            format!("disposition {call} {}{word}", disposition.0)
        }
        Output::Record(Record::DoNotCall { call, .. }) => format!("do-not-call {call}"),
        Output::Record(Record::Ended(record)) => {
            format!("ended {} {} {:?}", record.call, record.outcome, record.ledger)
        }
        Output::Record(Record::Learned { .. }) => return None,
        Output::Record(Record::Released { lead, rule, .. }) => {
            format!("released {lead} {}", rule.as_deref().unwrap_or("-"))
        }
        Output::Screen(call, _) => format!("screen {call}"),
        Output::Unbridge(call, agent) => format!("unbridge {call} {agent}"),
    })
}
