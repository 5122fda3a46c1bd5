//! `qemu.conf` and `libvirtd.conf`: typos, duplicates, wrong types, line ends, NUL, junk. What libvirt does with each was
//! measured on libvirt 9.0: unknown keys are ignored, the first duplicate counts, a syntax error loses the whole file, a
//! wrong type stops the driver.

use model::finding::{Report, Status};

use super::{base, bytes_of, check, intact, is_told, no_new_pass, no_pass_rests_on, with};

const FILES: [&str; 2] = ["etc/libvirt/qemu.conf", "etc/libvirt/libvirtd.conf"];

/// Every other key that a control reads, as it should be: with those of the base host, each is mutated in each way.
const MORE_QEMU: &str = r#"
cgroup_controllers = [ "cpu", "devices", "memory", "blkio", "cpuset", "cpuacct" ]
cgroup_device_acl = [ "/dev/null", "/dev/full", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/ptmx", "/dev/kvm" ]
chardev_tls = 1
default_tls_x509_cert_dir = "/etc/pki/qemu"
dump_guest_core = 0
mac_filter = 1
migrate_tls_x509_verify = 1
relaxed_acs_check = 0
remote_websocket_port_min = 5700
remote_websocket_port_max = 5799
sched_core = "none"
spice_auto_unix_socket = 1
spice_listen = "127.0.0.1"
spice_sasl = 1
vnc_allow_host_audio = 0
vxhs_tls = 1
"#;
const MORE_LIBVIRTD: &str = r#"
log_filters = "1:qemu 3:util"
log_level = 3
max_anonymous_clients = 20
tcp_port = "16509"
tls_no_sanity_certificate = 0
tls_no_verify_certificate = 0
tls_port = "16514"
"#;

fn text_of(key: &str) -> String {
    let more = if key == FILES[0] { MORE_QEMU } else { MORE_LIBVIRTD };
    String::from_utf8(bytes_of(&base(), key)).unwrap() + more
}

#[test]
fn every_key_as_it_should_be_changes_nothing() {
    for file in FILES {
        assert_eq!(statuses(&checked(file, text_of(file))), statuses(intact()), "{file}");
    }
}

fn checked(key: &str, text: impl Into<Vec<u8>>) -> Report {
    check(&with(&base(), key, text))
}

/// Tells of typos and duplicates themselves.
const TELLS: &str = "management.conf-unknown-keys";

/// Status by control and subject: what a mutation that libvirt does not notice must not change.
fn statuses(report: &Report) -> Vec<(&str, &str, Status)> {
    let findings = report.findings.iter().filter(|one| one.id != TELLS);
    let mut all: Vec<_> = findings.map(|one| (&*one.id, one.subject.id.as_str(), one.status)).collect();
    all.sort_unstable_by_key(|(id, subject, _)| (*id, *subject));
    all
}

/// The assignments of a file: key, value, line.
fn assignments(text: &str) -> Vec<(String, String, String)> {
    let line = |line: &str| {
        let (key, value) = line.split_once(" = ")?;
        (!line.starts_with('#')).then(|| (key.to_owned(), value.to_owned(), line.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

/// The value turned against its meaning: what a duplicate in the wrong place smuggles in.
fn opposite(value: &str) -> String {
    match value {
        "0" => "1".to_owned(),
        value if value.parse::<i64>().is_ok() => "0".to_owned(),
        value if value.starts_with('[') => "[ ]".to_owned(),
        _ => "\"\"".to_owned(),
    }
}

fn mistyped(value: &str) -> String {
    match value {
        value if value.parse::<i64>().is_ok() => format!("\"{value}\""),
        _ => "1".to_owned(),
    }
}

#[test]
fn a_typo_is_no_setting_at_all() {
    for file in FILES {
        let text = text_of(file);
        for (key, _, line) in assignments(&text) {
            let without = checked(file, text.replacen(&format!("{line}\n"), "", 1));
            let mut typo = key.clone();
            let last = typo.pop().unwrap();
            typo.insert(1, last);
            let report = checked(file, text.replacen(&line, &line.replacen(&key, &typo, 1), 1));
            no_new_pass(&format!("{file}: {typo}"), &report);
            assert_eq!(statuses(&report), statuses(&without), "{file}: {typo} counts as something");
        }
    }
}

#[test]
fn the_first_duplicate_counts() {
    for file in FILES {
        let text = text_of(file);
        for (key, value, line) in assignments(&text) {
            let wrong = format!("{key} = {}", opposite(&value));
            let alone = checked(file, text.replacen(&line, &wrong, 1));
            let before = checked(file, format!("{wrong}\n{text}"));
            no_new_pass(&wrong, &before);
            assert_eq!(statuses(&before), statuses(&alone), "{file}: {wrong} before {line}");
            let after = checked(file, format!("{text}{wrong}\n"));
            assert_eq!(statuses(&after), statuses(intact()), "{file}: {wrong} appended");
        }
    }
}

#[test]
fn a_value_of_the_wrong_type_never_passes() {
    for file in FILES {
        let text = text_of(file);
        for (key, value, line) in assignments(&text) {
            let what = format!("{file}: {key} = {}", mistyped(&value));
            let report = checked(file, text.replacen(&line, &format!("{key} = {}", mistyped(&value)), 1));
            // libvirt starts no driver from such a file, so nothing in it is in force.
            let why = is_told(&what, &report, &format!("/{file}"));
            assert!(why.contains("line") && why.contains(&key), "{what}: {why}");
            for finding in report.findings.iter().filter(|finding| finding.status == Status::Pass) {
                let told = format!("{key} = ");
                let seen = finding.also.iter().map(|seen| seen.found.as_str()).chain([&*finding.found]);
                assert!(
                    !seen.into_iter().any(|seen| seen.starts_with(&told)),
                    "{what}: {} passes",
                    finding.id
                );
            }
        }
    }
}

#[test]
fn what_libvirt_reads_alike_is_judged_alike() {
    for file in FILES {
        let text = text_of(file);
        for (what, text) in [
            ("CRLF", text.replace('\n', "\r\n")),
            ("no final newline", text.trim_end().to_owned()),
            ("many blanks", text.replace(" = ", " \t =\t  ")),
            ("comments behind values", text.replace('\n', " # said\n")),
            ("blank lines", text.replace('\n', "\n\n\n")),
        ] {
            assert_eq!(statuses(&checked(file, text)), statuses(intact()), "{file}: {what}");
        }
    }
}

#[test]
fn a_syntax_error_loses_the_whole_file_and_is_placed() {
    for file in FILES {
        let text = text_of(file);
        let lines = text.lines().count();
        for broken in [
            "vnc_tls 1",
            "vnc_tls =",
            "= 1",
            "vnc_tls = \"1",
            "vnc_tls = 1 2",
            "\u{e9} = 1",
            "vnc-tls = 1",
            "[section]",
        ] {
            let report = checked(file, format!("{text}{broken}\n"));
            let why = is_told(broken, &report, &format!("/{file}"));
            assert!(
                why.contains("refuses") && why.contains(&format!("line {}", lines + 1)),
                "{broken}: {why}"
            );
            no_pass_rests_on(broken, &report, &format!("/{file}"));
        }
    }
}

#[test]
fn junk_is_refused_or_means_nothing() {
    for file in FILES {
        let text = text_of(file);
        let noise: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        let quoted = format!("x = \"{}\n", "a".repeat(1 << 20)).into_bytes();
        let list = format!("x = [{}", "\"a\",".repeat(1 << 18)).into_bytes();
        let brackets = format!("x = {}", "[".repeat(1 << 20)).into_bytes();
        for (what, junk) in [
            ("noise", noise),
            ("an open string", quoted),
            ("an open list", list),
            ("brackets", brackets),
            ("NUL", b"\0".to_vec()),
            ("not UTF-8", b"\xff\xfe = 1\n".to_vec()),
        ] {
            let report = checked(file, [text.as_bytes(), &junk].concat());
            is_told(what, &report, &format!("/{file}"));
            no_pass_rests_on(what, &report, &format!("/{file}"));
        }
        let comments = [text.as_bytes(), "# a line of nothing at all\n".repeat(40_000).as_bytes()].concat();
        assert_eq!(statuses(&checked(file, comments)), statuses(intact()));
        let five = [text.as_bytes(), "# a line of nothing at all\n".repeat(200_000).as_bytes()].concat();
        let why = is_told("5 MiB", &checked(file, five), &format!("/{file}"));
        assert!(why.contains("larger"), "{why}");
    }
}

#[test]
fn a_nul_inside_a_value_never_passes_for_the_rest() {
    for (file, from, to) in [
        (FILES[0], "vnc_listen = \"127.0.0.1\"", "vnc_listen = \"0.0.0.0\0\""),
        (FILES[0], "seccomp_sandbox = 1", "seccomp_sandbox = \u{0}1"),
        (FILES[0], "seccomp_sandbox = 1", "seccomp\u{0}_sandbox = 1"),
        (FILES[1], "listen_tcp = 0", "listen_tcp = 1\u{0}"),
    ] {
        no_new_pass(to, &checked(file, text_of(file).replacen(from, to, 1)));
    }
}

#[test]
fn a_file_cut_anywhere_gives_no_new_pass() {
    for file in FILES {
        let text = text_of(file);
        for length in (0..text.len()).step_by(23) {
            no_new_pass(&format!("{file} cut at {length}"), &checked(file, &text.as_bytes()[..length]));
        }
    }
}
