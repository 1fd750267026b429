//! The abandonment that may be spent over the legal windows, and the price of risk that follows
//! from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::forecast::seconds;

/// Aim a little under the limit: what is on its way when a window ends still counts.
const AIM: f64 = 0.975;

/// How far one person's outcome moves the logarithm of the price.
const GAIN: f64 = 0.08;

/// The same for the first people of a window, more the fewer they are.
const GAIN_AT_FIRST: f64 = 0.25;
const FIRST: f64 = 60.0;

const PRICE_AT_FIRST: f64 = 0.03;
const PRICE: std::ops::RangeInclusive<f64> = 0.0005..=50.0;

/// People after whom an old one has lost two thirds of its weight.
const MEMORY: f64 = 300.0;

/// Without a word of when the agents leave, they are taken to stay this long. Seconds.
const STAFFED_S: f64 = 1_800.0;

/// The share of the people expected yet who are counted upon: agents leave before the last moment.
const SURE: f64 = 0.75;

/// A window with less room, in abandoned people, holds the pacer to one call for each agent: the
/// next one, and some of those who are lost without a call too many, more of them where there are
/// more people: this share of the standard deviation of all who may be abandoned.
const LEAST_ROOM: f64 = 1.5;
const LEAST_ROOM_SHARE: f64 = 0.1;

/// People are lost without a call too many (an agent leaves, a phone fails, the detector is late):
/// how many, before it is measured, and the people that this belief and the measurement are worth.
const LOST_USUAL: f64 = 0.0015;
const LOST_BELIEVED: f64 = 100.0;
const LOST_MEMORY: f64 = 1_000.0;

/// So long after the last call too many, who is lost is not lost by it. Seconds.
const SETTLED_S: f64 = 30.0;

/// Without that word, room beyond this many abandoned people is spent over so many people.
const RESERVE: f64 = 3.0;
const UNKNOWN_END: f64 = 60.0;

/// One abandoned person for each started so many, while a campaign has no history.
const STARTED: f64 = 33.0;

/// A campaign is new for its first hour with agents.
const NEW_S: f64 = 3_600.0;

/// What must be left of one abandoned person for each started 33 while it is: the next, one who is
/// lost with them, and one who is lost without a call too many.
const NEW_RESERVE: f64 = 3.0;

/// People without an agent who may be expected of the calls on their way while it is.
const IN_FLIGHT_NEW: f64 = 0.15;

/// One legal window as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The share of people who may be abandoned.
    pub limit: f64,
    /// Who answered in it, as the ledger counts.
    pub people: u64,
    /// Who of them was abandoned.
    pub abandoned: u64,
    /// When it ends; `None`: never.
    pub ends_at: Option<Timestamp>,
}

/// What a campaign has seen since it began.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Ever {
    people: f64,
    abandoned: f64,
    dialed_s: f64,
}

/// All windows of a campaign, its goal, and the price of risk.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    goal: f64,
    windows: Vec<Window>,
    log_price: f64,
    /// Since when one call goes to each agent.
    held_since: Option<Timestamp>,
    /// People who answered to one call for each agent, and who of them was lost all the same.
    one_to_one: f64,
    lost: f64,
    /// People since the campaign began, with those of earlier days.
    people_ever: f64,
    abandoned_ever: f64,
    /// Seconds with agents there, since the campaign began.
    dialed_s: f64,
    /// Of late: people and agents' seconds.
    people: f64,
    staffed_s: f64,
    staffed: u32,
    staffed_until: Option<Timestamp>,
    now: Option<Timestamp>,
}

impl Budget {
    /// Nothing spent. `goal`: the abandonment rate to aim at.
    pub fn new(goal: f64) -> Self {
        let window = Window { limit: goal, people: 0, abandoned: 0, ends_at: None };
        Self {
            goal,
            windows: vec![window],
            log_price: PRICE_AT_FIRST.ln(),
            held_since: None,
            one_to_one: LOST_BELIEVED,
            lost: LOST_BELIEVED * LOST_USUAL,
            people_ever: 0.0,
            abandoned_ever: 0.0,
            dialed_s: 0.0,
            people: 0.0,
            staffed_s: 0.0,
            staffed: 0,
            staffed_until: None,
            now: None,
        }
    }

    /// Another goal from now on.
    pub fn set_goal(&mut self, goal: f64) {
        self.goal = goal;
    }

    /// What there has been since the campaign began.
    pub fn ever(&self) -> Ever {
        let (people, abandoned) = (self.people_ever, self.abandoned_ever);
        Ever { people, abandoned, dialed_s: self.dialed_s }
    }

    /// What there was before.
    pub fn believe(&mut self, ever: Ever) {
        (self.people_ever, self.abandoned_ever) = (ever.people, ever.abandoned);
        self.dialed_s = ever.dialed_s;
    }

