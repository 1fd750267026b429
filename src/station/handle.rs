//! The handle that the server holds, and the task behind it.

use std::net::SocketAddr;

use jiff::SignedDuration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use super::config::{Extension, StationConfig};
use super::desk::Desk;
use super::fact::StationFact;
use crate::clock;
use crate::domain::AgentId;
use crate::sip::{EndpointConfig, Kept};
use crate::transport::Udp;

/// The agents' phones, behind one socket and one task. Clones speak to the same task, which ends
/// when the last of them is dropped or [`Station::shutdown`] is through.
#[derive(Clone)]
pub struct Station {
    commands: UnboundedSender<Command>,
    local: SocketAddr,
}

/// Why the station could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The socket could not be bound.
    #[error("cannot bind the SIP socket for agents' phones to {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The browsers' socket could not be bound.
    #[error("cannot bind the socket for phones in browsers to {address} ([web] media): {source}")]
    Browsers {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

enum Command {
    Accept(AgentId, SocketAddr),
    Call(AgentId, SocketAddr),
    Drop(AgentId),
    EndStrays(Vec<Kept>),
    Extensions(Vec<Extension>),
    Shutdown(oneshot::Sender<()>),
}

impl Station {
    /// Binds the socket and starts the task, on the current tokio runtime. No phone can register
    /// until [`Station::set_extensions`].
    ///
    /// # Errors
    /// [`StationError::Bind`] when the address is taken or not ours.
    pub fn start(
        config: StationConfig,
    ) -> Result<(Station, UnboundedReceiver<StationFact>), StationError> {
        let bound = |source| StationError::Bind { address: config.bind, source };
        let endpoint = EndpointConfig {
            user_agent: config.user_agent.clone(),
            takes_calls: true,
            registrar: true,
            ..EndpointConfig::new(config.bind, config.seed)
        };
        let udp = Udp::bind(config.bind, endpoint).map_err(bound)?;
        let local = udp.endpoint.contact();
        let (commands, orders) = mpsc::unbounded_channel();
        let (facts, told) = mpsc::unbounded_channel();
        let desk = Desk::new(config);
        tokio::spawn(Task { udp, desk, orders, facts, done: Vec::new() }.run());
        Ok((Station { commands, local }, told))
    }

    /// Where phones register.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Who may register, in place of what was said before. An agent who is not in it any more loses
    /// registration and leg.
    pub fn set_extensions(&self, extensions: Vec<Extension>) {
        self.send(Command::Extensions(extensions));
    }

    /// Calls the agent's phone for a leg that stays up; `local` is where our audio is. `LegUp` or
    /// `LegDown` follows. Ignored while the agent has a leg.
    pub fn call(&self, agent: AgentId, local: SocketAddr) {
        self.send(Command::Call(agent, local));
    }

    /// Answers an `IncomingLeg`; `local` is where our audio is. `LegUp` or `LegDown` follows.
    pub fn accept(&self, agent: AgentId, local: SocketAddr) {
        self.send(Command::Accept(agent, local));
    }

    /// Ends the agent's leg, whatever its state. `LegDown` follows if there is one.
    pub fn drop(&self, agent: AgentId) {
        self.send(Command::Drop(agent));
    }

    /// Ends legs that another process has left up on this address. Nothing is told of them.
    pub fn end_strays(&self, strays: Vec<Kept>) {
        self.send(Command::EndStrays(strays));
    }

    /// Ends every leg and the task; returns when the last is down, or after `limit`.
    pub async fn shutdown(&self, limit: SignedDuration) {
        let (done, down) = oneshot::channel();
        self.send(Command::Shutdown(done));
        let limit = std::time::Duration::try_from(limit).unwrap_or_default();
        if tokio::time::timeout(limit, down).await.is_err() {
            tracing::warn!("legs were still up when the station was shut down");
        }
    }

    /// A task that is gone has closed the facts too: its owner knows.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

struct Task {
    udp: Udp,
    desk: Desk,
    orders: UnboundedReceiver<Command>,
    facts: UnboundedSender<StationFact>,
    /// Who waits for the end of [`Station::shutdown`].
    done: Vec<oneshot::Sender<()>>,
}

impl Task {
    async fn run(mut self) {
        while self.done.is_empty() || !self.desk.is_idle() {
            let deadline = self.desk.poll_timeout();
            tokio::select! {
                events = self.udp.next() => {
                    let now = clock::now();
                    for event in events {
                        self.desk.absorb(event, &mut self.udp.endpoint, now);
                    }
                }
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                () = clock::sleep_until(deadline) => {}
            }
            self.desk.expire(&mut self.udp.endpoint, clock::now());
            self.udp.flush();
            for fact in self.desk.take_facts() {
                // Nobody listens any more: whoever has dropped the receiver drops the legs.
                let _ = self.facts.send(fact);
            }
        }
        for done in self.done {
            let _ = done.send(());
        }
    }

    fn obey(&mut self, command: Command) {
        let (now, sip) = (clock::now(), &mut self.udp.endpoint);
        match command {
            Command::Accept(agent, local) => self.desk.accept(agent, local, sip, now),
            Command::Call(agent, local) => self.desk.call(agent, local, sip, now),
            Command::Drop(agent) => self.desk.drop(agent, sip, now),
            Command::EndStrays(strays) => self.desk.end_strays(&strays, sip, now),
            Command::Extensions(extensions) => self.desk.set_extensions(extensions, sip, now),
            Command::Shutdown(done) => {
                self.desk.drop_all(sip, now);
                self.done.push(done);
            }
        }
    }
}
