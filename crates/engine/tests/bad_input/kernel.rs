//! What the kernel says, broken: netlink answers that are garbage, /proc that can't be read or makes no sense; and the
//! files of accounts, polkit and sshd.

use model::finding::{Report, Status};

use super::{
    base, bytes_of, check, denied, intact, is_told, no_new_pass, no_pass_rests_on, unread, with, with_status,
};

#[test]
fn netlink_answers_that_are_garbage() {
    for key in ["netlink/link", "netlink/nft", "netlink/audit-status", "netlink/audit-rules"] {
        for garbage in [
            "{",
            "null",
            "[]",
            "{}",
            "{\"index\":\"x\"}",
            "{\"enabled\":1}",
            "\u{0}",
            "{\"table\":{\"family\":\"inet\",\"name\":7}}",
            "not JSON at all",
            &"[".repeat(100_000),
            &format!("{{\"a\":{}", "[".repeat(100_000)),
        ] {
            let report = check(&with(&base(), key, garbage));
            let what = format!("{key}: {}", garbage.chars().take(40).collect::<String>());
            is_told(&what, &report, &format!("/{key}"));
        }
        // Half an answer is no answer.
        let whole = bytes_of(&base(), key);
        if whole.len() > 40 {
            is_told(key, &check(&with(&base(), key, &whole[..whole.len() - 20])), &format!("/{key}"));
        }
        no_new_pass(key, &check(&denied(&base(), key)));
    }
}

/// Every finding of the VM that rests on its process.
fn of_process(report: &Report) -> Vec<(String, Status)> {
    let about = |finding: &&model::finding::Finding| finding.id == "confinement.seccomp-on";
    report.findings.iter().filter(about).map(|finding| (finding.id.to_string(), finding.status)).collect()
}

#[test]
fn a_process_that_makes_no_sense() {
    for garbage in [
        "",
        "Name:",
        "Seccomp:\t\n",
        "Seccomp:\tx\n",
        "Uid:\t-1\t0\t0\t0\nSeccomp:\t2\n",
        "Seccomp:\t99999999999999999999\n",
        "\u{0}\u{0}",
    ] {
        for key in ["proc/4242/status", "proc/4242/task/4243/status"] {
            let report = check(&with(&base(), key, garbage));
            no_new_pass(garbage, &report);
            let passed = of_process(&report).iter().any(|(_, status)| *status == Status::Pass);
            assert!(!passed, "{key} = {garbage:?}: seccomp passes");
        }
    }
    for key in ["proc/4242/comm", "proc/4242/status", "proc/4242/task/4243/status", "proc/4242/task"] {
        let report = check(&denied(&base(), key));
        no_new_pass(key, &report);
        assert!(unread(&report, &format!("/{key}")).is_some(), "{key}: {:?}", report.unread);
    }
}

#[test]
fn clocks_at_the_ends_of_time() {
    for btime in ["btime 9223372036854775807\n", "btime -9223372036854775808\n", "btime x\n", ""] {
        no_new_pass(btime, &check(&with(&base(), "proc/stat", btime)));
        let ticks = "4242 (qemu) S".to_owned() + &" 18446744073709551615".repeat(40);
        let machine = with(&with(&base(), "proc/stat", btime), "proc/4242/stat", ticks);
        no_new_pass(btime, &check(&machine));
    }
}

#[test]
fn tables_of_sockets_that_are_garbage() {
    for key in ["proc/net/tcp", "proc/net/tcp6"] {
        for garbage in
            ["", "x", "  sl  local_address\n   0: zz:zz\n", "  sl\n   0: 00000000:FFFFF 0:0 0A\n", "\u{0}"]
        {
            let report = check(&with(&base(), key, garbage));
            no_new_pass(&format!("{key}: {garbage:?}"), &report);
        }
    }
}

