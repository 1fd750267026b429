//! Whether a trunk lives: an OPTIONS now and then (RFC 3261 §11), and what follows from silence.

use jiff::Timestamp;

use super::desk::Desk;
use super::fact::TrunkHealth;
use super::line::after;
use crate::sip::{Endpoint, RequestId};

impl Desk {
    /// Asks every trunk whose time has come.
    pub(super) fn probe(&mut self, sip: &mut Endpoint, now: Timestamp) {
        for (trunk, line) in &mut self.lines {
            let Some(every) = line.config.probe_every else { continue };
            if line.probe_at.is_none_or(|at| at > now) {
                continue;
            }
            line.probe_at = Some(after(now, every));
            if line.places.is_empty() {
                continue;
            }
            let uri = format!("sip:{}", line.config.host());
            let id = sip.options(line.config.address, uri, now);
            self.probes.insert(id, *trunk);
        }
    }

    /// A probe's answer. Any response but a 408 or a 503 proves that somebody is there (§11.2: it
    /// is the one that an INVITE would have got).
    pub(super) fn probed(&mut self, id: RequestId, status: Option<u16>) {
        let Some(line) = self.probes.remove(&id).and_then(|trunk| self.lines.get_mut(&trunk))
        else {
            return;
        };
        let lives = !matches!(status, None | Some(408 | 503));
        match (line.health, lives) {
            (TrunkHealth::Unreachable, true) => {
                tracing::info!(trunk = %line.config.name, "trunk answers again");
                line.health = TrunkHealth::Up;
            }
            (TrunkHealth::Resting { .. } | TrunkHealth::Trying | TrunkHealth::Up, false) => {
                tracing::warn!(trunk = %line.config.name, ?status, "trunk does not answer OPTIONS");
                line.health = TrunkHealth::Unreachable;
            }
            (
                TrunkHealth::CredentialsRefused { .. }
                | TrunkHealth::Resting { .. }
                | TrunkHealth::Trying
                | TrunkHealth::Unreachable
                | TrunkHealth::Up,
                _,
            ) => {}
        }
    }
}
