//! Netlink messages: audit status and rules, nftables objects, links and bridge ports.
