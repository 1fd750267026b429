//! The engine's handle: what the rest of the program may ask for.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::config::{MediaConfig, MediaError};
use super::fact::{Leg, LegId, MediaFact, Repeat};
use crate::amd::Detector;
use crate::domain::{Digit, MediaTarget};

/// The media threads. Clones speak to the same ones; they end at [`Engine::shutdown`], or when the
/// last clone is dropped.
#[derive(Clone)]
pub struct Engine {
    _config: MediaConfig,
    _facts: UnboundedSender<MediaFact>,
}

impl Engine {
    /// Starts the threads. `facts` hears everything that happens to every leg.
    ///
    /// # Errors
    /// When there is no pair of ports, the folder cannot be made, or the system refuses threads.
    pub fn start(
        config: MediaConfig,
        facts: UnboundedSender<MediaFact>,
    ) -> Result<Engine, MediaError> {
        Ok(Self { _config: config, _facts: facts })
    }

    /// Binds the sockets of a new leg. It sends and accepts nothing until it is connected.
    ///
    /// # Errors
    /// [`MediaError::NoPort`] when every port is in use, [`MediaError::Bind`] when the system
    /// refuses, [`MediaError::Down`] after a shutdown.
    pub fn open(&self) -> Result<Leg, MediaError> {
        Err(MediaError::Down)
    }

    /// Says where the far end is; again after a re-INVITE. From here on the leg sends, silence when
    /// there is nothing else, if the direction lets it.
    pub fn connect(&self, _leg: LegId, _target: MediaTarget) {}

    /// Joins a person's leg with an agent's, who hears a short tone first. Each leaves the bridge
    /// it was in.
    pub fn bridge(&self, _person: LegId, _agent: LegId) {}

    /// Parts the leg from the one it is bridged with; both hear silence.
    pub fn unbridge(&self, _leg: LegId) {}

    /// Plays 8 kHz samples to the leg, from its connecting on, instead of the bridge and of what
    /// was played before.
    pub fn play(&self, _leg: LegId, _samples: Arc<[i16]>, _repeat: Repeat) {}

    /// Ends a playback; no `Played` follows.
    pub fn stop(&self, _leg: LegId) {}

    /// Lets the detector hear what the leg says, 20 ms at a time; `Screened` follows.
    pub fn screen(&self, _leg: LegId, _detector: Detector) {}

    /// Records the leg until it is closed: stereo WAV of 8 kHz, left what it says, right what it
    /// hears. `file_name` is a plain name inside the configured folder, not taken yet.
    pub fn record(&self, _leg: LegId, _file_name: String) {}

    /// Presses a key (RFC 4733, in band where the far end does not take that).
    pub fn send_digit(&self, _leg: LegId, _digit: Digit) {}

    /// Closes the leg; `Closed` follows.
    pub fn close(&self, _leg: LegId) {}

    /// Closes every leg and ends the threads; waits for them (a few 20 ms, and the disk).
    pub fn shutdown(&self) {}
}
