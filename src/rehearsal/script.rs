//! What a simulated agent does: logs in, takes calls, talks for a while, hangs up, writes down what
//! came of it, and takes a break now and then. It is told the agent's state and says, after drawn
//! times, what the agent does: nothing here knows how either travels.
//!
//! ```text
//! loop {
//!     select! {
//!         state = states.recv() => script.handle_state(state, now),
//!         () = clock::sleep_until(script.poll_timeout()) => script.handle_timeout(now),
//!     }
//!     while let Some(event) = script.poll_event() { .. }
//! }
//! ```

use std::collections::VecDeque;

use jiff::Timestamp;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;

use super::chance::{DrawnTime, chance_for};
use crate::clock;
use crate::dialer::AgentEvent;
use crate::domain::{AgentState, CallId, CampaignId, Disposition, PauseReason};

/// How a simulated agent works.
#[derive(Clone, Debug)]
pub struct AgentHabits {
    /// The name to show.
    pub name: String,
    /// The campaigns whose people this agent takes.
    pub campaigns: Vec<CampaignId>,
    /// From logging in, or from a break, to taking calls.
    pub settles_in: DrawnTime,
    /// From the first word to hanging up.
    pub talk: DrawnTime,
    /// From the end of the call to the disposition.
    pub wrap_up: DrawnTime,
    /// What the agent says of a call, one as often as the other; never empty.
    pub dispositions: Vec<Disposition>,
    /// The share of calls after which there is a break, 0 to 1.
    pub break_share: f64,
    /// How long a break is.
    pub break_time: DrawnTime,
}

impl AgentHabits {
    /// An agent in a hurry, for demonstrations and tests: talks of 3 s, a break after every
    /// fiftieth call.
    pub fn brisk(name: String, campaign: CampaignId, dispositions: Vec<Disposition>) -> Self {
        Self {
            name,
            campaigns: vec![campaign],
            settles_in: DrawnTime::fixed(0.3, 0.5, 1.0),
            talk: DrawnTime::fixed(3.0, 0.4, 8.0),
            wrap_up: DrawnTime::fixed(0.7, 0.4, 2.0),
            dispositions,
            break_share: 0.02,
            break_time: DrawnTime::fixed(2.0, 0.3, 4.0),
        }
    }
}

/// What the agent is about to do.
#[derive(Clone, Debug)]
enum Plan {
    DialOffered,
    HangUp,
    LogIn,
    Ready,
    WrapUp(CallId),
}

/// One simulated agent's behaviour.
#[derive(Debug)]
pub struct AgentScript {
    habits: AgentHabits,
    chance: Pcg64Mcg,
    plan: Option<(Timestamp, Plan)>,
    events: VecDeque<AgentEvent>,
}

impl AgentScript {
    /// An agent who is not here yet and logs in at `now`. The same seed and name behave the same.
    pub fn new(habits: AgentHabits, seed: u64, now: Timestamp) -> Self {
        let chance = chance_for(seed, &habits.name);
        Self { habits, chance, plan: Some((now, Plan::LogIn)), events: VecDeque::new() }
    }

    /// Takes in what the agent's state has become. Being told the same twice does no harm.
    pub fn handle_state(&mut self, state: &AgentState, now: Timestamp) {
        let (time, plan) = match state {
            AgentState::LoggedOut => return self.plan = None,
            AgentState::Paused { .. } => match self.plan {
                // A break has its own end.
                Some((_, Plan::Ready)) => return,
                _ => (self.habits.settles_in, Plan::Ready),
            },
            AgentState::Previewing { .. } => (self.habits.settles_in, Plan::DialOffered),
            AgentState::Ready | AgentState::Reserved { .. } => return self.plan = None,
            AgentState::Talking { .. } => match self.plan {
                Some((_, Plan::HangUp)) => return,
                _ => (self.habits.talk, Plan::HangUp),
            },
            AgentState::WrapUp { call } => match &self.plan {
                Some((_, Plan::WrapUp(known))) if known == call => return,
                _ => (self.habits.wrap_up, Plan::WrapUp(*call)),
            },
        };
        let after = time.draw(&mut self.chance);
        self.plan = Some((now + after, plan));
    }