    /// The windows as they stand in the ledger, whenever one begins or ends.
    pub fn set_windows(&mut self, windows: &[Window]) {
        self.windows.clear();
        self.windows.extend_from_slice(windows);
    }

    /// When the agents leave for today.
    pub fn set_staffed_until(&mut self, until: Option<Timestamp>) {
        self.staffed_until = until;
    }

    /// So many agents are there from now on.
    pub fn staffed(&mut self, agents: u32, now: Timestamp) {
        if let Some(since) = self.now {
            let s = (seconds(now) - seconds(since)).clamp(0.0, 60.0);
            self.staffed_s += s * f64::from(self.staffed);
            if self.staffed > 0 {
                self.dialed_s += s;
            }
        }
        (self.staffed, self.now) = (agents, Some(now));
    }

    /// A person who answered had an agent in time, or not.
    pub fn person(&mut self, abandoned: bool) {
        let spent = f64::from(u8::from(abandoned));
        let affordable = self.affordable();
        let first = (self.fewest() / FIRST).min(1.0);
        let gain = GAIN_AT_FIRST + (GAIN - GAIN_AT_FIRST) * first;
        // While one call goes to each agent, nothing is learned of the price of more.
        let learns = abandoned || self.held_since.is_none();
        let moved = self.log_price + if learns { gain * (affordable - spent) } else { 0.0 };
        self.log_price = moved.clamp(PRICE.start().ln(), PRICE.end().ln());
        if self.is_held_for(SETTLED_S) {
            let keep = 1.0 - 1.0 / LOST_MEMORY;
            self.one_to_one = self.one_to_one * keep + 1.0;
            self.lost = self.lost * keep + spent;
        }
        for window in &mut self.windows {
            window.people += 1;
            window.abandoned += u64::from(abandoned);
        }
        let keep = 1.0 - 1.0 / MEMORY;
        self.people = self.people * keep + 1.0;
        self.staffed_s *= keep;
        self.people_ever += 1.0;
        self.abandoned_ever += spent;
    }

    /// The risk that 10 s less of an agent's waiting are worth.
    pub fn price(&self) -> f64 {
        self.log_price.exp()
    }

    /// The window that holds the pacer to one call for each agent, when so many people of the calls
    /// on their way are expected to find none.
    pub fn hold(&mut self, in_flight: f64) -> Option<Window> {
        let held_by = self.held_by(in_flight);
        match held_by {
            Some(_) => self.hold_besides(),
            None => self.held_since = None,
        }
        held_by
    }

    /// One call goes to each agent for another reason.
    pub fn hold_besides(&mut self) {
        self.held_since = self.held_since.or(self.now);
    }

    fn is_held_for(&self, s: f64) -> bool {
        let since = self.held_since.zip(self.now);
        since.is_some_and(|(since, now)| seconds(now) - seconds(since) >= s)
    }

    fn held_by(&self, in_flight: f64) -> Option<Window> {
        if self.is_new() {
            let started = ((self.people_ever + 1.0) / STARTED).ceil();
            if self.abandoned_ever + NEW_RESERVE > started || in_flight > IN_FLIGHT_NEW {
                let people = self.people_ever as u64;
                let abandoned = self.abandoned_ever as u64;
                let ends_at = None;
                return Some(Window { limit: self.goal, people, abandoned, ends_at });
            }
        }
        // What is on its way may well turn out worse than expected.
        let in_flight = in_flight + in_flight.sqrt();
        self.windows.iter().copied().find(|window| {
            let expected = self.expected(window);
            // Who does not know when the agents leave counts on nobody who has not answered yet.
            let surely = match self.staffed_until {
                Some(_) => (SURE * expected - 2.0 * expected.sqrt()).max(0.0),
                None => 0.0,
            };
            let room = self.aim(window) * (window.people as f64 + surely);
            let lost = surely * self.lost / self.one_to_one;
            room - window.abandoned as f64 - lost - self.least_room(window) - in_flight < 0.0
        })
    }

    /// People who will answer yet before the window ends.
    fn expected(&self, window: &Window) -> f64 {
        let Some(now) = self.now else { return 0.0 };
        let now_s = seconds(now);
        let leave_s = self.staffed_until.map_or(now_s + STAFFED_S, seconds);
        let ends_s = window.ends_at.map_or(leave_s, |at| seconds(at).min(leave_s));
        let left_s = (ends_s - now_s).max(0.0) * f64::from(self.staffed);
        left_s * self.people_a_second()
    }

    /// People for each second of an agent's time.
    fn people_a_second(&self) -> f64 {
        // A guess worth a few people: one in four minutes.
        (self.people + 2.0) / (self.staffed_s + 480.0)
    }

    fn least_room(&self, window: &Window) -> f64 {
        let all = self.aim(window) * (window.people as f64 + self.expected(window));
        LEAST_ROOM + LEAST_ROOM_SHARE * all.sqrt()
    }

