//! Methods of others, as their sources describe them, for the simulator to measure against. They
//! see what every pacer sees, and none of what this one measures.

mod erlang;
mod event_replay;
mod measured;
mod today;
mod vicidial;

use jiff::Timestamp;

use self::erlang::Erlang;
use self::event_replay::EventReplay;
use self::measured::Measured;
use self::today::Today;
use self::vicidial::DialLevel;
use super::observation::{Observation, Stage};
use super::pacer::{Decision, Floor};
use crate::domain::{Baseline, Campaign, PacingMode};

/// A pacer of somebody else's method.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselinePacer {
    method: Method,
    measured: Measured,
    today: Today,
    limit: f64,
    staffed_until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
enum Method {
    Erlang(Erlang),
    EventReplay(EventReplay),
    Vicidial(DialLevel),
}

impl BaselinePacer {
    /// The campaign's, when it is run by one.
    pub fn of(campaign: &Campaign) -> Option<Self> {
        let PacingMode::Baseline(baseline) = campaign.pacing else { return None };
        let method = match baseline {
            Baseline::ErlangLoss { scale } => Method::Erlang(Erlang::new(scale)),
            Baseline::EventReplay { scale } => Method::EventReplay(EventReplay::new(scale)),
            Baseline::Vicidial(settings) => Method::Vicidial(DialLevel::new(settings)),
        };
        let limit = campaign.abandonment_target.get();
        let (measured, today) = (Measured::default(), Today::default());
        Some(Self { method, measured, today, limit, staffed_until: None })
    }

    /// When the agents leave for today, if that is known.
    pub fn set_staffed_until(&mut self, until: Option<Timestamp>) {
        self.staffed_until = until;
    }

    /// Hears what came of something.
    pub fn observe(&mut self, observation: Observation, now: Timestamp) {
        self.measured.hear(observation, now);
        if let Observation::Call { stage: Stage::Ringing, .. } = observation {
            self.today.dialed(now);
        }
        if let Observation::Judged { abandoned } = observation {
            self.today.count(abandoned, now);
            if let Method::EventReplay(replay) = &mut self.method {
                let expected = self.today.expected(self.staffed_until, now);
                replay.adapt(abandoned, &self.today, expected, self.limit);
            }
        }
    }

