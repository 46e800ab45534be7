//! Free loopback ports for servers that must be told their port before they start.
//!
//! Why it exists: a restarted API server keeps its address. The ports lie below the range from which
//! systems take the local ports of outgoing connections (32768 on Linux, 49152 elsewhere), so that no
//! connection takes the port while its server is down. Must not: reserve anything; a caller that loses the
//! race tries again.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// A port on 127.0.0.1 on which nothing listens now.
///
/// # Errors
/// When a hundred ports in a row are taken.
pub(super) fn free_port() -> io::Result<u16> {
    for _ in 0..100 {
        let port = rand::random_range(20_000..32_000);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no free port between 20000 and 32000 on 127.0.0.1; close what listens there"))
}
