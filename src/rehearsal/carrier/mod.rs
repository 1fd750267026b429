//! The test carrier: numbers that ring, answer, refuse and hang up, on real SIP and RTP.
//!
//! What a called number does (who picks up, after how long, what is said, when it hangs up) is drawn
//! from the seed and the number alone, so that a rehearsal can be had again.

mod caller;
mod config;
mod exchange;
mod line;
mod numbers;
mod repertoire;
mod report;
mod signalling;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;

use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::media::{Engine, MediaConfig, MediaError};
use crate::sip::EndpointConfig;
use crate::transport::Udp;

pub use caller::CallIn;
pub use config::{CarrierConfig, CarrierConfigFault, Machine, Person, Ports};
pub use numbers::{Answer, Numbers};
pub use report::{CallEnd, Ending, Totals};

use exchange::Exchange;
use repertoire::Repertoire;

/// A caller that sends nothing for so long is told of by the media engine; here nobody asks.
const SILENCE_MAX: SignedDuration = SignedDuration::from_secs(3_600);

/// A test carrier that runs. Dropped, it ends its calls and stops.
#[derive(Debug)]
pub struct Carrier {
    address: SocketAddr,
    calls_in: mpsc::UnboundedSender<CallIn>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Totals>,
}

/// Why the carrier does not start.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// The SIP socket.
    #[error("the test carrier cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The RTP ports.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A wildcard address cannot stand in a Contact or an SDP.
    #[error("the test carrier needs the address that callers reach it at, not {0}")]
    Unspecified(SocketAddr),
}

impl Carrier {
    /// Starts it on `listen` (port 0: any). The second value hears of each call that is over, and
    /// may be dropped. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn start(
        config: CarrierConfig,
        listen: SocketAddr,
        seed: u64,
    ) -> Result<(Self, mpsc::UnboundedReceiver<CallEnd>), CarrierError> {
        if listen.ip().is_unspecified() {
            return Err(CarrierError::Unspecified(listen));
        }
        let listening = |source| CarrierError::Listen { address: listen, source };
        let mut endpoint = EndpointConfig::new(listen, seed);
        endpoint.user_agent = concat!("outdial-carrier/", env!("CARGO_PKG_VERSION")).to_owned();
        endpoint.dialogs_max = usize::from(config.calls_max);
        let udp = Udp::bind(listen, endpoint).map_err(listening)?;
        let address = udp.local_addr().map_err(listening)?;
        let media = MediaConfig {
            ip: listen.ip(),
            ports: config.rtp_ports.range(),
            threads: 1,
            silence_max: SILENCE_MAX,
            load_max: 1.0,
            // Nothing is recorded.
            recordings: std::env::temp_dir(),
            seed,
        };
        let (facts, heard) = mpsc::unbounded_channel();
        let engine = Engine::start(media, facts)?;
        let (ends, told) = mpsc::unbounded_channel();
        let (calls_in, called_in) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let made = {
                let config = config.clone();
                tokio::task::spawn_blocking(move || Repertoire::new(&config, seed)).await
            };
            match made {
                Ok(repertoire) => {
                    let media = (engine, heard);
                    Exchange::new(config, seed, repertoire, udp, media, ends)
                        .run(called_in, stopped)
                        .await
                }
                // The runtime is going down.
                Err(_) => Totals::default(),
            }
        });
        Ok((Self { address, calls_in, stop, task }, told))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Calls a number of the dialer's; its end is told as every other call's.
    pub fn call_in(&self, call: CallIn) {
        // A task that is gone has told its totals.
        let _ = self.calls_in.send(call);
    }

    /// Ends its calls, waiting at most 2 s for the callers, and says what there was.
    pub async fn stop(self) -> Totals {
        let _ = self.stop.send(());
        self.task.await.unwrap_or_default()
    }
}
