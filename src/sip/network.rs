//! Whose packets: an address, or all of a network.

use std::net::IpAddr;
use std::str::FromStr;

/// An address, or all that begin with the same bits: `192.0.2.7`, `192.0.2.0/28`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

/// It is neither an address nor a network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an address is 192.0.2.7, a network 192.0.2.0/28 (RFC 4632 §3.1), its other bits zero")]
pub struct NetworkFault;

impl Network {
    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same_family = self.first.is_ipv4() == address.is_ipv4();
        same_family && cut(address, self.bits) == cut(self.first, self.bits)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self { first: address, bits: width(address) }
    }
}

impl FromStr for Network {
    type Err = NetworkFault;

    fn from_str(text: &str) -> Result<Self, NetworkFault> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| NetworkFault)?)),
        };
        let first: IpAddr = address.parse().map_err(|_| NetworkFault)?;
        let bits: u32 = bits.unwrap_or(width(first));
        let whole = bits <= width(first) && cut(first, bits) == number(first);
        whole.then_some(Self { first, bits }).ok_or(NetworkFault)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// The address with all but its first bits zero.
fn cut(address: IpAddr, bits: u32) -> u128 {
    let rest = width(address).saturating_sub(bits);
    number(address).checked_shr(rest).and_then(|kept| kept.checked_shl(rest)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_as_it_does() {
        assert!(contains("192.0.2.16/28", "192.0.2.31"));
        assert!(!contains("192.0.2.16/28", "192.0.2.32"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1") && !contains("::/0", "192.0.2.7"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "192.0.2", "192.0.2.1/28", "192.0.2.0/33", "192.0.2.0/", "sip.example"] {
            assert_eq!(text.parse::<Network>(), Err(NetworkFault), "{text}");
        }
    }
}