    /// How many calls now?
    pub fn decide(&mut self, floor: &Floor, now: Timestamp) -> Decision {
        self.today.staffed(floor.staffed(), now);
        match &mut self.method {
            Method::Erlang(erlang) => erlang.decide(floor, &self.measured, self.limit, now),
            Method::EventReplay(replay) => {
                let expected = self.today.expected(self.staffed_until, now);
                let ledger = (&self.today, expected, self.limit);
                replay.decide(floor, &self.measured, ledger, now)
            }
            Method::Vicidial(level) => {
                level.decide(floor, self.measured.logged_in(), &mut self.today, self.limit, now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, CallId, Outcome, Vicidial};
    use crate::pacing::Activity;
    use crate::pacing::testing::campaign;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000 + ms).unwrap()
    }

    /// Ten agents are there.
    fn pacer(baseline: Baseline) -> BaselinePacer {
        let mut pacer = BaselinePacer::of(&campaign(PacingMode::Baseline(baseline))).unwrap();
        for agent in 1..=10 {
            agents_do(&mut pacer, agent, Activity::Ready, 0);
        }
        pacer
    }

    fn agents_do(pacer: &mut BaselinePacer, agent: i64, activity: Activity, ms: i64) {
        let observation = Observation::Agent { agent: AgentId(agent), activity, leaving: false };
        pacer.observe(observation, at(ms));
    }

    /// The calls of a minute in which four agents wait and six talk.
    fn minute(pacer: &mut BaselinePacer, from_ms: i64) -> u32 {
        let floor = Floor { ready: 4, talking: 6, ..Floor::default() };
        (0..24).map(|look| pacer.decide(&floor, at(from_ms + 2_500 * look)).calls).max().unwrap()
    }

    #[test]
    fn vicidial_raises_its_level_while_agents_wait_up_to_the_highest() {
        let mut pacer = pacer(Baseline::Vicidial(Vicidial::SHIPPED));
        assert_eq!(
            pacer.decide(&Floor { ready: 4, talking: 6, ..Floor::default() }, at(0)).calls,
            4
        );
        assert!(minute(&mut pacer, 2_500) > 8);
        // Three lines for each of ten agents, six of them in use.
        assert_eq!(minute(&mut pacer, 62_500), 24);
    }

    #[test]
    fn vicidial_goes_back_to_one_line_for_each_agent_above_the_limit() {
        let mut pacer = pacer(Baseline::Vicidial(Vicidial::SHIPPED));
        minute(&mut pacer, 0);
        for person in 0..60 {
            let stage = Stage::Ringing;
            pacer.observe(Observation::Call { call: CallId(person), stage }, at(60_000));
            pacer.observe(Observation::Judged { abandoned: person % 10 == 0 }, at(60_000));
        }
        minute(&mut pacer, 60_000);
        assert_eq!(minute(&mut pacer, 120_000), 4);
    }

    #[test]
    fn event_replay_counts_who_will_be_free_and_narrows_after_abandoned_people() {
        let mut pacer = pacer(Baseline::EventReplay { scale: 1.0 });
        for agent in 1..=10 {
            agents_do(&mut pacer, agent, Activity::Talking, 0);
            agents_do(&mut pacer, agent, Activity::WrapUp, 100_000);
            agents_do(&mut pacer, agent, Activity::Ready, 104_000);
            agents_do(&mut pacer, agent, Activity::Talking, 104_000);
        }
        for call in 0..500 {
            let stage = if call % 4 == 0 { Stage::Waiting } else { Stage::Over(Outcome::Busy) };
            pacer.observe(Observation::Call { call: CallId(call), stage }, at(104_000));
        }
        let floor = Floor { talking: 10, ..Floor::default() };
        // Cycles of 104 s, a window of 8 s, one answer in four.
        assert_eq!(pacer.decide(&floor, at(199_000)).calls, 0);
        assert!((37..=42).contains(&pacer.decide(&floor, at(203_000)).calls));
        (0..20).for_each(|_| pacer.observe(Observation::Judged { abandoned: true }, at(203_000)));
        assert_eq!(pacer.decide(&floor, at(203_500)).calls, 0);
    }

    #[test]
    fn event_replay_dials_one_to_one_once_the_day_has_no_room() {
        let mut pacer = pacer(Baseline::EventReplay { scale: 1.0 });
        pacer.set_staffed_until(Some(at(20_000)));
        let floor = Floor { ready: 10, ..Floor::default() };
        assert_eq!(pacer.decide(&floor, at(0)).calls, 10, "nobody counts on people yet to come");
        for person in 0..200 {
            pacer.observe(Observation::Judged { abandoned: person == 0 }, at(0));
        }
        assert_eq!(pacer.decide(&floor, at(500)).calls, 50, "one answer in five");
        (0..10).for_each(|_| pacer.observe(Observation::Judged { abandoned: true }, at(500)));
        assert_eq!(pacer.decide(&floor, at(1_000)).calls, 10);
    }

    #[test]
    fn erlang_dials_by_the_answer_rate_that_it_measures() {
        let mut pacer = pacer(Baseline::ErlangLoss { scale: 1.0 });
        for call in 0..1_000 {
            let stage = if call % 2 == 0 { Stage::Waiting } else { Stage::Over(Outcome::Busy) };
            pacer.observe(Observation::Call { call: CallId(call), stage }, at(0));
        }
        let floor = Floor { ready: 10, ..Floor::default() };
        let calls: u32 = (0..1_000).map(|s| pacer.decide(&floor, at(s * 1_000)).calls).sum();
        // One answer in two: 55 calls in 1,000 s.
        assert!((54..=57).contains(&calls), "{calls}");
    }

    #[test]
    fn erlang_dials_evenly_whatever_the_agents_do() {
        let mut pacer = pacer(Baseline::ErlangLoss { scale: 1.0 });
        let mut calls = |floor: Floor, from_s: i64| -> u32 {
            (0..1_000).map(|s| pacer.decide(&floor, at((from_s + s) * 1_000)).calls).sum()
        };
        // Until it has measured: 5.53 erlangs of 200 s at one answer in five, 138 calls in 1,000 s.
        let idle = calls(Floor { ready: 10, ..Floor::default() }, 0);
        let busy = calls(Floor { talking: 10, ringing: 99, ..Floor::default() }, 1_000);
        assert!((137..=140).contains(&idle) && (137..=140).contains(&busy), "{idle} {busy}");
    }
}
