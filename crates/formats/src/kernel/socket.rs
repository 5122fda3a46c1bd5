//! `/proc/net/{tcp,tcp6,udp,udp6,unix}`: sockets that wait for others. Sources: `net/ipv4/tcp_ipv4.c`
//! (`get_tcp4_sock`), `net/ipv4/udp.c`, `net/ipv6/tcp_ipv6.c`, `net/unix/af_unix.c` (`unix_seq_show`) of the kernel.
//!
//! Recordings keep only sockets that wait: who is connected to whom is nobody's business. The path of a UNIX socket
//! is written as its owner chose it, line feeds too, so that a line here can be forged by any user: before a finding
//! rests on one, its inode must be found among a process's files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{bounded, lines, number, text, words};
use crate::{Malformed, Span, Spanned};

/// `TCP_LISTEN`.
const LISTEN: u8 = 10;
/// `TCP_CLOSE`: for UDP, bound and not connected.
const CLOSE: u8 = 7;
/// `__SO_ACCEPTCON`, in `Flags` of a UNIX socket: it listens.
const ACCEPTS: u32 = 0x1_0000;
/// `SS_UNCONNECTED`.
const UNCONNECTED: u8 = 1;

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `tcp` and `tcp6`.
    Tcp,
    /// `udp` and `udp6`, and files in their form (`udplite`, `raw`).
    Udp,
    /// `unix`.
    Unix,
}

/// A TCP or UDP socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InetSocket {
    /// Its own address and port.
    pub local: Spanned<SocketAddr>,
    /// `sk_state`: 10 listens, 7 (UDP) is not connected, 1 is connected.
    pub state: u8,
    /// Its owner.
    pub uid: u32,
    /// Its inode, as in `socket:[12345]` of `/proc/PID/fd`; 0 for one no process has.
    pub inode: u64,
}

impl InetSocket {
    /// True if it waits for anyone.
    #[must_use]
    pub fn waits(&self, protocol: Protocol) -> bool {
        self.state == if protocol == Protocol::Tcp { LISTEN } else { CLOSE }
    }
}

/// A UNIX socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixSocket {
    /// Where it is bound; `@` at the start for an abstract name, none if it has no name.
    pub path: Option<Spanned<String>>,
    /// `SOCK_STREAM` 1, `SOCK_DGRAM` 2, `SOCK_SEQPACKET` 5.
    pub kind: u16,
    /// It listens.
    pub listens: bool,
    /// `SS_UNCONNECTED` 1 … `SS_CONNECTED` 3.
    pub state: u8,
    /// Its inode, as in `socket:[12345]` of `/proc/PID/fd`.
    pub inode: u64,
}

impl UnixSocket {
    /// True if it waits for anyone: a stream that listens, or a datagram socket that is not connected.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.listens || (self.kind == 2 && self.state == UNCONNECTED)
    }
}

/// Reads a TCP or UDP file, of a machine of little-endian order: the kernel writes addresses as words of its own.
///
/// # Errors
/// If a line after the header is not in the form.
pub fn inet(bytes: &[u8]) -> Result<Vec<InetSocket>, Malformed> {
    lines(bounded(bytes)?)
        .skip(1)
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(start, line)| inet_socket(start, line).ok_or_else(|| Malformed::at(start, "not a socket")))
        .collect()
}

fn inet_socket(start: usize, line: &[u8]) -> Option<InetSocket> {
    // sl local remote st tx:rx tr:when retransmits uid timeout inode …
    let mut fields = words(line, start).skip(1);
    let (at, local) = fields.next()?;
    let (_, state) = fields.nth(1)?;
    let (_, uid) = fields.nth(3)?;
    let (_, inode) = fields.nth(1)?;
    Some(InetSocket {
        local: Spanned::new(address(local)?, Span::new(at, at + local.len())),
        state: u8::try_from(hex(state)?).ok()?,
        uid: number(uid)?,
        inode: number(inode)?,
    })
}

fn hex(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.iter().all(u8::is_ascii_hexdigit);
    digits.then(|| u32::from_str_radix(std::str::from_utf8(bytes).ok()?, 16).ok()).flatten()
}

/// `0100007F:0CEA`: words of the address in the machine's order, and the port as a number.
fn address(bytes: &[u8]) -> Option<SocketAddr> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let (words, port) = (bytes.get(..colon)?, bytes.get(colon + 1..)?);
    let port = u16::try_from(hex(port)?).ok()?;
    let mut octets = Vec::with_capacity(16);
    for word in words.chunks(8) {
        octets.extend(hex(word)?.to_le_bytes());
    }
    let ip = match words.len() {
        8 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?)),
        32 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Reads a UNIX file. A line that is not a socket belongs to the path before it.
///
/// # Errors
/// If the first line after the header is not a socket, or the file is over 64 MiB.
pub fn unix(bytes: &[u8]) -> Result<Vec<UnixSocket>, Malformed> {
    let mut sockets: Vec<UnixSocket> = Vec::new();
    for (start, line) in lines(bounded(bytes)?).skip(1) {
        match (unix_socket(start, line), sockets.last_mut()) {
            (Some(socket), _) => sockets.push(socket),
            (None, Some(UnixSocket { path: Some(path), .. })) => {
                path.value.push('\n');
                path.value.push_str(&text(line));
                path.span.end = Span::new(start, start + line.len()).end;
            }
            (None, _) if line.trim_ascii().is_empty() => {}
            (None, _) => return Err(Malformed::at(start, "not a socket")),
        }
    }
    Ok(sockets)
}

fn unix_socket(start: usize, line: &[u8]) -> Option<UnixSocket> {
    // Num: RefCount Protocol Flags Type St Inode Path
    let mut fields = words(line, start);
    let (_, num) = fields.next()?;
    let hash = num.strip_suffix(b":")?;
    let (_, flags) = fields.nth(2)?;
    let (_, kind) = fields.next()?;
    let (_, state) = fields.next()?;
    let (at, inode) = fields.next()?;
    if !(8..=16).contains(&hash.len()) || !hash.iter().all(u8::is_ascii_hexdigit) || flags.len() != 8 {
        return None;
    }
    // One blank, then the path as it is, to the end of the line.
    let path_at = at + inode.len() + 1;
    let path = line.get(path_at - start..).filter(|path| !path.is_empty());
    Some(UnixSocket {
        path: path.map(|path| Spanned::new(text(path), Span::new(path_at, path_at + path.len()))),
        kind: u16::try_from(hex(kind)?).ok()?,
        listens: hex(flags)? & ACCEPTS != 0,
        state: u8::try_from(hex(state)?).ok()?,
        inode: number(inode)?,
    })
}

/// The header and the lines of sockets that wait; other lines, and those not understood, are left out.
#[must_use]
pub fn only_waiting(protocol: Protocol, bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    for (index, (start, line)) in lines(bytes).enumerate() {
        let waits = match protocol {
            Protocol::Unix => unix_socket(start, line).is_some_and(|socket| socket.waits()),
            _ => inet_socket(start, line).is_some_and(|socket| socket.waits(protocol)),
        };
        if index == 0 || waits {
            kept.extend(line);
            kept.push(b'\n');
        }
    }
    kept
}
