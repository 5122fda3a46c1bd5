//! A netlink socket on which every wait ends.

use std::{
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use formats::netlink::{DONE, DUMP, DUMP_INTERRUPTED, ERROR, REQUEST, message, messages};
use rustix::{
    io::Errno,
    net::{
        AddressFamily, Protocol, RecvFlags, SendFlags, SocketAddrAny, SocketFlags, SocketType, bind,
        netlink::SocketAddrNetlink, recvfrom, sendto, socket_with, sockopt,
    },
};

/// What one query may weigh, in bytes as the kernel sends it.
const MAX_BYTES: usize = 64 << 20;
/// The largest datagram taken. The kernel builds a dump in pieces of 32 KiB at most (`netlink_dump`); a single rule or
/// interface may be larger, up to what one attribute holds and a bit.
const DATAGRAM: usize = 256 << 10;
/// The receive buffer asked for.
const BUFFER: usize = 4 << 20;

/// When a query must have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time left; an error if there is none.
    fn left(self) -> io::Result<Duration> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(left) }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// It changed while it was read, or some of it was lost: ask again.
    Changed,
    /// For good.
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// With one message of this kind.
    One(u16),
    /// With `NLMSG_DONE`, to a request with `NLM_F_DUMP`.
    Dump,
    /// With `NLMSG_DONE`, to a plain request, as audit lists its rules.
    Listed,
}

/// A netlink socket, bound to a port of its own.
#[derive(Debug)]
pub(super) struct Socket {
    socket: OwnedFd,
    deadline: Deadline,
    sequence: u32,
    buffer: Vec<u8>,
    /// Bytes taken so far, by all requests on this socket.
    taken: usize,
}

impl Socket {
    pub(super) fn open(protocol: Protocol, deadline: Deadline) -> Result<Self, Failure> {
        Self::with(Some(protocol), deadline)
    }

    /// `NETLINK_ROUTE`, which is protocol 0.
    pub(super) fn open_route(deadline: Deadline) -> Result<Self, Failure> {
        Self::with(None, deadline)
    }

    fn with(protocol: Option<Protocol>, deadline: Deadline) -> Result<Self, Failure> {
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
        bind(&socket, &SocketAddrNetlink::new(0, 0))?;
        // Beyond the system's limit needs a right; without it the buffer is what the system allows.
        if sockopt::set_socket_recv_buffer_size_force(&socket, BUFFER).is_err() {
            sockopt::set_socket_recv_buffer_size(&socket, BUFFER)?;
        }
        Ok(Self { socket, deadline, sequence: 0, buffer: vec![0; DATAGRAM], taken: 0 })
    }

    /// Sends a request and returns the messages of its answer, without those that end it.
    pub(super) fn ask(&mut self, kind: u16, payload: &[u8], answer: Answer) -> Result<Vec<u8>, Failure> {
        self.sequence += 1;
        let flags = if answer == Answer::Dump { REQUEST | DUMP } else { REQUEST };
        let request = message(kind, flags, self.sequence, payload);
        self.send(&request)?;
        let (mut stream, mut changed) = (Vec::new(), false);
        loop {
            let datagram = self.receive()?;
            let part = part(&datagram, self.sequence, answer, &mut stream)?;
            changed |= part.changed;
            if part.ended {
                // The rest of a changed dump is read all the same, so that the socket can be used again.
                return if changed { Err(Failure::Changed) } else { Ok(stream) };
            }
        }
    }

    fn send(&self, request: &[u8]) -> Result<(), Failure> {
        let kernel = SocketAddrNetlink::new(0, 0);
        loop {
            sockopt::set_socket_timeout(&self.socket, sockopt::Timeout::Send, Some(self.deadline.left()?))?;
            match sendto(&self.socket, request, SendFlags::empty(), &kernel) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// The next datagram from the kernel; any process may send to this socket's port, and is not listened to.
    fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            let left = self.deadline.left()?.max(Duration::from_millis(1));
            sockopt::set_socket_timeout(&self.socket, sockopt::Timeout::Recv, Some(left))?;
            let (length, from) = match recvfrom(&self.socket, self.buffer.as_mut_slice(), RecvFlags::TRUNC) {
                Ok((_, length, from)) => (length, from),
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                // The buffer ran over, and something is lost.
                Err(Errno::NOBUFS) => return Err(Failure::Changed),
                Err(errno) => return Err(errno.into()),
            };
            if !from.is_some_and(from_kernel) {
                continue;
            }
            self.taken += length;
            if self.taken > MAX_BYTES {
                return Err(invalid("the answer is over 64 MiB").into());
            }
            // With RecvFlags::TRUNC the length is that of the whole datagram.
            let datagram = self.buffer.get(..length).ok_or_else(|| invalid("a datagram is over 256 KiB"))?;
            return Ok(datagram.to_vec());
        }
    }
}

fn from_kernel(address: SocketAddrAny) -> bool {
    SocketAddrNetlink::try_from(address).is_ok_and(|address| address.pid() == 0)
}

/// What a datagram says of its answer.
#[derive(Default)]
struct Part {
    ended: bool,
    changed: bool,
}

/// Adds the messages of a datagram that belong to request `sequence` to `stream`.
fn part(datagram: &[u8], sequence: u32, answer: Answer, stream: &mut Vec<u8>) -> Result<Part, Failure> {
    let mut part = Part::default();
    for message in messages(datagram) {
        let message = message.map_err(|malformed| io::Error::new(io::ErrorKind::InvalidData, malformed))?;
        if message.sequence != sequence {
            continue;
        }
        part.changed |= message.flags & DUMP_INTERRUPTED != 0;
        if matches!(message.kind, ERROR | DONE) {
            let errno =
                message.errno().map_err(|malformed| io::Error::new(io::ErrorKind::InvalidData, malformed))?;
            if errno != 0 {
                return Err(Failure::Io(io::Error::from_raw_os_error(errno)));
            }
            part.ended |= message.kind == DONE;
            continue;
        }
        stream.extend(formats::netlink::message(
            message.kind,
            message.flags,
            message.sequence,
            message.payload.bytes(),
        ));
        stream.resize(stream.len().next_multiple_of(4), 0);
        part.ended |= answer == Answer::One(message.kind);
    }
    Ok(part)
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests;
