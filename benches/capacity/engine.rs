//! Our own SIP engine as a caller: INVITE, 180, 200, ACK, a while, BYE.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::sys::resource::UsageWho;
use outdial::clock;
use outdial::domain::Codec;
use outdial::sip::{DialogId, EndpointConfig, Event, Invite, sdp};
use outdial::transport::Udp;

use super::sipp::Fared;
use super::{LOOPBACK, cpu};

/// How long each call is up.
pub const HOLD: SignedDuration = SignedDuration::from_millis(1_500);

/// A caller, with what it has done so far.
pub struct Caller {
    pub udp: Udp,
    uas: SocketAddr,
    rate: u64,
    calls: u64,
    began: Timestamp,
    placed: u64,
    over: u64,
    failed: u64,
    up: VecDeque<(Timestamp, DialogId)>,
}

impl Caller {
    /// So many calls, so many a second. Strangers of other addresses may send what they like.
    pub fn new(uas: SocketAddr, rate: u64, calls: u64) -> Self {
        let local = SocketAddr::from((LOOPBACK, 0));
        let mut endpoint = EndpointConfig::new(local, 1);
        endpoint.dialogs_max = 100_000;
        endpoint.callers = vec![LOOPBACK.to_string().parse().unwrap()];
        let udp = Udp::bind(local, endpoint).unwrap();
        let (began, up) = (clock::now(), VecDeque::new());
        Self { udp, uas, rate, calls, began, placed: 0, over: 0, failed: 0, up }
    }

    /// Calls until every call is over, or 40 s longer than it should take. `each` sees how many are
    /// over, now and then.
    pub async fn run(mut self, mut each: impl FnMut(u64)) -> Fared {
        let before = cpu(UsageWho::RUSAGE_SELF);
        let seconds = (self.calls / self.rate) as i64;
        let limit = self.began + SignedDuration::from_secs(seconds + 40);
        while self.over < self.calls && clock::now() < limit {
            self.place(clock::now());
            if let Ok(events) =
                tokio::time::timeout(Duration::from_millis(2), self.udp.next()).await
            {
                events.into_iter().for_each(|event| self.absorb(event));
            }
            each(self.over);
        }
        let cpu_ms = (cpu(UsageWho::RUSAGE_SELF) - before) / self.calls as f64;
        Fared { failed: self.failed + (self.calls - self.over), cpu_ms, again: 0 }
    }

    /// What is due.
    fn place(&mut self, now: Timestamp) {
        let due = now.duration_since(self.began).as_millis() as u64 * self.rate / 1_000;
        while self.placed < self.calls.min(due) {
            self.udp.endpoint.invite(invite(self.uas, self.placed), now);
            self.placed += 1;
        }
        while self.up.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, dialog)) = self.up.pop_front() else { return };
            self.udp.endpoint.hang_up(dialog, now);
        }
        self.udp.flush();
    }

    fn absorb(&mut self, event: Event) {
        match event {
            Event::Answered { dialog, .. } => self.up.push_back((clock::now() + HOLD, dialog)),
            Event::Ended { by_remote, .. } => {
                self.over += 1;
                self.failed += u64::from(by_remote);
            }
            Event::Failed { .. } => {
                self.over += 1;
                self.failed += 1;
            }
            _ => {}
        }
    }
}

/// Runs it on a thread of its own.
pub fn on_one_thread<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn invite(uas: SocketAddr, number: u64) -> Invite {
    let local = sdp::LocalMedia {
        address: SocketAddr::from((LOOPBACK, 40_000)),
        codecs: Codec::LAWS.to_vec(),
        srtp: None,
    };
    Invite {
        next_hop: uas,
        request_uri: format!("sip:+1201555{:04}@{uas}", number % 10_000),
        from: "<sip:+18005550199@127.0.0.1>".to_owned(),
        to: format!("<sip:+1201555{:04}@{uas}>", number % 10_000),
        sdp: sdp::offer(&local, 1),
        headers: Vec::new(),
        credentials: None,
    }
}
