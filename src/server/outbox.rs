//! Where decisions go: to the line at once, to the line after the write, into the books behind.

use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};

use super::books::Entry;
use super::dial::DialRequest;
use super::switchboard::Order;
use crate::dialer::{Notice, Output};

/// The three outboxes, by urgency, and the notices. The pump never waits for any of them; each
/// holds at most a few entries for each call, and the dialer bounds the calls.
pub struct Outboxes {
    /// Line, at once: bridge, hang up, play, screen.
    pub line: mpsc::UnboundedSender<Order>,
    /// Line, after the attempt is in the store.
    pub dial: mpsc::UnboundedSender<DialRequest>,
    /// Books, behind.
    pub books: mpsc::UnboundedSender<Entry>,
    /// People. Nobody listening is no fault.
    pub notices: broadcast::Sender<Arc<Notice>>,
}

impl Outboxes {
    /// Sends one decision on its way. A closed outbox means that the server is stopping and has
    /// told the dialer so; what is decided after that has no one to carry it out.
    pub fn send(&self, output: Output, now: Timestamp) {
        let order = match output {
            Output::AwaitGreetingEnd(call, limit) => Order::AwaitGreetingEnd { call, limit },
            Output::Bridge(call, agent) => Order::Bridge { call, agent },
            Output::HangUp(call) => Order::HangUp { call },
            Output::Play(call, message) => Order::Play { call, message },
            Output::Screen(call, listening) => Order::Screen { call, listening },
            Output::Unbridge(call, agent) => Order::Unbridge { call, agent },
            Output::Originate(call, permit) => {
                let _ = self.line.send(Order::Expect { call });
                let _ = self.dial.send(DialRequest { call, permit, at: now });
                return;
            }
            Output::FetchLeads { campaign, count } => {
                let _ = self.books.send(Entry::Fetch { campaign, count });
                return;
            }
            Output::Record(record) => {
                let _ = self.books.send(Entry::Record(record));
                return;
            }
            Output::Notify(notice) => {
                if let Notice::CallerIdRests { number, reason, until } = &notice {
                    tracing::warn!(?number, ?reason, %until, "a caller id rests");
                }
                let _ = self.notices.send(Arc::new(notice));
                return;
            }
        };
        let _ = self.line.send(order);
    }
}
