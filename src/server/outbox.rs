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

/// Where one decision goes.
pub enum Mail {
    /// To the books, behind.
    Books(Entry),
    /// To the line, after the write; the line is told first that it may come.
    Dial(DialRequest),
    /// To the line, at once.
    Line(Order),
    /// To people.
    Notice(Notice),
}

impl Mail {
    /// Sorts a decision of `now`.
    pub fn of(output: Output, now: Timestamp) -> Self {
        match output {
            Output::AwaitGreetingEnd(call, limit) => {
                Self::Line(Order::AwaitGreetingEnd { call, limit })
            }
            Output::Bridge(call, agent) => Self::Line(Order::Bridge { call, agent }),
            Output::Converse(talk) => Self::Line(Order::Converse(talk)),
            Output::FetchLeads { campaign, count } => Self::Books(Entry::Fetch { campaign, count }),
            Output::HangUp(call) => Self::Line(Order::HangUp { call }),
            Output::Notify(notice) => Self::Notice(notice),
            Output::Originate(call, permit) => Self::Dial(DialRequest { call, permit, at: now }),
            Output::Play(call, message) => Self::Line(Order::Play { call, message }),
            Output::Record(record) => Self::Books(Entry::Record(record)),
            Output::Screen(call, listening) => Self::Line(Order::Screen { call, listening }),
            Output::Unbridge(call, agent) => Self::Line(Order::Unbridge { call, agent }),
        }
    }
}

impl Outboxes {
    /// Sends one decision on its way. A closed outbox means that the server is stopping and has
    /// told the dialer so; what is decided after that has no one to carry it out.
    pub fn send(&self, output: Output, now: Timestamp) {
        match Mail::of(output, now) {
            Mail::Books(entry) => drop(self.books.send(entry)),
            Mail::Dial(request) => {
                let _ = self.line.send(Order::Expect { call: request.call });
                let _ = self.dial.send(request);
            }
            Mail::Line(order) => drop(self.line.send(order)),
            Mail::Notice(notice) => {
                if let Notice::CallerIdRests { number, reason, until } = &notice {
                    tracing::warn!(?number, ?reason, %until, "a caller id rests");
                }
                if let Notice::DetectorDrifts { campaign, view } = &notice {
                    let (recent, of) = (view.recent_contradicted, view.recent);
                    tracing::warn!(
                        %campaign, recent, of,
                        all = view.contradicted, of_all = view.judged,
                        "agents contradict the detector more than they used to"
                    );
                }
                let _ = self.notices.send(Arc::new(notice));
            }
        }
    }
}
