//! passwd, group and SASL files.

use super::{group, passwd, passwd::Password, sasl};

#[test]
fn users() {
    let text = "root:x:0:0:root:/root:/bin/bash\nguest::1000:1000::/:\n+nis\na:!:x:1::/:\n# c\nlibvirt-qemu:*:64055:994:,,,:/var/lib/libvirt:/usr/sbin/nologin";
    let table = passwd::parse(text.as_bytes());
    let found: Vec<_> =
        table.entries.iter().map(|u| (u.name.value.as_str(), u.password.value, u.uid.value)).collect();
    assert_eq!(
        found,
        [
            ("root", Password::Shadowed, 0),
            ("guest", Password::Empty, 1000),
            ("libvirt-qemu", Password::Locked, 64055)
        ]
    );
    assert_eq!(table.malformed.iter().map(|m| m.offset).collect::<Vec<_>>(), [53, 58]);
    assert_eq!(table.entries[2].shell.value, "/usr/sbin/nologin");
    let span = table.entries[2].gid.span.range();
    assert_eq!(&text[span], "994");
}

#[test]
fn members_are_named_or_primary() {
    let users = passwd::parse(b"ann:x:1:7::/:\nbob:x:2:8::/:\n");
    let groups = group::parse(b"libvirt:x:7:bob, eve,\nalias:x:7:dan\nkvm:x:8:\nbad:x:9\n:x:1:\nneg:x:-1:\n");
    assert_eq!(group::members(&groups, &users, "libvirt"), ["ann", "bob", "dan", "eve"]);
    assert_eq!(group::members(&groups, &users, "kvm"), ["bob"]);
    assert!(group::members(&groups, &users, "none").is_empty());
    assert_eq!(groups.malformed.len(), 3);
}

#[test]
fn sasl_files() {
    let source =
        b"# c\nMECH_list: GSSAPI  scram-sha-256\nmech_list: plain\nsasldb_path: /etc/libvirt/passwd.db\n";
    let file = sasl::File::parse(source);
    let mechanisms = file.mechanisms().expect("set");
    assert_eq!(mechanisms.iter().map(|m| m.value.as_str()).collect::<Vec<_>>(), ["gssapi", "scram-sha-256"]);
    assert_eq!(&source[mechanisms[1].span.range()], b"scram-sha-256");
    assert_eq!(file.get("sasldb_path").map(|s| s.value.value.as_str()), Some("/etc/libvirt/passwd.db"));
    assert_eq!(file.refused(), None);
    assert_eq!(file.get("keytab"), None);
    for bad in ["mech_list = gssapi\n", "mech_list:\n", "a b: c\n"] {
        assert!(sasl::File::parse(bad.as_bytes()).refused().is_some(), "{bad}");
    }
}