    fn aim(&self, window: &Window) -> f64 {
        AIM * window.limit.min(self.goal)
    }

    fn is_new(&self) -> bool {
        self.dialed_s < NEW_S
    }

    /// The share of the next people that may be abandoned.
    fn affordable(&self) -> f64 {
        let all = self.windows.iter().map(|window| self.affordable_in(window));
        all.fold(2.0 * self.goal, f64::min)
    }

    fn affordable_in(&self, window: &Window) -> f64 {
        let aim = self.aim(window);
        let (expected, reserve) = match self.staffed_until {
            Some(_) => (self.expected(window).max(1.0), self.least_room(window)),
            // Any moment may be the last: some room is kept, so that chance seldom uses it up.
            None => (UNKNOWN_END, RESERVE),
        };
        let room = aim * (window.people as f64 + expected) - window.abandoned as f64 - reserve;
        (room / expected).clamp(0.0, 2.0 * aim)
    }

    /// People of the window that has the fewest.
    fn fewest(&self) -> f64 {
        self.windows.iter().map(|window| window.people).min().unwrap_or(0) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: f64 = 0.03;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    /// Ten agents whose day ends at `ends_s`, after an hour and a half in which 15 people an hour of
    /// each answered and nobody was abandoned.
    fn budget(ends_s: i64) -> Budget {
        let mut budget = Budget::new(LIMIT);
        budget.set_staffed_until(Some(at(ends_s)));
        for n in 0..225 {
            budget.staffed(10, at(24 * n));
            budget.person(false);
        }
        budget.staffed(10, at(5_400));
        budget
    }

    #[test]
    fn a_window_counts_on_the_people_of_the_rest_of_the_day() {
        let window = |abandoned| Window { limit: LIMIT, people: 225, abandoned, ends_at: None };
        let hold = |ends_s, abandoned| {
            let mut budget = budget(ends_s);
            budget.set_windows(&[window(abandoned)]);
            budget.hold(0.0)
        };
        assert_eq!(hold(5_400 + 7 * 3_600, 20), None, "seven hours bring a thousand people more");
        assert_eq!(hold(5_400 + 60, 20), Some(window(20)), "a minute does not");
        assert_eq!(hold(5_400 + 60, 3), None);
    }

    #[test]
    fn the_tightest_window_holds() {
        let mut budget = budget(5_400 + 60);
        let wide = Window { limit: LIMIT, people: 5_000, abandoned: 20, ends_at: None };
        let tight = Window { limit: LIMIT, people: 50, abandoned: 1, ends_at: None };
        budget.set_windows(&[wide, tight]);
        assert_eq!(budget.hold(0.0), Some(tight));
        budget.set_windows(&[wide]);
        assert_eq!(budget.hold(0.0), None);
        assert_eq!(budget.hold(150.0), Some(wide), "people on their way count as well");
    }

    #[test]
    fn who_does_not_know_the_end_counts_on_nobody() {
        let mut budget = budget(5_400 + 7 * 3_600);
        budget.set_windows(&[Window { limit: LIMIT, people: 225, abandoned: 6, ends_at: None }]);
        assert_eq!(budget.hold(0.0), None);
        budget.set_staffed_until(None);
        assert!(budget.hold(0.0).is_some());
    }

    #[test]
    fn the_first_hour_of_a_campaign_keeps_two_in_reserve() {
        let mut budget = Budget::new(LIMIT);
        budget.set_staffed_until(Some(at(30_000)));
        budget.staffed(10, at(0));
        (0..65).for_each(|_| budget.person(false));
        assert!(budget.hold(0.0).is_some());
        budget.person(false);
        assert_eq!(budget.hold(0.0), None, "the third 33 are begun: one may be lost");
        budget.person(true);
        assert!(budget.hold(0.0).is_some());
    }

    #[test]
    fn the_price_falls_with_the_abandoned_and_stands_still_while_held() {
        let mut budget = budget(40_000);
        let before = budget.price();
        budget.person(true);
        assert!(budget.price() < before);
        budget.set_windows(&[Window { limit: LIMIT, people: 9, abandoned: 9, ends_at: None }]);
        budget.set_staffed_until(None);
        assert!(budget.hold(0.0).is_some());
        let held_at = budget.price();
        (0..50).for_each(|_| budget.person(false));
        assert_eq!(budget.price(), held_at);
    }

    #[test]
    fn what_there_was_before_is_believed() {
        let mut other = Budget::new(LIMIT);
        other.believe(budget(40_000).ever());
        other.set_staffed_until(Some(at(40_000)));
        other.staffed(10, at(6_000));
        other.person(false);
        assert_eq!(other.hold(0.0), None, "no campaign is new twice");
    }
}
