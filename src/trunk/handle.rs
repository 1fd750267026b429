//! The handle that the server holds, and the task behind it.

use std::net::SocketAddr;

use jiff::SignedDuration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{oneshot, watch};

use super::config::{TrunkConfig, TrunksConfig};
use super::desk::Desk;
use super::fact::{TrunkFact, TrunkStatus};
use super::naming::{self, Found};
use crate::clock;
use crate::compliance::Permit;
use crate::crash::{self, Point};
use crate::domain::{CallId, TrunkId};
use crate::sip::{Held, Kept};
use crate::transport::{BindFault, ResolveFault, Udp};

/// Every trunk, behind one socket and one task. Clones speak to the same task, which ends when the
/// last of them is dropped or [`Trunks::shutdown`] is through.
#[derive(Clone)]
pub struct Trunks {
    commands: UnboundedSender<Command>,
    status: watch::Receiver<Vec<TrunkStatus>>,
    local: SocketAddr,
}

/// Why the trunks could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TrunkError {
    /// The socket could not be bound.
    #[error("cannot bind the SIP socket for trunks to {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: BindFault,
    },
    /// Trunks are known by name, and nobody can be asked where they are.
    #[error("trunks are known by name: {0}")]
    Names(#[from] ResolveFault),
}

pub(super) enum Command {
    Answer {
        call: CallId,
        local: SocketAddr,
    },
    Drain,
    EndStrays(Vec<Kept>),
    Fence(oneshot::Sender<()>),
    Held(oneshot::Sender<Held>),
    Doom(CallId),
    HangUp(CallId),
    Originate {
        call: CallId,
        sip_call_id: String,
        permit: Box<Permit>,
        local: SocketAddr,
        order: Vec<TrunkId>,
    },
    Refuse {
        call: CallId,
        status: u16,
    },
    Shutdown(oneshot::Sender<()>),
}

impl Trunks {
    /// Binds the socket and starts the task, on the current tokio runtime.
    ///
    /// # Errors
    /// [`TrunkError::Bind`] when the address is taken or not ours.
    pub fn start(
        config: TrunksConfig,
    ) -> Result<(Trunks, UnboundedReceiver<TrunkFact>), TrunkError> {
        let bound = |source| TrunkError::Bind { address: config.bind, source };
        let peers = config.trunks.iter().filter_map(TrunkConfig::stream).collect();
        for trunk in config.trunks.iter().filter(|trunk| trunk.shows_its_keys()) {
            tracing::warn!(trunk = %trunk.name, "SRTP's keys are sent without TLS, for all to read");
        }
        let mut udp = Udp::bind_with(config.bind, config.endpoint(), peers).map_err(bound)?;
        let networks = || config.trunks.iter().flat_map(TrunkConfig::networks).collect();
        let tls = config.listen_tls.as_ref().map(|(address, identity)| (*address, Some(identity)));
        for (address, identity) in
            config.listen_tcp.map(|address| (address, None)).into_iter().chain(tls)
        {
            let bound = |source| TrunkError::Bind { address, source };
            udp.listen(address, identity, networks()).map_err(bound)?;
        }
        let local = udp.endpoint.contact();
        let found = naming::start(&config)?;
        let desk = Desk::new(config, clock::now());
        let (commands, orders) = mpsc::unbounded_channel();
        let (facts, told) = mpsc::unbounded_channel();
        let (publish, status) = watch::channel(desk.status());
        tokio::spawn(Task { udp, desk, found, orders, facts, publish, done: Vec::new() }.run());
        Ok((Trunks { commands, status, local }, told))
    }

    /// Where carriers reach us.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Places a call through the first trunk of `order` that takes it; `local` is where our audio
    /// is, and `sip_call_id` the Call-ID of its INVITE, as the books have it; a further trunk gets
    /// the same with `-2` and so on. A permit past its expiry is refused, also before a second trunk
    /// is tried.
    pub fn originate(
        &self,
        call: CallId,
        sip_call_id: String,
        permit: Permit,
        local: SocketAddr,
        order: Vec<TrunkId>,
    ) {
        let permit = Box::new(permit);
        self.send(Command::Originate { call, sip_call_id, permit, local, order });
    }

    /// Answers a call that comes in; `local` is where our audio is. `Answered` or `Ended` follows.
    pub fn answer(&self, call: CallId, local: SocketAddr) {
        self.send(Command::Answer { call, local });
    }

    /// Turns a call away that comes in, with 300 to 699. `Ended` follows.
    pub fn refuse(&self, call: CallId, status: u16) {
        self.send(Command::Refuse { call, status });
    }

    /// Ends a call: silently before its INVITE has left, by CANCEL while it rings, by BYE once
    /// answered. `Ended` follows.
    pub fn hang_up(&self, call: CallId) {
        self.send(Command::HangUp(call));
    }

