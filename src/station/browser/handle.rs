//! The handle that the server holds.

use std::net::SocketAddr;

use jiff::SignedDuration;
use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use super::config::{BrowserConfig, OfferFault};
use super::desk::Desk;
use super::task::{Command, Task};
use crate::domain::AgentId;
use crate::station::StationError;
use crate::station::fact::StationFact;
use crate::transport::pipe::{PipeEnd, Tagged, pipe};

/// Packets of all legs that may wait for the task: a second of two hundred.
const PACKETS_MAX: usize = 10_000;

/// The phones in agents' browsers, behind one socket and one task. Clones speak to the same task.
#[derive(Clone, Debug)]
pub struct Browsers {
    commands: UnboundedSender<Command>,
    packets: Sender<Tagged>,
    shown: SocketAddr,
}

impl Browsers {
    /// Binds the socket and starts the task, on the current tokio runtime.
    ///
    /// # Errors
    /// [`StationError::Browsers`] when the address is taken or not ours.
    pub fn start(
        config: BrowserConfig,
    ) -> Result<(Self, UnboundedReceiver<StationFact>), StationError> {
        let bound = |source| StationError::Browsers { address: config.bind, source };
        let socket = std::net::UdpSocket::bind(config.bind).map_err(bound)?;
        socket.set_nonblocking(true).map_err(bound)?;
        let local = socket.local_addr().map_err(bound)?;
        let shown = SocketAddr::new(config.outer.unwrap_or(local.ip()), local.port());
        let socket = tokio::net::UdpSocket::from_std(socket).map_err(bound)?;
        let (commands, orders) = mpsc::unbounded_channel();
        let (packets, said) = mpsc::channel(PACKETS_MAX);
        let (facts, told) = mpsc::unbounded_channel();
        let desk = Desk::new(config, shown);
        tokio::spawn(Task { socket, desk, orders, said, facts }.run());
        Ok((Self { commands, packets, shown }, told))
    }

    /// Where browsers send their audio.
    pub fn shown(&self) -> SocketAddr {
        self.shown
    }

    /// A page offers a connection (SDP, RFC 8866): the answer. It takes the place of the agent's one
    /// before, and takes over its leg.
    ///
    /// # Errors
    /// [`OfferFault`], with the connection before as it was.
    pub async fn offer(&self, agent: AgentId, offer: String) -> Result<String, OfferFault> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Offer { agent, offer, reply });
        answer.await.map_err(|_| OfferFault::Stopping)?
    }

    /// Whether the agent's browser is there and could have a leg.
    pub async fn is_connected(&self, agent: AgentId) -> bool {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Ask { agent, reply });
        answer.await.unwrap_or(false)
    }

    /// A pipe for a leg toward the agent's browser. `LegUp` or `LegDown` follows.
    pub fn attach(&self, agent: AgentId) -> PipeEnd {
        let (end, toward) = pipe(agent.0 as u64, self.packets.clone());
        self.send(Command::Attach { agent, toward });
        end
    }

    /// Ends the agent's leg; the page stays connected. `LegDown` follows if there is a leg.
    pub fn drop(&self, agent: AgentId) {
        self.send(Command::Drop { agent });
    }

    /// The page hangs its phone up.
    pub fn leave(&self, agent: AgentId) {
        self.send(Command::Leave { agent });
    }

    /// Whether the agent hears what they say, a second later; a leg ends it.
    pub fn set_echo(&self, agent: AgentId, on: bool) {
        self.send(Command::Echo { agent, on });
    }

    /// Ends every leg, every connection and the task.
    pub async fn shutdown(&self, limit: SignedDuration) {
        let (done, down) = oneshot::channel();
        self.send(Command::Shutdown { done });
        let limit = std::time::Duration::try_from(limit).unwrap_or_default();
        let _ = tokio::time::timeout(limit, down).await;
    }

    /// A task that is gone has closed the facts too: its owner knows.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
