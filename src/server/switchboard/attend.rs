//! Supervisors who listen to an agent, whisper to one, or barge into the conversation. Theirs is a leg as
//! an agent's is; the dialer does not know of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Switchboard;
use crate::dialer::{Conversation, Party};
use crate::domain::{AgentId, CallId};
use crate::media::{Hears, LegId};

/// How a supervisor attends an agent's conversations. A supervisor hears everybody in all of them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Everybody hears the supervisor.
    Barge,
    /// Nobody hears the supervisor.
    Listen,
    /// The agent alone hears the supervisor.
    Whisper,
}

/// A supervisor with an agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attendance {
    /// Whose leg it is that attends.
    pub listener: AgentId,
    /// Whose conversations.
    pub agent: AgentId,
    /// How.
    pub manner: Manner,
}

/// What is kept of an attendance.
#[derive(Clone, Copy, Debug)]
struct Seen {
    agent: AgentId,
    manner: Manner,
    /// The leg was put up for this alone, and ends with it.
    was_called: bool,
}

/// Whoever attends, by the leg's owner.
#[derive(Debug, Default)]
pub(super) struct Attendances(BTreeMap<AgentId, Seen>);

impl Attendances {
    /// Whoever attends one of these agents.
    fn of(&self, agents: &[AgentId]) -> impl Iterator<Item = Attendance> {
        self.iter().filter(|attendance| agents.contains(&attendance.agent))
    }

    fn iter(&self) -> impl Iterator<Item = Attendance> {
        self.0.iter().map(|(listener, Seen { agent, manner, .. })| Attendance {
            listener: *listener,
            agent: *agent,
            manner: *manner,
        })
    }

    pub(super) fn all(&self) -> Vec<Attendance> {
        self.iter().collect()
    }
}

/// A leg in a conversation, and whose it is, where it is an agent's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub leg: LegId,
    pub agent: Option<AgentId>,
}

/// Who hears whom: members each other, and those who attend as their manner says.
pub(super) fn hearing(members: &[Member], attending: &[(LegId, Attendance)]) -> Vec<Hears> {
    let mut hearing = Vec::new();
    for listener in members {
        let others = members.iter().filter(|speaker| speaker.leg != listener.leg);
        hearing.extend(others.map(|it| Hears { listener: listener.leg, speaker: it.leg }));
    }
    for (leg, attendance) in attending {
        for member in members {
            hearing.push(Hears { listener: *leg, speaker: member.leg });
            let is_heard = match attendance.manner {
                Manner::Barge => true,
                Manner::Listen => false,
                Manner::Whisper => member.agent == Some(attendance.agent),
            };
            if is_heard {
                hearing.push(Hears { listener: member.leg, speaker: *leg });
            }
        }
    }
    hearing
}

impl Switchboard {
    /// The supervisor, whose leg is up, attends from now on; `None`: no longer. False when the leg is
    /// not up.
    pub(super) fn attend(&mut self, attendance: Attendance, was_called: bool) -> bool {
        let Attendance { listener, agent, manner } = attendance;
        if self.seats.leg(listener).is_none() {
            return false;
        }
        let before = self.attendances.0.get(&listener).copied();
        let was_called = before.map_or(was_called, |before| before.was_called);
        self.attendances.0.insert(listener, Seen { agent, manner, was_called });
        if let Some(before) = before.filter(|before| before.agent != agent) {
            self.leave_conversations(listener);
            self.arrange_around(before.agent);
        }
        self.arrange_around(agent);
        true
    }

    /// Nobody attends by this leg any more.
    pub(super) fn attend_no_more(&mut self, listener: AgentId) -> bool {
        let Some(seen) = self.attendances.0.remove(&listener) else { return false };
        self.leave_conversations(listener);
        self.arrange_around(seen.agent);
        if seen.was_called {
            self.log_out(listener);
        }
        true
    }

    /// Nobody attends this agent any more, who has left.
    pub(super) fn attend_nobody(&mut self, agent: AgentId) {
        let listeners: Vec<AgentId> = self.attendances.of(&[agent]).map(|it| it.listener).collect();
        for listener in listeners {
            self.attend_no_more(listener);
        }
    }

