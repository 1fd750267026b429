//! Whether each trunk answers: an OPTIONS to all of them at once (RFC 3261 §11).

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use super::Finding;
use crate::clock;
use crate::config::Config;
use crate::server::secret_seed;
use crate::sip::{EndpointConfig, Event, RequestId};
use crate::transport::Udp;
use crate::trunk::TrunkConfig;

/// Where SIP is when no port is said (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;
/// Who has not answered by then does not.
const WAIT_MAX: Duration = Duration::from_secs(4);

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    match ask(config).await {
        Ok(findings) => findings,
        Err(error) => {
            vec![Finding::look("trunks", error, "mend the ports first; they were not asked")]
        }
    }
}

async fn ask(config: &Config) -> Result<Vec<Finding>, String> {
    // The server may have the port: from another one the trunk is asked all the same.
    let local = SocketAddr::new(config.sip.trunk_bind.ip(), 0);
    let seed = secret_seed().map_err(|error| error.to_string())?;
    let found: Vec<Option<(&TrunkConfig, SocketAddr)>> =
        config.trunks.iter().map(|trunk| Some((trunk, address_of(trunk)?))).collect();
    let peers = found.iter().flatten();
    let peers = peers.filter_map(|(trunk, address)| trunk.stream_at(*address)).collect();
    let mut udp = Udp::bind_with(local, EndpointConfig::new(local, seed), peers)
        .map_err(|error| error.to_string())?;
    let mut asked: BTreeMap<RequestId, usize> = BTreeMap::new();
    for (place, trunk) in found.iter().enumerate() {
        let Some((trunk, address)) = trunk else { continue };
        let uri = format!("sip:{}", trunk.host());
        asked.insert(udp.endpoint.options(*address, uri, clock::now()), place);
    }
    let began = clock::now();
    let mut answers = BTreeMap::new();
    let listen = async {
        while answers.len() < asked.len() {
            for event in udp.next().await {
                if let Event::Response { id, status, .. } = event
                    && let Some(place) = asked.get(&id)
                {
                    answers.insert(*place, (status, clock::now().duration_since(began)));
                }
            }
        }
    };
    let _ = tokio::time::timeout(WAIT_MAX, listen).await;
    let said = config.trunks.iter().enumerate().map(|(place, trunk)| {
        let what = format!("trunk {}", trunk.name);
        let Some((_, address)) = &found[place] else {
            let remedy = "see the name in [trunks], and the resolver of this machine; SRV records \
                          are not followed here";
            return Finding::look(what, "its name leads to no address", remedy);
        };
        match answers.get(&place) {
            Some((Some(status), after)) if !matches!(status, 408 | 503) => Finding::well(
                what,
                format!("{address} answers {status} to OPTIONS after {} ms", after.as_millis()),
            ),
            Some((Some(status), _)) => Finding::wrong(
                what,
                format!("{address} answers {status} to OPTIONS"),
                "ask the carrier whether it takes calls",
            ),
            _ => Finding::look(
                what,
                format!("{address} does not answer OPTIONS"),
                "ask the carrier whether it knows your address, and see the firewall for SIP; a \
                 carrier may also ignore OPTIONS",
            ),
        }
    });
    Ok(said.collect())
}

/// Where it is; of a name the first address.
fn address_of(trunk: &TrunkConfig) -> Option<SocketAddr> {
    let Some(host) = &trunk.host else { return Some(trunk.address) };
    let port = host.port.unwrap_or(SIP_PORT);
    (host.name.as_str(), port).to_socket_addrs().ok()?.next()
}
