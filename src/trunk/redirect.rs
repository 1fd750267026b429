//! Redirection (RFC 3261 §8.1.3.4, §21.3): off, unless a trunk says to which addresses it may move
//! a call. What moves is the way, never the number: a Contact with another number would have us
//! call whom the gate has not been asked about, and is not followed whatever the list says.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use super::call::{Progress, Stage};
use super::desk::Desk;
use super::invite;
use super::line::after;
use crate::domain::PhoneNumber;
use crate::sip::uri::Uri;
use crate::sip::{DialogId, Endpoint, Failure, Network, Transport};

impl Desk {
    /// The trunk has sent the call elsewhere: it is followed there once, where that is allowed.
    pub(super) fn follow(
        &mut self,
        dialog: DialogId,
        failure: &Failure,
        sip: &mut Endpoint,
        now: Timestamp,
    ) -> bool {
        let Some(moved_to) = failure.moved_to.as_deref() else { return false };
        let Some(id) = self.by_dialog.get(&dialog).copied() else { return false };
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Stage::Out(out) = &call.stage else { return false };
        let Some(line) = self.lines.get(&out.trunk) else { return false };
        let Ok(number) = call.permit.number(now) else { return false };
        let pristine = matches!(out.progress, Progress::Calling) && !out.hung_up && !out.moved;
        let datagrams = line.config.transport == Transport::Udp;
        let Some(to) = place(moved_to, number, &line.config.redirects_to) else {
            tracing::info!(call = %id, trunk = %line.config.name, "redirect not followed");
            return false;
        };
        if !pristine || !datagrams {
            return false;
        }
        let config = super::TrunkConfig { address: to, domain: None, ..line.config.clone() };
        let srtp = self.keys.for_call(config.srtp);
        let caller_id = call.permit.caller_id();
        let invite = invite::build(&config, number, caller_id, call.local, srtp.as_deref(), now);
        let next = sip.invite_as(invite, call.next_sip_call_id(), now);
        let Stage::Out(out) = &mut call.stage else { return false };
        let patient_until = after(now, line.config.silence_max);
        (out.dialog, out.at, out.moved, out.heard, out.srtp) = (next, to, true, false, srtp);
        out.sip_call_id = sip.call_id(next).map(str::to_owned);
        out.patient_until = Some(patient_until);
        self.patience.insert((patient_until, id));
        self.by_dialog.remove(&dialog);
        self.by_dialog.insert(next, id);
        true
    }
}

/// Where a Contact points, if it is on the list and has the very number that was called. A name is
/// not looked up.
fn place(contact: &str, number: PhoneNumber, allowed: &[Network]) -> Option<SocketAddr> {
    let uri = Uri::parse(contact).filter(|uri| uri.scheme.eq_ignore_ascii_case("sip"))?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let user = uri.user?.split(';').next()?;
    let host: IpAddr = uri.host.trim_matches(['[', ']']).parse().ok()?;
    let same = digits(user) == digits(&number.to_e164());
    let listed = allowed.iter().any(|network| network.contains(host));
    (same && listed).then(|| SocketAddr::new(host, uri.port.unwrap_or(5060)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_number_at_a_listed_address_is_followed() {
        let number = PhoneNumber::from_e164("+12015550123").unwrap();
        let allowed = ["192.0.2.0/28".parse().unwrap()];
        let to = |contact| place(contact, number, &allowed).map(|to| to.to_string());
        assert_eq!(to("sip:+12015550123@192.0.2.7").as_deref(), Some("192.0.2.7:5060"));
        assert_eq!(to("sip:12015550123@192.0.2.7:5090").as_deref(), Some("192.0.2.7:5090"));
        assert_eq!(to("sip:+19005550123@192.0.2.7"), None, "another number");
        assert_eq!(to("sip:+12015550123@198.51.100.1"), None, "not on the list");
        assert_eq!(to("sip:+12015550123@sbc.example"), None, "a name");
        assert_eq!(to("tel:+12015550123"), None);
        assert_eq!(place("sip:+12015550123@192.0.2.7", number, &[]), None, "off by default");
    }
}