    fn leave_conversations(&self, listener: AgentId) {
        if let Some(leg) = self.seats.leg(listener) {
            self.engine.unbridge(leg);
        }
    }

    /// Has the conversation of this agent heard by whom it is to be heard.
    pub(super) fn arrange_around(&self, agent: AgentId) {
        let has_agent = |talk: &&Conversation| talk.agents().contains(&agent);
        match self.conversations.values().find(has_agent) {
            Some(talk) => self.arrange(talk),
            None => {
                for attendance in self.attendances.of(&[agent]) {
                    self.leave_conversations(attendance.listener);
                }
            }
        }
    }

    /// Has a conversation heard by its members and those who attend it.
    pub(super) fn arrange(&self, talk: &Conversation) {
        let members = self.members(talk);
        let agents = talk.agents();
        let attending: Vec<(LegId, Attendance)> = self
            .attendances
            .of(&agents)
            .filter_map(|attendance| Some((self.seats.leg(attendance.listener)?, attendance)))
            .collect();
        if let Some(anchor) = members.first() {
            self.engine.confer(anchor.leg, hearing(&members, &attending));
        }
    }

    /// An agent has been bridged to a person: who attends the agent hears them from now on.
    pub(super) fn two_talk(&mut self, call: CallId, agent: AgentId) {
        let talk = Conversation::of_two(call, agent);
        self.conversations.insert(call, talk);
        if self.attendances.of(&[agent]).next().is_some() {
            self.arrange(&talk);
        }
    }

    /// These talk around a call from now on. A person who is kept apart hears the campaign's music.
    pub(super) fn converse(&mut self, talk: Conversation) {
        let Some(line) = self.lines.up.get(&talk.call).filter(|line| line.ended.is_none()) else {
            return;
        };
        let leg = line.leg;
        let before = self.conversations.insert(talk.call, talk);
        self.engine.unbridge(leg);
        if talk.is_held {
            self.hold(talk.call);
        } else {
            self.engine.stop(leg);
        }
        let now_there = self.members(&talk);
        for member in before.map(|before| self.members(&before)).unwrap_or_default() {
            if !now_there.iter().any(|there| there.leg == member.leg) {
                self.engine.unbridge(member.leg);
            }
        }
        // A colleague hears the tone of a person who comes.
        if let Some(Party::Agent(colleague)) = talk.party
            && before.is_none_or(|before| before.party != talk.party)
            && let Some(seat) = self.seats.leg(colleague)
        {
            self.attend_no_more(colleague);
            self.engine.stop(seat);
            self.engine.chime(seat);
        }
        // An agent who has held the person talks again.
        if let Some(seat) = talk.agent.and_then(|agent| self.seats.leg(agent)) {
            self.engine.stop(seat);
        }
        self.arrange(&talk);
    }

    /// Nobody talks around this call any more.
    pub(super) fn none_talk(&mut self, call: CallId) {
        let Some(talk) = self.conversations.remove(&call) else { return };
        for member in self.members(&talk) {
            self.engine.unbridge(member.leg);
        }
        let agents = talk.agents();
        for attendance in self.attendances.of(&agents) {
            self.leave_conversations(attendance.listener);
        }
    }

    /// The legs of those who talk.
    fn members(&self, talk: &Conversation) -> Vec<Member> {
        let line = |call: CallId| {
            let line = self.lines.up.get(&call).filter(|line| line.ended.is_none())?;
            Some(Member { leg: line.leg, agent: None })
        };
        let seat =
            |agent: AgentId| Some(Member { leg: self.seats.leg(agent)?, agent: Some(agent) });
        let person = if talk.is_held { None } else { line(talk.call) };
        let party = talk.party.and_then(|party| match party {
            Party::Agent(colleague) => seat(colleague),
            Party::Call(call) => line(call),
        });
        person.into_iter().chain(talk.agent.and_then(seat)).chain(party).collect()
    }
}
