//! From the name of a host to a connection with one of its addresses (Happy Eyeballs, RFC 8305).

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::net::TcpStream;

use crate::Names;

/// How long an address has for itself before the next one is tried as well (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);
/// The most addresses of one name that are tried.
const MOST: usize = 16;

/// The addresses of `host`, or why there are none.
pub(super) async fn of(names: &dyn Names, host: &str) -> Result<Vec<IpAddr>, String> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let unknown = |why: &str| format!("the name `{host}` is not found ({why})");
    let found = names.addresses(host).await.map_err(|error| unknown(&error.to_string()))?;
    if found.is_empty() { Err(unknown("it has no address")) } else { Ok(interleaved(found)) }
}

/// The addresses so that both versions of IP get their turn, in their order otherwise.
fn interleaved(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let is_six_first = found.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.is_ipv6() == is_six_first);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            all.truncate(MOST);
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

/// A connection to the first address that takes it: one after the other, and the next one also while the one before is slow.
pub(super) async fn connect(addresses: &[IpAddr], port: u16) -> Result<TcpStream, String> {
    let mut waiting = addresses.iter();
    let mut tried = FuturesUnordered::new();
    let mut failures = Vec::new();
    let mut next = waiting.next();
    loop {
        if let Some(address) = next.take() {
            tried.push(one(SocketAddr::new(*address, port)));
        }
        if tried.is_empty() {
            return Err(summary(&failures));
        }
        let more = !waiting.as_slice().is_empty();
        tokio::select! {
            outcome = tried.next() => match outcome {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(failure)) => {
                    failures.push(failure);
                    next = waiting.next();
                }
                None => {}
            },
            () = tokio::time::sleep(HEAD_START), if more => next = waiting.next(),
        }
    }
}

async fn one(address: SocketAddr) -> Result<TcpStream, (SocketAddr, io::Error)> {
    let stream = TcpStream::connect(address).await.map_err(|error| (address, error))?;
    // Requests are small and wait for nothing.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn summary(failures: &[(SocketAddr, io::Error)]) -> String {
    let texts: Vec<_> =
        failures.iter().map(|(address, error)| format!("{} ({address})", plain(error))).collect();
    texts.join(", ")
}

/// What an error of a connection means, in words.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection is refused".to_owned(),
        io::ErrorKind::TimedOut => "nothing answers".to_owned(),
        io::ErrorKind::HostUnreachable => "there is no way to the host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "there is no way to the network".to_owned(),
        io::ErrorKind::ConnectionReset => "the connection is reset".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_ip_get_their_turn() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        let found = ["::1", "::2", "::3", "1.1.1.1"].map(parse).to_vec();
        assert_eq!(interleaved(found), ["::1", "1.1.1.1", "::2", "::3"].map(parse));
        assert_eq!(interleaved(vec![parse("1.1.1.1"); 40]).len(), MOST);
    }
}