    /// Ends dialogs that another process has left on this address: a BYE for what was up, a CANCEL
    /// for what rang. Nothing is told of them.
    pub fn end_strays(&self, strays: Vec<Kept>) {
        self.send(Command::EndStrays(strays));
    }

    /// Returns when everything that was said before has been done: a call that was to be hung up
    /// has left no INVITE that could still leave.
    pub async fn fence(&self) {
        let (done, passed) = oneshot::channel();
        self.send(Command::Fence(done));
        // A task that is gone sends nothing any more.
        let _ = passed.await;
    }

    /// The network has said by its tones that nobody will answer: the call is given up in a while, as
    /// by [`Trunks::hang_up`], unless its response comes before, or an answer all the same.
    pub fn expect_no_answer(&self, call: CallId) {
        self.send(Command::Doom(call));
    }

    /// No new calls from now on: they end at once, by our fault. Live calls go on.
    pub fn drain(&self) {
        self.send(Command::Drain);
    }

    /// Returns when it is known where every trunk is, or after `limit`.
    pub async fn located(&self, limit: SignedDuration) {
        let limit = std::time::Duration::try_from(limit).unwrap_or_default();
        let mut status = self.status.clone();
        let is_known = |known: &Vec<TrunkStatus>| known.iter().all(|it| it.address.is_some());
        // Whoever is not found by then is found later, or never.
        let _ = tokio::time::timeout(limit, status.wait_for(is_known)).await;
    }

    /// Hangs up every call and ends the task; returns when the last is down, or after `limit`.
    pub async fn shutdown(&self, limit: SignedDuration) {
        let (done, down) = oneshot::channel();
        self.send(Command::Shutdown(done));
        let limit = std::time::Duration::try_from(limit).unwrap_or_default();
        if tokio::time::timeout(limit, down).await.is_err() {
            tracing::warn!("calls were still up when the trunks were shut down");
        }
    }

    /// How each trunk is, in the order of the configuration.
    pub fn status(&self) -> Vec<TrunkStatus> {
        self.status.borrow().clone()
    }

    /// How much of SIP is going on now; nothing of a task that is gone.
    pub async fn held(&self) -> Held {
        let (reply, held) = oneshot::channel();
        self.send(Command::Held(reply));
        held.await.unwrap_or_default()
    }

    /// A task that is gone has closed the facts too: its owner knows.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

struct Task {
    udp: Udp,
    desk: Desk,
    found: UnboundedReceiver<Found>,
    orders: UnboundedReceiver<Command>,
    facts: UnboundedSender<TrunkFact>,
    publish: watch::Sender<Vec<TrunkStatus>>,
    /// Who waits for the end of [`Trunks::shutdown`].
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
                Some(found) = self.found.recv() => self.locate(found),
                () = clock::sleep_until(deadline) => {}
            }
            self.settle();
        }
        for done in self.done {
            let _ = done.send(());
        }
    }

    /// A trunk that is known by name is there from now on.
    fn locate(&mut self, found: Found) {
        for peer in self.desk.located(found, clock::now()) {
            let address = peer.address;
            if let Err(error) = self.udp.know(peer) {
                tracing::error!(%address, %error, "TLS cannot be spoken there");
            }
        }
        self.udp.set_callers(self.desk.networks());
    }

    fn obey(&mut self, command: Command) {
        let (now, sip) = (clock::now(), &mut self.udp.endpoint);
        match command {
            Command::Answer { call, local } => self.desk.answer(call, local, sip, now),
            Command::Drain => self.desk.drain(),
            Command::EndStrays(strays) => {
                self.desk.end_strays(&strays, sip, now);
                self.udp.flush();
                crash::reached(Point::StrayEnded);
            }
            // Nobody may wait for it any more.
            Command::Fence(done) => {
                let _ = done.send(());
            }
            Command::Held(reply) => {
                let _ = reply.send(sip.held());
            }
            Command::Doom(call) => self.desk.doom(call, now),
            Command::HangUp(call) => self.desk.hang_up(call, sip, now),
            Command::Originate { call, sip_call_id, permit, local, order } => {
                self.desk.originate(call, sip_call_id, *permit, local, order, now);
            }
            Command::Refuse { call, status } => self.desk.refuse(call, status, sip, now),
            Command::Shutdown(done) => {
                self.desk.hang_up_all(sip, now);
                self.done.push(done);
            }
        }
    }

    /// What follows from what was heard: calls placed, packets sent, facts told.
    fn settle(&mut self) {
        let now = clock::now();
        self.desk.settle(&mut self.udp.endpoint, now);
        self.udp.flush();
        for _ in 0..self.desk.take_invited() {
            crash::reached(Point::InviteSent);
        }
        for fact in self.desk.take_facts() {
            // Nobody listens any more: the calls are hung up by whoever has dropped the receiver.
            let _ = self.facts.send(fact);
        }
        let status = self.desk.status();
        self.publish.send_if_modified(|known| {
            let changed = *known != status;
            *known = status;
            changed
        });
    }
}
