//! Dialing ahead: one more call while its marginal risk is under its marginal benefit.
//!
//! For each of the next moments the forecast gives the people who will have asked for an agent and
//! the agents who will have become free. The probability that the first exceed the second is that of
//! a person without an agent. One more call, ready at some moment or never, risks that probability
//! at its moment, and saves an agent from waiting on from its moment as long as one would.

use super::forecast::Forecast;
use super::grid::{APART_S, Grid, Load, MOMENTS};
use super::normal::Expected;

/// No call that rings is given up before this (16 CFR 310.4(b)(4)(ii)). Seconds.
const RING_S_MIN: f64 = 15.0;

/// A call is given up when its risk is this many times what one more may have.
const GIVE_UP: f64 = 2.0;

/// A benefit is measured against this much of an agent's waiting. Seconds.
const BENEFIT_S: f64 = 10.0;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The risk that 10 s less of an agent's waiting are worth.
    pub price: f64,
    /// Calls that may be placed at most.
    pub calls_max: u32,
}

/// The floor as it stands: what is expected, and who will find no agent.
pub struct Outlook {
    arrivals: Load,
    idle: i32,
    overflow: Overflow,
}

/// How many calls, and what the answer was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answer {
    /// Calls to place.
    pub calls: u32,
    /// Calls to give up.
    pub cancel: u32,
    /// One more was worth its risk, and there was no line for it.
    pub lines_full: bool,
    /// That the last call placed, or else one more, would bring a person without an agent, if it is a
    /// person's.
    pub risk: f64,
    /// What that may be at most.
    pub risk_max: f64,
    /// People expected of the calls on their way, before this decision.
    pub people: Expected,
    /// Agents expected to become free by the last moment.
    pub freed: Expected,
}

/// The risk and the benefit of one more call.
#[derive(Clone, Copy, Debug)]
struct Margin {
    risk: f64,
    benefit_s: f64,
}

/// By moment: that all agents are taken, and that they are then or later.
struct Overflow {
    now: Grid,
    from_then_on: Grid,
}

impl Outlook {
    /// `others`: what other campaigns and queues will want of the same agents.
    pub fn of(forecast: &Forecast, others: &Load, ready: u32, waiting: u32) -> Self {
        let arrivals = forecast.arrivals().and(others);
        let idle = i64::from(ready) - i64::from(waiting);
        let idle = i32::try_from(idle).unwrap_or(i32::MAX);
        let overflow = Overflow::of(&arrivals, forecast.freed(), idle);
        Self { arrivals, idle, overflow }
    }

    /// That a person who answers at once finds no agent in time.
    pub fn at_once(&self) -> f64 {
        self.overflow.now[0]
    }

    /// People who will find no agent, of the calls that are on their way.
    pub fn in_flight(&self) -> f64 {
        let (mut before, mut risk) = (0.0, 0.0);
        for moment in 0..MOMENTS {
            let mean = self.arrivals.at(moment).mean;
            risk += (mean - before).max(0.0) * self.overflow.now[moment];
            before = mean;
        }
        risk
    }
}

/// The answer for this floor.
pub fn answer(forecast: &Forecast, outlook: Outlook, question: &Question) -> Answer {
    let Outlook { mut arrivals, idle, mut overflow } = outlook;
    let new_call = *forecast.ring.ready(0.0);
    let mut answer =
        Answer { people: arrivals.last(), freed: forecast.freed().last(), ..Answer::default() };
    loop {
        let margin = overflow.margin(&new_call);
        let risk_max = question.price * margin.benefit_s / BENEFIT_S;
        let worth_it = margin.risk <= risk_max;
        answer.lines_full = worth_it && answer.calls >= question.calls_max;
        if worth_it || answer.calls == 0 {
            (answer.risk, answer.risk_max) = (margin.risk, risk_max);
        }
        if !worth_it || answer.lines_full {
            break;
        }
        answer.calls += 1;
        arrivals.add(&new_call);
        overflow = Overflow::of(&arrivals, forecast.freed(), idle);
    }
    if answer.calls == 0 {
        answer.cancel = give_up(forecast, arrivals, idle, question.price);
    }
    answer
}

fn give_up(forecast: &Forecast, mut arrivals: Load, idle: i32, price: f64) -> u32 {
    let mut count = 0;
    let old = forecast.ringing().take_while(|(_, age_s)| *age_s >= RING_S_MIN);
    for (call, _) in old {
        let Some(ready) = forecast.ready(call) else { break };
        arrivals.remove(ready);
        let overflow = Overflow::of(&arrivals, forecast.freed(), idle);
        let margin = overflow.margin(ready);
        if margin.risk <= GIVE_UP * price * margin.benefit_s / BENEFIT_S {
            break;
        }
        count += 1;
    }
    count
}

impl Overflow {
    fn of(arrivals: &Load, freed: &Load, idle: i32) -> Self {
        let now: Grid =
            std::array::from_fn(|moment| arrivals.at(moment).exceeds(freed.at(moment), idle));
        let mut from_then_on = now;
        for moment in (0..MOMENTS - 1).rev() {
            from_then_on[moment] = from_then_on[moment].max(from_then_on[moment + 1]);
        }
        Self { now, from_then_on }
    }

    /// Of a call that is ready by each moment with that probability.
    fn margin(&self, ready: &Grid) -> Margin {
        let (mut risk, mut benefit_s, mut saved_s) = (0.0, 0.0, 0.0);
        for moment in (0..MOMENTS).rev() {
            let before = if moment == 0 { 0.0 } else { ready[moment - 1] };
            let here = (ready[moment] - before).max(0.0);
            saved_s += (1.0 - self.now[moment]) * APART_S;
            risk += here * self.from_then_on[moment];
            benefit_s += here * saved_s;
        }
        let all = ready[MOMENTS - 1].max(1e-9);
        Margin { risk: risk / all, benefit_s: benefit_s / all }
    }
}
