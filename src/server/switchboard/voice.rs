//! What an agent does with a person on the line: mute, hold, keys.

use std::sync::Arc;

use super::Switchboard;
use crate::domain::{AgentId, CallId, Digit};
use crate::media::Repeat;

/// What the two hear of each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Voice {
    /// The person hears music, the agent nothing.
    Held,
    /// The agent hears the person, who hears nothing.
    Muted,
    /// Each hears the other.
    Open,
}

/// 20 ms of silence at 8 kHz.
const SILENCE: [i16; 160] = [0; 160];

impl Switchboard {
    /// Changes what they hear, until it is changed again or the call ends.
    pub(super) fn set_voice(&mut self, call: CallId, agent: AgentId, voice: Voice) {
        let line = self.lines.up.get(&call).filter(|line| line.ended.is_none());
        let (Some(line), Some(seat)) = (line, self.seats.leg(agent)) else { return };
        let silence: Arc<[i16]> = SILENCE.into();
        let music = self.lines.campaigns.get(&line.campaign).map(|campaign| campaign.hold.clone());
        match voice {
            Voice::Held => {
                self.engine.play(line.leg, music.unwrap_or(silence.clone()), Repeat::Forever);
                self.engine.play(seat, silence, Repeat::Forever);
            }
            Voice::Muted => {
                self.engine.stop(seat);
                self.engine.play(line.leg, silence, Repeat::Forever);
            }
            Voice::Open => {
                self.engine.stop(line.leg);
                self.engine.stop(seat);
            }
        }
    }

    /// The person hears music.
    pub(super) fn hold(&self, call: CallId) {
        let Some(line) = self.lines.up.get(&call) else { return };
        let music = self.lines.campaigns.get(&line.campaign).map(|campaign| campaign.hold.clone());
        self.engine.play(line.leg, music.unwrap_or_else(|| SILENCE.into()), Repeat::Forever);
    }

    /// Presses keys toward the person, a menu or a door.
    pub(super) fn press(&self, call: CallId, digits: &[Digit]) {
        if let Some(line) = self.lines.up.get(&call).filter(|line| line.ended.is_none()) {
            digits.iter().for_each(|digit| self.engine.send_digit(line.leg, *digit));
        }
    }
}
