//! Which addresses the name of a host may lead to: whoever controls a name must not make Tenon call what only Tenon can reach
//! (server-side request forgery, DNS rebinding). Addresses are looked at after they are found, and exactly those are connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses names may lead to. A host that is written as an address, or as `localhost`, is one that the project itself
/// names: it is always reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Whether names may lead into private networks and to this machine. Addresses that are local to a link, those of many
    /// receivers and those of cloud metadata are never reached by a name.
    pub private: bool,
}

impl Reach {
    /// Why a name may not lead to this address, if it may not.
    pub(crate) fn refuses(self, address: IpAddr) -> Option<&'static str> {
        let what = match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }?;
        match what {
            Special::Private(_) if self.private => None,
            Special::Private(what) | Special::Never(what) => Some(what),
        }
    }
}

/// What is special about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    /// Reached by name where the project says so.
    Private(&'static str),
    /// Reached by no name.
    Never(&'static str),
}

/// By IANA's registry of special-purpose addresses (RFC 6890).
fn of_v4(address: Ipv4Addr) -> Option<Special> {
    let [a, b, c, _] = address.octets();
    Some(match (a, b) {
        (127, _) => Special::Private("an address of this machine"),
        (10, _) | (172, 16..=31) | (192, 168) => Special::Private("a private address"),
        // RFC 6598: between a provider and its customers. One cloud has its metadata there.
        (100, 64..=127) if address == Ipv4Addr::new(100, 100, 100, 200) => {
            Special::Never("the address of cloud metadata")
        }
        (100, 64..=127) => Special::Private("a private address"),
        (169, 254) => Special::Never("an address local to a link, such as that of cloud metadata"),
        (0, _) => Special::Never("an unspecified address"),
        (224..=239, _) => Special::Never("an address of many receivers"),
        (240.., _) => Special::Never("a reserved address"),
        (192, 0) if c == 0 => Special::Never("a reserved address"),
        _ => return None,
    })
}

/// Likewise; addresses that stand for one of version 4 are as special as that.
fn of_v6(address: Ipv6Addr) -> Option<Special> {
    if address.is_unspecified() {
        return Some(Special::Never("an unspecified address"));
    }
    if address.is_loopback() {
        return Some(Special::Private("an address of this machine"));
    }
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        of_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // IPv4-mapped (RFC 4291), IPv4-compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [0x64, 0xff9b, 1, ..] => Some(Special::Private("a private address")),
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Some(Special::Never("the address of cloud metadata")),
        [first, ..] => match first {
            0xfc00..=0xfdff => Some(Special::Private("a private address")),
            0xfe80..=0xfebf => Some(Special::Never("an address local to a link")),
            0xfec0..=0xfeff => Some(Special::Private("a private address")),
            0xff00.. => Some(Special::Never("an address of many receivers")),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(private: bool, addresses: &[&str]) -> Vec<bool> {
        let reach = Reach { private };
        addresses.iter().map(|address| reach.refuses(address.parse().unwrap()).is_some()).collect()
    }

    #[test]
    fn names_lead_to_public_addresses() {
        let public =
            ["93.184.216.34", "8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "192.0.2.1"];
        assert_eq!(refused(false, &public), [false; 6]);
    }

    #[test]
    fn names_lead_inside_only_where_the_project_says_so() {
        let inside = [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "127.0.0.1",
            "127.8.8.8",
            "100.64.0.1",
            "::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:0a00:0001::",
            "::127.0.0.1",
        ];
        assert_eq!(refused(false, &inside), [true; 13]);
        assert_eq!(refused(true, &inside), [false; 13]);
    }

    #[test]
    fn no_name_leads_to_metadata_a_link_or_many_receivers() {
        let never = [
            "169.254.169.254",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "100.100.100.200",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "192.0.0.192",
        ];
        assert_eq!(refused(true, &never), [true; 15]);
    }
}