    /// The time of [`AgentScript::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let Some((_, plan)) = self.plan.take_if(|(at, _)| *at <= now) else { return };
        match plan {
            Plan::DialOffered => self.events.push_back(AgentEvent::DialOffered),
            Plan::HangUp => self.events.push_back(AgentEvent::HangUp),
            Plan::LogIn => self.events.push_back(AgentEvent::LogIn {
                name: self.habits.name.clone(),
                campaigns: self.habits.campaigns.clone(),
            }),
            Plan::Ready => self.events.push_back(AgentEvent::Ready),
            Plan::WrapUp(call) => self.finish(call, now),
        }
    }

    /// When the agent wants to do something.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.plan.as_ref().map(|(at, _)| *at)
    }

    /// What the agent does.
    pub fn poll_event(&mut self) -> Option<AgentEvent> {
        self.events.pop_front()
    }

    /// The disposition, and perhaps a break.
    fn finish(&mut self, call: CallId, now: Timestamp) {
        if self.chance.random_bool(self.habits.break_share.clamp(0.0, 1.0)) {
            self.events.push_back(AgentEvent::Pause(PauseReason("break".to_owned())));
            let back = now + self.habits.break_time.draw(&mut self.chance);
            self.plan = Some((back, Plan::Ready));
        }
        if let Some(disposition) = self.habits.dispositions.choose(&mut self.chance) {
            self.events.push_back(AgentEvent::Disposition {
                call,
                disposition: disposition.clone(),
                note: None,
                callback_at: None,
            });
        }
    }
}

/// Plays a script until `states` ends: what the agent is told comes from `states`, what the agent
/// does goes to `act`.
pub async fn play(
    mut script: AgentScript,
    mut states: tokio::sync::mpsc::UnboundedReceiver<AgentState>,
    mut act: impl FnMut(AgentEvent),
) {
    loop {
        tokio::select! {
            state = states.recv() => match state {
                Some(state) => script.handle_state(&state, clock::now()),
                None => return,
            },
            () = clock::sleep_until(script.poll_timeout()) => script.handle_timeout(clock::now()),
        }
        while let Some(event) = script.poll_event() {
            act(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn script(break_share: f64) -> (AgentScript, Timestamp) {
        let sale = Disposition("sale".to_owned());
        let mut habits = AgentHabits::brisk("Ana".to_owned(), CampaignId(1), vec![sale]);
        habits.break_share = break_share;
        (AgentScript::new(habits, 1, Timestamp::UNIX_EPOCH), Timestamp::UNIX_EPOCH)
    }

    /// Lets the script's next time come and gives what the agent does then.
    fn next(script: &mut AgentScript, now: &mut Timestamp) -> Vec<AgentEvent> {
        *now = script.poll_timeout().expect("the agent waits for nothing");
        script.handle_timeout(*now);
        std::iter::from_fn(|| script.poll_event()).collect()
    }

    fn paused() -> AgentState {
        AgentState::Paused { reason: PauseReason("login".to_owned()) }
    }

    #[test]
    fn an_agent_logs_in_takes_a_call_and_says_what_came_of_it() {
        let (mut script, mut now) = script(0.0);
        assert!(matches!(next(&mut script, &mut now)[..], [AgentEvent::LogIn { .. }]));
        script.handle_state(&paused(), now);
        assert_eq!(next(&mut script, &mut now), [AgentEvent::Ready]);
        script.handle_state(&AgentState::Ready, now);
        assert_eq!(script.poll_timeout(), None);
        let call = CallId(5);
        script.handle_state(&AgentState::Talking { call }, now);
        let connected = now;
        assert_eq!(next(&mut script, &mut now), [AgentEvent::HangUp]);
        assert!(now > connected + SignedDuration::from_millis(500));
        script.handle_state(&AgentState::WrapUp { call }, now);
        let [AgentEvent::Disposition { call: said, .. }] = &next(&mut script, &mut now)[..] else {
            panic!("no disposition")
        };
        assert_eq!(*said, call);
    }

    #[test]
    fn a_person_who_hangs_up_first_leaves_the_agent_nothing_to_hang_up() {
        let (mut script, mut now) = script(0.0);
        let call = CallId(5);
        script.handle_state(&AgentState::Talking { call }, now);
        script.handle_state(&AgentState::WrapUp { call }, now);
        let done = next(&mut script, &mut now);
        assert!(matches!(done[..], [AgentEvent::Disposition { .. }]), "{done:?}");
    }

    #[test]
    fn a_break_is_announced_before_the_disposition_and_ends_by_itself() {
        let (mut script, mut now) = script(1.0);
        script.handle_state(&AgentState::WrapUp { call: CallId(5) }, now);
        let done = next(&mut script, &mut now);
        let [AgentEvent::Pause(_), AgentEvent::Disposition { .. }] = &done[..] else {
            panic!("{done:?}")
        };
        script.handle_state(&paused(), now);
        assert_eq!(next(&mut script, &mut now), [AgentEvent::Ready]);
    }
}
