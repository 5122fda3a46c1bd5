//! sysctl.d(5), line by line.

use super::*;

#[test]
fn keys_are_paths() {
    assert_eq!(normalize("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
    assert_eq!(normalize("net/ipv4/conf/eth0.100/rp_filter"), "net/ipv4/conf/eth0.100/rp_filter");
    assert_eq!(normalize("net.ipv4.conf.eth0/100.rp_filter"), "net/ipv4/conf/eth0.100/rp_filter");
    assert_eq!(normalize("/proc/sys/kernel/sysrq"), "kernel/sysrq");
}

#[test]
fn the_last_assignment_wins_and_marks_are_understood() {
    let file = File::parse(b"# c\n; c\nkernel.sysrq=1\n -kernel/sysrq = 16 \r\nnonsense\n=1\n");
    let found = file.get("kernel.sysrq").expect("set");
    assert_eq!((found.setting.value.value.as_str(), found.optional, found.excluded), ("16", true, false));
    assert_eq!(file.lines().slice(found.setting.value.span), b"16");
    assert_eq!(file.lines().malformed().map(|m| m.offset).collect::<Vec<_>>(), [45, 54]);
    assert!(file.get("kernel.panic").is_none());
}

#[test]
fn a_named_key_beats_a_pattern() {
    let file = File::parse(
        b"net.ipv4.conf.all.rp_filter=1\n-net.ipv4.conf.lo.rp_filter\nnet.ipv4.conf.*.rp_filter=2\n",
    );
    let value = |key: &str| file.get(key).map(|a| a.setting.value.value);
    assert_eq!(value("net.ipv4.conf.all.rp_filter").as_deref(), Some("1"));
    assert_eq!(value("net.ipv4.conf.eth0.rp_filter").as_deref(), Some("2"));
    assert_eq!(value("net.ipv4.conf.lo.rp_filter"), None);
    assert_eq!(value("net.ipv4.conf.a/b/c.rp_filter").as_deref(), Some("2"));
    assert_eq!(value("net/ipv4/conf/a/b/rp_filter"), None);
}

#[test]
fn files_mask_and_follow_each_other() {
    let (one, two, three, empty) =
        (File::parse(b"a.b=1\n"), File::parse(b"a.b=2\n"), File::parse(b"a.b=3\n"), File::parse(b""));
    let decide =
        |files: &[(&str, &File)]| effective(files, "a.b").map(|(index, a)| (index, a.setting.value.value));
    // By name, not by directory.
    assert_eq!(
        decide(&[("/etc/sysctl.d/10-x.conf", &one), ("/usr/lib/sysctl.d/50-x.conf", &two)]),
        Some((1, "2".into()))
    );
    // The same name: only the stronger directory is read, even if that file is empty.
    assert_eq!(decide(&[("/usr/lib/sysctl.d/50-x.conf", &two), ("/run/sysctl.d/50-x.conf", &empty)]), None);
    // /etc/sysctl.conf comes last; other places and names don't count.
    assert_eq!(
        decide(&[
            ("/etc/sysctl.conf", &three),
            ("/etc/sysctl.d/99-z.conf", &one),
            ("/etc/sysctl.d/99-z.conf.bak", &two)
        ]),
        Some((0, "3".into()))
    );
    assert_eq!(decide(&[("/srv/a.conf", &one)]), None);
}
