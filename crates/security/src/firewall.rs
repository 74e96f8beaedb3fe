//! Which addresses may connect.

use std::{fmt, net::IpAddr};

use tenon_errors::{
    Report,
    catalogue::security::{BAD_NETWORK, IP_REFUSED},
};

/// Networks that may connect and networks that may not. Denial wins; without allowed networks everybody else may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpRules {
    /// Only these may connect; all may if it is empty.
    pub allow: Vec<Cidr>,
    /// These may not.
    pub deny: Vec<Cidr>,
}

impl IpRules {
    /// Whether `address` may connect. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) is its IPv4 address.
    ///
    /// # Errors
    /// `S0004` if it may not.
    pub fn decide(&self, address: IpAddr) -> Result<(), Report> {
        let address = address.to_canonical();
        let listed = |networks: &[Cidr]| networks.iter().any(|network| network.contains(address));
        if listed(&self.deny) || !(self.allow.is_empty() || listed(&self.allow)) {
            let message = format!("the address {address} may not connect");
            return Err(Report::new(&IP_REFUSED, message).hint("call from a network that is allowed"));
        }
        Ok(())
    }
}

/// A network: all addresses that share their first bits (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// The network written as `ADDRESS/PREFIX`, or as `ADDRESS` alone for a network of one.
    ///
    /// # Errors
    /// `S0107` if it is not written so, or has bits after the prefix.
    pub fn parse(text: &str) -> Result<Self, Report> {
        let (address_text, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address_text.parse().map_err(|_| bad(text, "this is not an IP address"))?;
        let width = width(address);
        let prefix = match prefix {
            None => width,
            Some(digits) => prefix_length(digits)
                .filter(|prefix| *prefix <= width)
                .ok_or_else(|| bad(text, &format!("the prefix length is not a number from 0 to {width}")))?,
        };
        let network = masked(address, prefix);
        if network != address {
            return Err(bad(text, &format!("bits are set after the first {prefix}"))
                .hint(format!("write `{network}/{prefix}`")));
        }
        Ok(Self { address, prefix }.unmapped())
    }

    /// Whether `address` is in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }

    /// A network of IPv4 addresses mapped into IPv6, as the IPv4 network that it is.
    fn unmapped(self) -> Self {
        match (self.address.to_canonical(), self.prefix.checked_sub(96)) {
            (address @ IpAddr::V4(_), Some(prefix)) if self.address.is_ipv6() => Self { address, prefix },
            _ => self,
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Digits only: `parse` alone would take `+8`.
fn prefix_length(digits: &str) -> Option<u8> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    plain.then(|| digits.parse().ok()).flatten()
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `address` with zeros after its first `prefix` bits.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

fn bad(text: &str, why: &str) -> Report {
    Report::new(&BAD_NETWORK, format!("`{text}` is not a network: {why}"))
        .hint("write an address and a prefix length, such as `10.0.0.0/8`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Cidr> {
        texts.iter().map(|text| Cidr::parse(text).unwrap()).collect()
    }

    #[test]
    fn denial_wins_and_an_empty_allow_list_allows_the_rest() {
        let open = IpRules::default();
        let office = IpRules { allow: networks(&["10.0.0.0/8", "2001:db8::/32", "::1"]), deny: vec![] };
        let mixed = IpRules { deny: networks(&["10.1.0.0/16", "10.2.3.4"]), ..office.clone() };
        let banned = IpRules { allow: vec![], deny: networks(&["0.0.0.0/0"]) };
        for (rules, address, allowed) in [
            (&open, "203.0.113.9", true),
            (&office, "10.255.255.255", true),
            (&office, "11.0.0.0", false),
            (&office, "2001:db8:ffff::1", true),
            (&office, "2001:db9::1", false),
            (&office, "::ffff:10.0.0.1", true),
            (&office, "::1", true),
            (&office, "::2", false),
            (&mixed, "10.1.2.3", false),
            (&mixed, "::ffff:10.1.2.3", false),
            (&mixed, "10.2.3.4", false),
            (&mixed, "10.2.3.5", true),
            (&banned, "127.0.0.1", false),
            (&banned, "::1", true),
        ] {
            let decision = rules.decide(address.parse().unwrap());
            assert_eq!(decision.is_ok(), allowed, "{address} by {rules:?}");
            if let Err(report) = decision {
                assert_eq!(report.code(), &IP_REFUSED);
            }
        }
    }

    #[test]
    fn a_mapped_network_is_its_ipv4_network() {
        assert_eq!(Cidr::parse("::ffff:10.0.0.0/104").unwrap(), Cidr::parse("10.0.0.0/8").unwrap());
        assert_eq!(Cidr::parse("::/0").unwrap().to_string(), "::/0");
    }

    #[test]
    fn what_is_not_a_network_is_reported_with_its_mend() {
        for bad in [
            "",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "::/129",
            "10.0.0/8",
            "host",
            "10.0.0.0/8/9",
        ] {
            assert_eq!(Cidr::parse(bad).unwrap_err().code(), &BAD_NETWORK, "{bad:?}");
        }
        let report = Cidr::parse("10.1.2.3/8").unwrap_err();
        assert_eq!(report.advice(), Some("write `10.0.0.0/8`"));
    }
}