#[test]
fn values_of_sys_and_proc_that_are_no_values() {
    let base = base();
    let keys = base.entries.keys().filter(|key| key.starts_with("proc/sys/net") || key.starts_with("sys/"));
    for key in keys {
        let Some(before) = base.entries[key].body.bytes() else { continue };
        for garbage in ["", "\n", "-1", "2147483648", "00", "x", "0 0", "\u{1b}[2J"] {
            if String::from_utf8_lossy(before).trim() == garbage.trim() {
                continue;
            }
            no_new_pass(&format!("{key} = {garbage:?}"), &check(&with(&base, key, garbage)));
        }
    }
}

#[test]
fn accounts_that_are_garbage_are_told() {
    for (key, garbage) in [
        ("etc/passwd", "root:x:0:0\n"),
        ("etc/passwd", "alice:x:-1:1000::/home/alice:/bin/sh\n"),
        ("etc/passwd", "::::::\n"),
        ("etc/group", "libvirt\n"),
        ("etc/group", "libvirt:x:99999999999:alice\n"),
        ("etc/group", "\u{0}\n"),
    ] {
        let text = String::from_utf8(bytes_of(&base(), key)).unwrap();
        let why =
            is_told(garbage, &check(&with(&base(), key, format!("{text}{garbage}"))), &format!("/{key}"));
        assert!(why.contains(&format!("line {}", text.lines().count() + 1)), "{garbage}: {why}");
    }
}

#[test]
fn polkit_rules_that_nobody_can_read_are_told() {
    let key = "etc/polkit-1/rules.d/60-libvirt-deny.rules";
    for garbage in [
        "polkit.addRule(function(action, subject) {",
        "polkit.addRule(\"",
        "/* never closed",
        "`",
        "\u{0}",
        &"(".repeat(100_000),
        &"if(1){".repeat(50_000),
    ] {
        let what: String = garbage.chars().take(40).collect();
        is_told(&what, &check(&with(&base(), key, garbage)), &format!("/{key}"));
    }
}

#[test]
fn sshd_that_is_garbage() {
    let includes = "Include /etc/ssh/sshd_config\n".repeat(100);
    for garbage in [
        "PermitRootLogin\n",
        "Match\n",
        "Match User\n  PermitRootLogin yes\n",
        "Include \"\n",
        "\"\n",
        "\u{0}",
        &includes,
        &"Match all\n".repeat(50_000),
    ] {
        let text = String::from_utf8(bytes_of(&base(), "etc/ssh/sshd_config")).unwrap();
        no_new_pass(
            garbage.get(..20).unwrap_or(garbage),
            &check(&with(&base(), "etc/ssh/sshd_config", format!("{garbage}{text}"))),
        );
    }
    let machine =
        with(&base(), "etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n");
    let machine = with(&machine, "etc/ssh/sshd_config.d/10.conf", "PermitRootLogin yes\n");
    is_told(
        "an include",
        &check(&denied(&machine, "etc/ssh/sshd_config.d/10.conf")),
        "/etc/ssh/sshd_config.d/10.conf",
    );
}

#[test]
fn a_sysctl_file_nobody_can_read_may_say_anything() {
    let machine = with(&base(), "etc/sysctl.d/99-local.conf", "net.bridge.bridge-nf-call-iptables = 1\n");
    let failing = with_status(&check(&machine), Status::Fail);
    assert!(
        failing.contains(&("network.bridge-nf-iptables-off".to_owned(), intact().host.id.clone())),
        "{failing:?}"
    );
    let report = check(&denied(&machine, "etc/sysctl.d/99-local.conf"));
    is_told("sysctl.d", &report, "/etc/sysctl.d/99-local.conf");
    let passed = with_status(&report, Status::Pass);
    assert!(
        !passed.contains(&("network.bridge-nf-iptables-off".to_owned(), intact().host.id.clone())),
        "a stronger file could not be read"
    );
}

#[test]
fn directories_nobody_can_list_are_told() {
    for key in ["etc/libvirt/qemu", "run/libvirt/qemu", "etc/sysctl.d", "etc/polkit-1/rules.d", "etc/libvirt"]
    {
        let report = check(&denied(&base(), key));
        is_told(key, &report, &format!("/{key}"));
    }
    no_pass_rests_on("sysctl.d", &check(&denied(&base(), "etc/sysctl.d")), "/etc/sysctl.d/60-baluarte.conf");
}
