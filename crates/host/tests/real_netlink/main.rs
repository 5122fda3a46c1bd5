//! Netlink queries against the running kernel: a network namespace, interfaces, an nftables ruleset and an audit rule
//! that this test makes and takes away again. Needs root and the tools; without them it says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "the lints spare tests, but not the functions they share"
)]

mod ruleset;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use formats::{
    Spanned,
    netlink::{
        audit::{self, Operator},
        lines,
        link::Link,
    },
};
use host::{
    namespace,
    netlink::{Query, query},
};

/// Runs a command; its output, or none if there is no such tool.
fn run(command: &str) -> Option<Output> {
    let mut words = command.split_whitespace();
    Command::new(words.next().unwrap()).args(words).output().ok()
}

/// Runs a command that must succeed.
fn must(command: &str) {
    let output = run(command).unwrap_or_else(|| panic!("{command}: no such tool"));
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// True if root and all tools are there; says what is not.
fn ready(tools: &[&str]) -> bool {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: not root");
        return false;
    }
    for tool in tools {
        if run(&format!("{tool} --help")).is_none() && run(tool).is_none() {
            println!("skipped: no {tool}");
            return false;
        }
    }
    true
}

/// A network namespace of this test's own, deleted at the end whatever happens.
struct Namespace(String);

impl Namespace {
    fn new(name: &str) -> Self {
        let namespace = Self(format!("baluarte-{name}-{}", std::process::id()));
        must(&format!("ip netns add {}", namespace.0));
        namespace
    }

    fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.0)
    }

    fn must(&self, command: &str) {
        must(&format!("ip netns exec {} {command}", self.0));
    }

    /// Loads a ruleset with nft.
    fn ruleset(&self, text: &str) {
        let file = std::env::temp_dir().join(format!("{}.nft", self.0));
        std::fs::write(&file, text).unwrap();
        let output = run(&format!("ip netns exec {} nft -f {}", self.0, file.display())).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(output.status.success(), "nft: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// True if a command succeeds; says that it did not: not every kernel has every kind of interface.
    fn tried(&self, command: &str) -> bool {
        let done = run(&format!("ip netns exec {} {command}", self.0)).unwrap().status.success();
        if !done {
            println!("skipped: {command}");
        }
        done
    }

    fn query(&self, what: Query) -> Vec<u8> {
        namespace::in_namespace(&self.path(), || query(what)).unwrap().unwrap()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = run(&format!("ip netns del {}", self.0));
    }
}

fn values<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Vec<T> {
    lines::read(bytes).unwrap().into_iter().map(|line: Spanned<T>| line.value).collect()
}

#[test]
fn links_of_a_namespace() {
    if !ready(&["ip"]) {
        return;
    }
    let space = Namespace::new("link");
    for command in [
        "ip link add br0 type bridge nf_call_iptables 1 no_linklocal_learn 1 group_fwd_mask 8",
        "ip link add vm0 type veth peer name vm0p",
        "ip link add vm1 type veth peer name vm1p",
        "ip link set vm0 master br0 address 52:54:00:aa:bb:01",
        "ip link set vm1 master br0",
        "ip link set vm0 type bridge_slave isolated on learning off flood off guard on root_block on hairpin on",
        "ip link set vm0 type bridge_slave neigh_suppress on mcast_flood off bcast_flood off proxy_arp on",
        "ip link set vm0 promisc on",
        "ip link set vm0 up",
        "ip link set br0 up mtu 1400",
        "ip tuntap add dev tap0 mode tap user 4242 group 4243",
    ] {
        space.must(command);
    }
    let filtering = space.tried("ip link set br0 type bridge vlan_filtering 1");
    let vlan = space.tried("ip link add link vm1p name vm1p.42 type vlan id 42");
    let macvlan = space.tried("ip link add link vm1p name mv0 type macvlan mode private");
    let links: Vec<Link> = values(&space.query(Query::Links));
    let get = |name: &str| links.iter().find(|link| link.name == name).unwrap_or_else(|| panic!("no {name}"));

    let bridge = get("br0");
    assert_eq!((bridge.kind.as_deref(), bridge.up, bridge.mtu), (Some("bridge"), true, Some(1400)));
    let settings = bridge.bridge.as_ref().unwrap();
    assert_eq!((settings.stp_state, settings.group_fwd_mask), (Some(0), Some(8)));
    assert_eq!((settings.vlan_filtering, settings.no_linklocal_learn), (Some(filtering), Some(true)));
    assert_eq!((settings.nf_call_iptables, settings.nf_call_ip6tables), (Some(true), Some(false)));

    let vm0 = get("vm0");
    assert_eq!((vm0.kind.as_deref(), vm0.master.as_deref()), (Some("veth"), Some("br0")));
    assert_eq!((vm0.mac.as_deref(), vm0.parent.as_deref()), (Some("52:54:00:aa:bb:01"), Some("vm0p")));
    assert!(vm0.up && vm0.promiscuous && !get("vm1").promiscuous);
    let port = vm0.port.as_ref().unwrap();
    for on in
        [port.isolated, port.hairpin, port.bpdu_guard, port.root_block, port.neigh_suppress, port.proxyarp]
    {
        assert_eq!(on, Some(true), "{port:?}");
    }
    for off in [port.learning, port.unicast_flood, port.mcast_flood, port.bcast_flood] {
        assert_eq!(off, Some(false), "{port:?}");
    }
    let other = get("vm1").port.as_ref().unwrap();
    assert_eq!((other.isolated, other.learning, other.unicast_flood), (Some(false), Some(true), Some(true)));
    if vlan {
        assert_eq!((get("vm1p.42").vlan, get("vm1p.42").parent.as_deref()), (Some(42), Some("vm1p")));
    }
    if macvlan {
        assert_eq!(get("mv0").macvlan_mode.as_deref(), Some("private"));
    }
    let tap = get("tap0").tun.as_ref().unwrap();
    assert_eq!((tap.owner, tap.group, tap.tap), (Some(4242), Some(4243), Some(true)));
    assert!(vm0.bridge.is_none() && bridge.port.is_none() && get("lo").kind.is_none());
}

#[test]
fn namespaces_are_found_and_entered() {
    if !ready(&["ip"]) {
        return;
    }
    let space = Namespace::new("find");
    let name = &space.0;
    let all = namespace::list().unwrap();
    let found = all.found.iter().find(|namespace| namespace.names.contains(name)).unwrap();
    assert_ne!(found.inode, all.own);
    let inside = namespace::in_namespace(&found.path, || {
        let own = namespace::list().unwrap().own;
        // A sysctl of the namespace, changed by nobody else.
        std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
        (own, std::fs::read_to_string("/proc/thread-self/net/dev").unwrap())
    });
    let (own, devices) = inside.unwrap();
    assert_eq!(own, found.inode);
    assert_eq!(devices.lines().count(), 3, "two lines of header, and lo: {devices}");
    assert_eq!(namespace::list().unwrap().own, all.own, "this thread has not moved");
    let panicked = namespace::in_namespace(&found.path, || panic!("on purpose"));
    assert!(matches!(panicked, Err(namespace::Error::Panicked)));
}

/// A rule of this test's own, taken away at the end whatever happens.
struct AuditRule(&'static str);

impl Drop for AuditRule {
    fn drop(&mut self) {
        let _ = run(&format!("auditctl -d {}", self.0));
    }
}

#[test]
fn audit_rules_keep_their_operators() {
    const RULE: &str = "always,exit -F arch=b64 -S execve,openat2 -F path=/etc/hostname -F perm=wa \
                        -F exe!=/usr/bin/true -F auid!=unset -F exit=-13 -k baluarte-test";
    if !ready(&["auditctl"]) {
        return;
    }
    let status = match query(Query::AuditStatus) {
        Ok(bytes) => values::<audit::Status>(&bytes).remove(0),
        Err(error) => return println!("skipped: no audit status: {error}"),
    };
    let printed = run("auditctl -s").unwrap();
    let printed = String::from_utf8_lossy(&printed.stdout);
    for (name, value) in [
        ("enabled", status.enabled),
        ("failure", status.failure),
        ("pid", status.pid),
        ("backlog_limit", status.backlog_limit),
        ("backlog_wait_time", status.backlog_wait_time.unwrap()),
    ] {
        assert!(printed.lines().any(|line| line == format!("{name} {value}")), "{name} {value}: {printed}");
    }
    if status.enabled == 2 {
        return println!("skipped: the audit rules are locked");
    }
    let before = query(Query::AuditRules).unwrap();
    let own = AuditRule(RULE);
    must(&format!("auditctl -a {RULE}"));
    let rules: Vec<audit::Rule> = values(&query(Query::AuditRules).unwrap());
    drop(own);
    let rule = rules.iter().find(|rule| rule.keys == ["baluarte-test"]).unwrap();
    let written = serde_json::to_string(rule).unwrap();
    assert_eq!(
        written,
        r#"{"list":"exit","action":"always","syscalls":["execve","openat2"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"path","op":"=","value":"/etc/hostname"},{"field":"perm","op":"=","value":"wa"},{"field":"exe","op":"!=","value":"/usr/bin/true"},{"field":"auid","op":"!=","value":"unset"},{"field":"exit","op":"=","value":-13}],"keys":["baluarte-test"]}"#
    );
    assert_eq!(rule.named("exe").next().unwrap().operator, Operator::NotEqual);
    assert_eq!(query(Query::AuditRules).unwrap(), before, "the rules are as they were");
}

#[test]
fn without_the_right_the_kernels_error_comes_through() {
    if !ready(&["ip"]) {
        return;
    }
    // A user namespace of one's own gives no right over the audit system of the machine.
    let outcome = std::thread::spawn(|| {
        rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(65534)).unwrap();
        (query(Query::AuditStatus), query(Query::Nft), query(Query::Links))
    });
    let (audit, nft, links) = outcome.join().unwrap();
    assert_eq!(audit.unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
    assert_eq!(nft.unwrap_err().raw_os_error(), Some(rustix::io::Errno::PERM.raw_os_error()));
    assert!(!links.unwrap().is_empty(), "interfaces are for everyone to see");
}
