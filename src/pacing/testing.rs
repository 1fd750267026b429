//! A campaign for this room's tests.

use jiff::SignedDuration;

use crate::domain::{
    Amd, AmdDeadline, AnswerRules, Calendar, Campaign, CampaignId, Country, LeadOrder, PacingMode,
    Recycling, SafeHarbour, Share, WaitFrom,
};

pub fn campaign(pacing: PacingMode) -> Campaign {
    Campaign {
        id: CampaignId(1),
        name: "test".to_owned(),
        country: Country::US,
        caller_ids: Vec::new(),
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: Vec::new(),
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(3) },
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(600),
        talk_max: SignedDuration::from_hours(2),
        safe_harbour: SafeHarbour { message: None, opt_out: None },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 8,
        recycling: Recycling::new(),
        dispositions: Vec::new(),
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}
