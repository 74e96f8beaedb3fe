//! IP addresses and blocks of them (the network extension of cel-spec).

use std::net::IpAddr;

use tenon_model::Value;

use super::{
    Answer,
    Form::{Address, Block, Bool, Int, Text},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Net, Val, net};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "ip",
        doc: "The IP address of a text, IPv4 or IPv6; of a block, the address that it is written with.",
        example: "ip('2001:DB8::1') == ip('2001:db8::1') && cidr('10.1.0.0/16').ip() == ip('10.1.0.0')",
        overloads: &[Overload::function(&[Text], Address), Overload::method(&[Block], Address)],
        run: Run::Results(|args, _| match args {
            [Val::Data(Value::String(text))] => Ok(Val::Net(Net::Address(Net::address(text)?))),
            [Val::Net(Net::Block(address, _))] => Ok(Val::Net(Net::Address(*address))),
            _ => no_overload(),
        }),
    },
    Function {
        name: "isIP",
        doc: "Whether a text is a valid IP address.",
        example: "isIP('192.168.0.1') && !isIP('192.168.0.256')",
        overloads: &[Overload::function(&[Text], Bool)],
        run: Run::Results(|args, _| match args {
            [Val::Data(Value::String(text))] => Ok(Val::bool(Net::address(text).is_ok())),
            _ => no_overload(),
        }),
    },
    Function {
        name: "ip.isCanonical",
        doc: "Whether a text is an IP address in the form in which one is usually written (RFC 5952).",
        example: "ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')",
        overloads: &[Overload::function(&[Text], Bool)],
        run: Run::Results(|args, _| match args {
            [Val::Data(Value::String(text))] => {
                Ok(Val::bool(Net::address(text)?.to_string() == text.as_str()))
            }
            _ => no_overload(),
        }),
    },
    Function {
        name: "family",
        doc: "Of an IP address 4 or 6.",
        example: "ip('192.168.0.1').family() == 4",
        overloads: &[Overload::method(&[Address], Int)],
        run: Run::Results(|args, _| match args {
            [Val::Net(Net::Address(address))] => {
                Ok(Val::Data(Value::Int(if address.is_ipv4() { 4 } else { 6 })))
            }
            _ => no_overload(),
        }),
    },
    test(
        "isUnspecified",
        "Whether an IP address is `0.0.0.0` or `::`.",
        "ip('::').isUnspecified()",
        |args, _| is(args, |address| address.is_unspecified()),
    ),
    test(
        "isLoopback",
        "Whether an IP address is of the machine itself.",
        "ip('::1').isLoopback()",
        |args, _| is(args, |address| address.is_loopback()),
    ),
    test(
        "isGlobalUnicast",
        "Whether an IP address is of one machine, be it in a private network, and not for one link alone.",
        "ip('10.0.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
        |args, _| is(args, is_global_unicast),
    ),
    test(
        "isLinkLocalMulticast",
        "Whether an IP address is a multicast address of the local link.",
        "ip('224.0.0.1').isLinkLocalMulticast()",
        |args, _| is(args, is_link_local_multicast),
    ),
    test(
        "isLinkLocalUnicast",
        "Whether an IP address is of one machine on one link.",
        "ip('169.254.1.1').isLinkLocalUnicast()",
        |args, _| is(args, is_link_local_unicast),
    ),
    Function {
        name: "cidr",
        doc: "The block of IP addresses of a text: an address, and how many of its bits count.",
        example: "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        overloads: &[Overload::function(&[Text], Block)],
        run: Run::Results(|args, _| match args {
            [Val::Data(Value::String(text))] => {
                let (address, bits) = Net::block(text)?;
                Ok(Val::Net(Net::Block(address, bits)))
            }
            _ => no_overload(),
        }),
    },
    Function {
        name: "isCIDR",
        doc: "Whether a text is a block of IP addresses.",
        example: "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33')",
        overloads: &[Overload::function(&[Text], Bool)],
        run: Run::Results(|args, _| match args {
            [Val::Data(Value::String(text))] => Ok(Val::bool(Net::block(text).is_ok())),
            _ => no_overload(),
        }),
    },
    Function {
        name: "containsIP",
        doc: "Whether an IP address lies in a block.",
        example: "cidr('10.0.0.0/8').containsIP('10.1.2.3')",
        overloads: &[Overload::method(&[Block, Address], Bool), Overload::method(&[Block, Text], Bool)],
        run: Run::Results(|args, _| match args {
            [Val::Net(Net::Block(block, bits)), other] => {
                Ok(Val::bool(net::contains((*block, *bits), address(other)?)))
            }
            _ => no_overload(),
        }),
    },
    Function {
        name: "containsCIDR",
        doc: "Whether all IP addresses of a block lie in another one.",
        example: "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
        overloads: &[Overload::method(&[Block, Block], Bool), Overload::method(&[Block, Text], Bool)],
        run: Run::Results(|args, _| match args {
            [Val::Net(Net::Block(outer, bits)), other] => {
                let (inner, more) = block(other)?;
                Ok(Val::bool(*bits <= more && net::contains((*outer, *bits), inner)))
            }
            _ => no_overload(),
        }),
    },
    Function {
        name: "masked",
        doc: "The block with the bits that do not count set to zero.",
        example: "string(cidr('192.168.0.7/24').masked()) == '192.168.0.0/24'",
        overloads: &[Overload::method(&[Block], Block)],
        run: Run::Results(|args, _| match args {
            [Val::Net(Net::Block(address, bits))] => {
                Ok(Val::Net(Net::Block(net::masked(*address, *bits), *bits)))
            }
            _ => no_overload(),
        }),
    },
    Function {
        name: "prefixLength",
        doc: "How many bits of the addresses of a block are the same.",
        example: "cidr('192.168.0.0/24').prefixLength() == 24",
        overloads: &[Overload::method(&[Block], Int)],
        run: Run::Results(|args, _| match args {
            [Val::Net(Net::Block(_, bits))] => Ok(Val::Data(Value::Int(i64::from(*bits)))),
            _ => no_overload(),
        }),
    },
];

const ASKED: &[Overload] = &[Overload::method(&[Address], Bool)];

/// A method of an address that asks something of it.
const fn test(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    run: fn(&[Val], &mut Context) -> Answer<Val>,
) -> Function {
    Function { name, doc, example, overloads: ASKED, run: Run::Results(run) }
}

fn is(args: &[Val], holds: fn(IpAddr) -> bool) -> Answer<Val> {
    match args {
        [Val::Net(Net::Address(address))] => Ok(Val::bool(holds(*address))),
        _ => no_overload(),
    }
}

/// An address, or the text of one.
fn address(value: &Val) -> Answer<IpAddr> {
    match value {
        Val::Net(Net::Address(address)) => Ok(*address),
        Val::Data(Value::String(text)) => Net::address(text),
        _ => no_overload(),
    }
}

/// A block, or the text of one.
fn block(value: &Val) -> Answer<(IpAddr, u8)> {
    match value {
        Val::Net(Net::Block(address, bits)) => Ok((*address, *bits)),
        Val::Data(Value::String(text)) => Net::block(text),
        _ => no_overload(),
    }
}

fn is_global_unicast(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    let is_special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    !is_broadcast && !is_special && !is_link_local_unicast(address)
}

/// `224.0.0.0/24` (RFC 5771), and the scope 2 of IPv6 (RFC 4291, section 2.7).
fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.octets()[..3] == [224, 0, 0],
        IpAddr::V6(six) => six.is_multicast() && six.segments()[0] & 0xf == 2,
    }
}

fn is_link_local_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}
