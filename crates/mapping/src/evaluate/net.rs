//! Network addresses and blocks of them, as the network extension of CEL has them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::Failure;

/// An address, or a block of those that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Net {
    Address(IpAddr),
    /// An address, and how many of its bits count.
    Block(IpAddr, u8),
}

impl Net {
    /// Reads an address. A zone, and an IPv4 address that is written within an IPv6 one, are refused.
    pub(crate) fn address(text: &str) -> Result<IpAddr, Failure> {
        if text.contains('%') {
            return Err(Failure::because(format!("{text:?} has a zone, which an address cannot have here")));
        }
        let address: IpAddr =
            text.parse().map_err(|_| Failure::because(format!("{text:?} is not a valid IP address")))?;
        if let IpAddr::V6(six) = address
            && six.to_ipv4_mapped().is_some()
            && text.contains('.')
        {
            let message = format!("{text:?} writes an IPv4 address within an IPv6 one: write it as IPv4");
            return Err(Failure::because(message));
        }
        Ok(address)
    }

    /// Reads a block: an address, a slash, and the number of bits that count.
    pub(crate) fn block(text: &str) -> Result<(IpAddr, u8), Failure> {
        let wrong =
            || Failure::because(format!("{text:?} is not a block of IP addresses, such as \"10.0.0.0/8\""));
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address = Self::address(address)?;
        let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = digits && (bits == "0" || !bits.starts_with('0'));
        let bits = bits.parse().ok().filter(|bits| is_plain && *bits <= width(address)).ok_or_else(wrong)?;
        Ok((address, bits))
    }

    /// Whether both are the same; an IPv4 address is the one that IPv6 has for it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Address(a), Self::Address(b)) => a.to_canonical() == b.to_canonical(),
            (Self::Block(a, these), Self::Block(b, those)) => a == b && these == those,
            _ => false,
        }
    }
}

/// The address with the bits that do not count set to zero.
pub(crate) fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(four.to_bits() & mask))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & mask))
        }
    }
}

/// Whether an address lies in a block; one of the other family never does.
pub(crate) fn contains((block, bits): (IpAddr, u8), address: IpAddr) -> bool {
    block.is_ipv4() == address.is_ipv4() && masked(block, bits) == masked(address, bits)
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Block(address, bits) => write!(f, "{address}/{bits}"),
        }
    }
}
