//! Registration toward carriers that ask for it (RFC 3261 §10.2): they send and take calls only
//! while we are registered.

use jiff::{SignedDuration, Timestamp};

use super::config::TrunkConfig;
use super::desk::Desk;
use super::invite::credentials;
use super::line::after;
use crate::sip::{Endpoint, Register, RequestId};

/// Asked again this long after a registrar that did not answer or refused.
const RETRY: SignedDuration = SignedDuration::from_secs(30);

/// No registrar is asked more often, whatever it grants.
const EVERY_MIN: SignedDuration = SignedDuration::from_secs(30);

/// Where we stand with a registrar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registration {
    /// When it is asked next.
    pub(super) at: Timestamp,
    /// How long it has us registered.
    until: Option<Timestamp>,
}

impl Registration {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { at: now, until: None }
    }

    /// Whether we are registered.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until > now)
    }
}

impl Desk {
    /// Registers where it is due.
    pub(super) fn register(&mut self, sip: &mut Endpoint, now: Timestamp) {
        for (trunk, line) in &mut self.lines {
            let Some(expires) = line.config.register else { continue };
            let Some(registration) = &mut line.registration else { continue };
            if registration.at > now || line.places.is_empty() {
                continue;
            }
            // The answer says when it is due again; Timer F is 32 s.
            registration.at = after(now, RETRY * 2);
            let id = sip.register(request(&line.config, expires), now);
            self.registrations.insert(id, *trunk);
        }
    }

    /// Takes every registration back: no calls are wanted any more.
    pub(super) fn unregister(&mut self, sip: &mut Endpoint, now: Timestamp) {
        for line in self.lines.values_mut() {
            if line.registration.take().is_some_and(|registration| registration.holds(now)) {
                sip.register(request(&line.config, SignedDuration::ZERO), now);
            }
        }
    }

    /// A registrar's answer; false when it is none.
    pub(super) fn registered(
        &mut self,
        id: RequestId,
        status: Option<u16>,
        expires_s: Option<u32>,
        now: Timestamp,
    ) -> bool {
        let Some(trunk) = self.registrations.remove(&id) else { return false };
        let Some(line) = self.lines.get_mut(&trunk) else { return true };
        let (name, asked) = (&line.config.name, line.config.register.unwrap_or_default());
        let Some(registration) = &mut line.registration else { return true };
        let granted =
            expires_s.map_or(asked, |expires_s| SignedDuration::from_secs(expires_s.into()));
        match status {
            Some(200..300) if !granted.is_zero() => {
                if registration.until.is_none() {
                    tracing::info!(trunk = %name, seconds = granted.as_secs(), "registered");
                }
                registration.until = Some(after(now, granted));
                // At half of it there is time to ask again before it runs out.
                registration.at = after(now, (granted / 2).max(EVERY_MIN));
            }
            _ => {
                tracing::warn!(trunk = %name, ?status, "not registered; asked again soon");
                registration.at = after(now, RETRY);
            }
        }
        true
    }
}

fn request(trunk: &TrunkConfig, expires: SignedDuration) -> Register {
    let user = trunk.login.as_ref().map_or("outdial", |login| login.username.as_str());
    Register {
        next_hop: trunk.address,
        aor: format!("sip:{user}@{}", trunk.host()),
        expires_s: u32::try_from(expires.as_secs()).unwrap_or(u32::MAX),
        credentials: credentials(trunk),
    }
}
