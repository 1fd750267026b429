//! Trunks that are known by name: one task each asks where it is, again and again, and the desk takes its
//! calls there. What was known holds while the name servers are silent.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::config::{TrunkConfig, TrunksConfig};
use super::desk::Desk;
use crate::domain::TrunkId;
use crate::sip::Network;
use crate::transport::{Host, Located, ResolveFault, Resolver, StreamPeer};

/// After a fault it is asked again so soon.
const AGAIN: Duration = Duration::from_secs(15);

/// What is known of a trunk's name.
pub(super) type Found = (TrunkId, Result<Located, ResolveFault>);

/// Asks for every trunk that is known by name, until nobody wants to know.
pub(super) fn start(config: &TrunksConfig) -> Result<UnboundedReceiver<Found>, ResolveFault> {
    let (told, found) = mpsc::unbounded_channel();
    let named = |trunk: &TrunkConfig| Some((trunk.id, trunk.host.clone()?));
    let named: Vec<(TrunkId, Host)> = config.trunks.iter().filter_map(named).collect();
    if named.is_empty() {
        return Ok(found);
    }
    let resolver = Resolver::new(&config.name_servers, config.bind.is_ipv6())?;
    for (trunk, host) in named {
        let (resolver, told) = (resolver.clone(), told.clone());
        tokio::spawn(async move {
            loop {
                let located = resolver.locate(&host).await;
                let again = located.as_ref().map_or(AGAIN, |located| located.kept);
                if told.send((trunk, located)).is_err() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(again) => {}
                    () = told.closed() => return,
                }
            }
        });
    }
    Ok(found)
}

impl Desk {
    /// Takes in what is known of a trunk's name, and says which connections may be needed for it.
    pub(super) fn located(&mut self, (trunk, found): Found, now: Timestamp) -> Vec<StreamPeer> {
        let Some(line) = self.lines.get_mut(&trunk) else { return Vec::new() };
        let name = &line.config.name;
        match found {
            Ok(located) => {
                tracing::debug!(trunk = %name, targets = ?located.targets, "located");
                line.config.transport = located.transport;
                line.places.set(located.targets);
                if !line.is_at(line.config.address) {
                    line.aim(now, &mut self.chance);
                }
                let known: Vec<SocketAddr> = line.places.all().collect();
                known.into_iter().filter_map(|address| line.config.stream_at(address)).collect()
            }
            Err(fault @ ResolveFault::NotOffered(_)) => {
                tracing::error!(trunk = %name, %fault, "the trunk takes no calls");
                line.places.set(Vec::new());
                Vec::new()
            }
            Err(fault) => {
                let known = line.places.all().count();
                tracing::warn!(trunk = %name, %fault, known, "what was known of it holds");
                Vec::new()
            }
        }
    }

    /// Where calls may come in from.
    pub(super) fn networks(&self) -> Vec<Network> {
        self.lines.values().flat_map(|line| line.networks()).collect()
    }
}
