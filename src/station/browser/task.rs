//! The task: one socket, every browser.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

use super::config::OfferFault;
use super::desk::Desk;
use crate::clock;
use crate::domain::AgentId;
use crate::station::fact::StationFact;
use crate::transport::pipe::{Tagged, TowardLeg};

/// The longest datagram that is taken; DTLS and SRTP stay below an Ethernet frame.
const DATAGRAM_MAX: usize = 2_048;
/// Datagrams and packets that are dealt with before anything is sent.
const BURST_MAX: usize = 64;

/// What the task is told.
#[derive(Debug)]
pub(super) enum Command {
    Ask { agent: AgentId, reply: oneshot::Sender<bool> },
    Attach { agent: AgentId, toward: TowardLeg },
    Drop { agent: AgentId },
    Echo { agent: AgentId, on: bool },
    Leave { agent: AgentId },
    Offer { agent: AgentId, offer: String, reply: oneshot::Sender<Result<String, OfferFault>> },
    Shutdown { done: oneshot::Sender<()> },
}

pub(super) struct Task {
    pub socket: UdpSocket,
    pub desk: Desk,
    pub orders: UnboundedReceiver<Command>,
    pub said: Receiver<Tagged>,
    pub facts: UnboundedSender<StationFact>,
}

impl Task {
    pub(super) async fn run(mut self) {
        let mut buffer = [0; DATAGRAM_MAX];
        loop {
            let deadline = self.desk.poll_timeout();
            let done = tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Command::Shutdown { done }) => Some(done),
                    Some(order) => { self.obey(order); None }
                    None => return,
                },
                Ok(()) = self.socket.readable() => { self.read(&mut buffer); None }
                Some(packet) = self.said.recv() => { self.pass_on(packet); None }
                () = clock::sleep_until(deadline) => None,
            };
            if done.is_some() {
                self.desk.close_all(clock::now());
            }
            self.desk.pass_time(clock::now());
            self.flush();
            if let Some(done) = done {
                let _ = done.send(());
                return;
            }
        }
    }

    fn obey(&mut self, order: Command) {
        let now = clock::now();
        match order {
            Command::Ask { agent, reply } => {
                let _ = reply.send(self.desk.is_connected(agent));
            }
            Command::Attach { agent, toward } => self.desk.attach(agent, toward, now),
            Command::Drop { agent } => self.desk.drop(agent, now),
            Command::Echo { agent, on } => self.desk.set_echo(agent, on),
            Command::Leave { agent } => self.desk.leave(agent, now),
            Command::Offer { agent, offer, reply } => {
                // Whoever has asked may have gone; the connection then never comes up.
                let _ = reply.send(self.desk.offer(agent, &offer, now));
            }
            // Dealt with above.
            Command::Shutdown { .. } => {}
        }
    }

    fn read(&mut self, buffer: &mut [u8; DATAGRAM_MAX]) {
        for _ in 0..BURST_MAX {
            match self.socket.try_recv_from(buffer) {
                Ok((length, from)) => self.desk.receive(from, &buffer[..length], clock::now()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An ICMP error about a packet of ours: no news.
                Err(_) => {}
            }
        }
    }

    fn pass_on(&mut self, first: Tagged) {
        let mut next = Some(first);
        for _ in 0..BURST_MAX {
            let Some((tag, packet)) = next else { return };
            self.desk.tell_browser(AgentId(tag as i64), &packet, clock::now());
            next = self.said.try_recv().ok();
        }
        if let Some((tag, packet)) = next {
            self.desk.tell_browser(AgentId(tag as i64), &packet, clock::now());
        }
    }

    fn flush(&mut self) {
        let sent: Vec<(SocketAddr, Vec<u8>)> = self.desk.take_datagrams();
        for (to, bytes) in sent {
            // A full buffer: lost, as any packet may be.
            let _ = self.socket.try_send_to(&bytes, to);
        }
        for fact in self.desk.take_facts() {
            let _ = self.facts.send(fact);
        }
    }
}
