//! Questions to the kernel over netlink: audit status and rules, the nftables ruleset, the interfaces.
//!
//! An answer is JSON lines as `formats::netlink` reads them. It is of the network namespace of the calling thread
//! (see [`crate::namespace::in_namespace`]); audit answers only in the first one and to `CAP_AUDIT_CONTROL`, nftables
//! to `CAP_NET_ADMIN`. Every wait has an end, and what an answer may weigh has a limit.

mod socket;

use std::{io, time::Duration};

use formats::{
    Malformed,
    netlink::{audit, lines, link, nft, push_attribute},
};
use rustix::{io::Errno, net::netlink as protocol};
use socket::{Answer, Failure, Socket};

/// How long a query may take in all.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// How often a query is started again because what it reads changed meanwhile.
const ATTEMPTS: u32 = 8;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// One [`audit::Status`].
    AuditStatus,
    /// Each [`audit::Rule`], in the kernel's order.
    AuditRules,
    /// Each [`nft::Object`]: tables, chains, rules, sets, elements.
    Nft,
    /// Each [`link::Link`].
    Links,
    /// What SELinux decides for the domains that VMs run in; asked through selinuxfs ([`crate::selinux`]).
    SelinuxAccess,
}

impl Query {
    /// Every query.
    pub const ALL: [Self; 5] =
        [Self::AuditStatus, Self::AuditRules, Self::Nft, Self::Links, Self::SelinuxAccess];

    /// The key of the answer in a recording.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::AuditStatus => "netlink/audit-status",
            Self::AuditRules => "netlink/audit-rules",
            Self::Nft => "netlink/nft",
            Self::Links => "netlink/link",
            Self::SelinuxAccess => "selinux/access",
        }
    }
}

/// Asks the kernel, and returns the answer as JSON lines; no objects are no bytes.
///
/// # Errors
/// The kernel's own error (`EPERM` without the right, `EPROTONOSUPPORT` or `ECONNREFUSED` where the kernel has no such
/// interface), `TimedOut` after [`DEADLINE`], `InvalidData` for an answer that is malformed or over 64 MiB, and
/// `ResourceBusy` if it kept changing while it was read.
pub fn query(query: Query) -> io::Result<Vec<u8>> {
    let deadline = socket::Deadline::after(DEADLINE);
    for _ in 0..ATTEMPTS {
        match ask(query, deadline) {
            Err(Failure::Changed) => {}
            Err(Failure::Io(error)) => return Err(error),
            Ok(lines) => return Ok(lines),
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "it kept changing while it was read"))
}

fn ask(query: Query, deadline: socket::Deadline) -> Result<Vec<u8>, Failure> {
    let open = |protocol| Socket::open(protocol, deadline);
    let written = match query {
        Query::SelinuxAccess => return Ok(crate::selinux::access()?),
        Query::AuditStatus => {
            let answer = open(protocol::AUDIT)?.ask(audit::GET, &[], Answer::One(audit::GET))?;
            lines::write(&[audit::status(&answer).map_err(invalid)?])
        }
        Query::AuditRules => {
            let answer = open(protocol::AUDIT)?.ask(audit::LIST_RULES, &[], Answer::Listed)?;
            lines::write(&audit::rules(&answer).map_err(invalid)?)
        }
        Query::Nft => lines::write(&ruleset(&mut open(protocol::NETFILTER)?)?),
        Query::Links => {
            // struct ifinfomsg, all zero: any family, any interface.
            let mut request = vec![0; 16];
            push_attribute(&mut request, link::EXT_MASK, &link::VIRTUAL_FUNCTIONS.to_ne_bytes());
            // NETLINK_ROUTE is protocol 0, which rustix writes as none.
            let answer = Socket::open_route(deadline)?.ask(link::GET_LINK, &request, Answer::Dump)?;
            lines::write(&link::decode(&answer).map_err(invalid)?)
        }
    };
    Ok(written.map_err(invalid)?)
}

/// Reads the whole ruleset: one dump a kind of object and one a set, between two looks at the number of the last
/// change, so that all of it is of one moment.
fn ruleset(socket: &mut Socket) -> Result<Vec<nft::Object>, Failure> {
    let generation = |socket: &mut Socket| -> Result<u32, Failure> {
        let answer = socket.ask(nft::GET_GENERATION, &generic(0), Answer::One(nft::SUBSYSTEM | 15))?;
        Ok(nft::generation(&answer).map_err(invalid)?)
    };
    let before = generation(socket)?;
    let mut stream = Vec::new();
    for kind in [nft::GET_TABLE, nft::GET_CHAIN, nft::GET_RULE] {
        stream.extend(socket.ask(kind, &generic(0), Answer::Dump)?);
    }
    let sets = socket.ask(nft::GET_SET, &generic(0), Answer::Dump)?;
    let names = nft::set_names(&sets).map_err(invalid)?;
    stream.extend(sets);
    for (family, table, set) in names {
        let mut request = generic(family.number());
        push_attribute(&mut request, nft::ELEMENTS_TABLE, &with_nul(&table));
        push_attribute(&mut request, nft::ELEMENTS_SET, &with_nul(&set));
        match socket.ask(nft::GET_ELEMENTS, &request, Answer::Dump) {
            // The set is gone since it was listed.
            Err(Failure::Io(error)) if error.raw_os_error() == Some(Errno::NOENT.raw_os_error()) => {
                return Err(Failure::Changed);
            }
            answer => stream.extend(answer?),
        }
    }
    if generation(socket)? != before {
        return Err(Failure::Changed);
    }
    Ok(nft::decode(&stream).map_err(invalid)?)
}

/// `struct nfgenmsg`: family (0 for all), version 0, resource 0.
fn generic(family: u8) -> Vec<u8> {
    vec![family, 0, 0, 0]
}

fn with_nul(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

fn invalid(malformed: Malformed) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, malformed)
}
