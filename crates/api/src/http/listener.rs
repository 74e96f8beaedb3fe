//! The socket that connections are accepted from.

use std::{io, net::SocketAddr};

use tenon_errors::{
    Report,
    catalogue::{engine::IO_FAILED, project::PORT_IN_USE},
};
use tokio::net::{TcpListener, TcpSocket};

/// How many connections the operating system keeps waiting while all permitted ones are in use.
const BACKLOG: u32 = 1024;

/// A bound socket, ready for [`super::serve()`].
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`; port 0 asks for any free one.
    ///
    /// # Errors
    /// `P0302` if the port is taken, `E0003` if the operating system refuses for another reason.
    #[allow(
        clippy::unused_async,
        reason = "binding registers with the runtime, so callers have to be in one"
    )]
    pub async fn bind(address: SocketAddr) -> Result<Self, Report> {
        let (socket, address) = open(address).map_err(|error| refused(address, &error))?;
        Ok(Self { socket, address })
    }

    /// The address that is listened on, with the port that was chosen.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

fn open(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Without it a restart fails for as long as connections of the process before linger in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn refused(address: SocketAddr, error: &io::Error) -> Report {
    if error.kind() == io::ErrorKind::AddrInUse {
        return Report::new(&PORT_IN_USE, format!("another process listens on {address}"))
            .hint("stop it, or choose another port with `server.listen`");
    }
    Report::new(&IO_FAILED, format!("cannot listen on {address}: {error}"))
        .hint("set `server.listen` to an address of this machine and a port that may be used")
}
