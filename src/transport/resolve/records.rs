//! What the records of an answer come to. A name server is a stranger: few of its records are looked
//! at, and what cannot be meant (port 0, no address, a TTL of nothing or of weeks) is passed over.

use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, Record};

use super::order;
use crate::sip::Transport;

/// Answers are believed so long, at least and at most.
pub(super) const KEPT_MIN: Duration = Duration::from_secs(30);
pub(super) const KEPT_MAX: Duration = Duration::from_secs(3_600);
/// Targets of a service, and addresses of a target; further ones are not looked at.
pub(super) const TARGETS_MAX: usize = 16;
pub(super) const ADDRESSES_MAX: usize = 8;

/// One answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Records {
    /// The services that a domain's pointers lead to, best first (NAPTR).
    pub services: Vec<(Transport, String)>,
    /// Who serves, unordered (SRV); `None` when no record says whether anybody does.
    pub offers: Option<Vec<Offer>>,
    /// The service is decidedly not there: its only target is the root (RFC 2782).
    pub is_declined: bool,
    /// A machine's addresses (A, AAAA).
    pub addresses: Vec<IpAddr>,
    /// How long that may be believed.
    pub kept: Duration,
}

/// A machine that serves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// Lower ones go first.
    pub priority: u16,
    /// Its share among those of its priority.
    pub weight: u16,
    /// Where it listens.
    pub port: u16,
    /// Its name.
    pub machine: String,
}

/// Why a message is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AnswerFault {
    /// It does not hold what is asked for: the name server says so.
    #[error("the name server refuses, or knows no such name")]
    Code,
    /// It is not DNS, or not whole.
    #[error("no message of DNS (RFC 1035 §4)")]
    Malformed,
    /// It is a question.
    #[error("a question")]
    Question,
    /// It was too long for its datagram, and is to be asked for over TCP.
    #[error("cut (RFC 2181 §9)")]
    Truncated,
}

impl Records {
    /// What a message says.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn read(message: &[u8]) -> Result<Self, AnswerFault> {
        let message = Message::from_vec(message).map_err(|_| AnswerFault::Malformed)?;
        if message.metadata.message_type != MessageType::Response {
            return Err(AnswerFault::Question);
        }
        if message.metadata.truncation {
            return Err(AnswerFault::Truncated);
        }
        if message.metadata.response_code != ResponseCode::NoError {
            return Err(AnswerFault::Code);
        }
        Ok(Self::of(&message.answers))
    }

    /// What records say.
    pub(super) fn of(records: &[Record]) -> Self {
        let all = || records.iter().map(|record| &record.data);
        let pointers = all().filter_map(|data| match data {
            RData::NAPTR(naptr) => Some(naptr),
            _ => None,
        });
        let served = || {
            let served = all().filter_map(|data| match data {
                RData::SRV(srv) => Some(srv),
                _ => None,
            });
            served.take(TARGETS_MAX)
        };
        let is_served = served().next().is_some();
        let addresses = all().filter_map(|data| match data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        });
        let usable = |ip: &IpAddr| !ip.is_unspecified() && !ip.is_multicast();
        let ttl = records.iter().map(|record| record.ttl).min().unwrap_or(0);
        Self {
            services: order::services(pointers.take(TARGETS_MAX)),
            offers: is_served.then(|| served().filter_map(offer).collect()),
            is_declined: is_served && served().all(|srv| srv.target.is_root()),
            addresses: addresses.filter(usable).take(ADDRESSES_MAX).collect(),
            kept: Duration::from_secs(ttl.into()).clamp(KEPT_MIN, KEPT_MAX),
        }
    }

    /// No such record.
    pub(super) fn none() -> Self {
        Self::of(&[])
    }
}

fn offer(srv: &SRV) -> Option<Offer> {
    let is_there = srv.port != 0 && !srv.target.is_root();
    let machine = is_there.then(|| srv.target.to_ascii())?;
    Some(Offer { priority: srv.priority, weight: srv.weight, port: srv.port, machine })
}
