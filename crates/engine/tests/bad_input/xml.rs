//! Domain XML, inactive and live: cut, huge, deep, not UTF-8, with many roots, with a DTD and entities.

use model::finding::Status;

use super::{base, bytes_of, check, intact, is_told, no_new_pass, unread, with, with_status};

const FILES: [&str; 2] = ["etc/libvirt/qemu/web1.xml", "run/libvirt/qemu/web1.xml"];
const UUID: &str = "5f3b1a52-7c1e-4d0e-9a55-0d7f3c1c2a10";

/// The VM is still there, and the file is said to be unread at a line.
fn vm_is_not_lost(what: &str, key: &str, bytes: Vec<u8>) {
    let report = check(&with(&base(), key, bytes));
    let why = is_told(what, &report, &format!("/{key}"));
    assert!(why.contains("line") || why.contains("larger"), "{what}: no place: {why}");
    assert_eq!(report.host.vms, 1, "{what}: the VM is lost");
    let about = |status: Status| {
        with_status(&report, status).into_iter().filter(|(_, subject)| subject == UUID).count()
    };
    assert!(about(Status::Unknown) + about(Status::Fail) > 0, "{what}: nothing is unknown of the VM");
}

#[test]
fn cut_at_many_lengths() {
    for key in FILES {
        let bytes = bytes_of(&base(), key);
        let end = bytes.len() - "</domain>\n".len();
        for length in (0..end).step_by(61) {
            vm_is_not_lost(&format!("{key} cut at {length}"), key, bytes[..length].to_vec());
        }
    }
}

#[test]
fn hostile_documents() {
    for key in FILES {
        let text = String::from_utf8(bytes_of(&base(), key)).unwrap();
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        let many_attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
        let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
        for (what, document) in [
            ("over 4 MiB", format!("{text}<!--{}-->", " ".repeat(4 << 20))),
            ("100,000 deep", text.replacen("<devices>", &format!("<devices>{deep}"), 1)),
            ("100,000 deep and never closed", "<a>".repeat(100_000)),
            ("two roots", format!("{text}{text}")),
            ("text behind the root", format!("{text}\nand more")),
            ("a DTD", format!("<!DOCTYPE domain>{text}")),
            ("an external DTD", format!("<!DOCTYPE domain SYSTEM 'file:///etc/shadow'>{text}")),
            ("an entity", format!("{bomb}{}", text.replacen("web1", "&b;", 1))),
            ("an undefined entity", text.replacen("<name>web1", "<name>&web;", 1)),
            (
                "an external entity",
                format!(
                    "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/shadow'>]>{}",
                    text.replacen("<name>web1", "<name>&x;", 1)
                ),
            ),
            ("100,000 attributes", text.replacen("<devices>", &format!("<devices{many_attributes}>"), 1)),
            ("another root", text.replace("domain", "network").replace("domstatus", "networkstatus")),
            ("no root", "<?xml version='1.0'?><!-- nothing -->".to_owned()),
            ("empty", String::new()),
            ("blanks", " \n\t\n ".to_owned()),
        ] {
            vm_is_not_lost(&format!("{key}: {what}"), key, document.into_bytes());
        }
    }
}

#[test]
fn other_encodings() {
    for key in FILES {
        let text = String::from_utf8(bytes_of(&base(), key)).unwrap();
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let latin = text.replacen("</name>", "\u{0}</name>", 1).into_bytes();
        let latin = latin.iter().map(|byte| if *byte == 0 { 0xe9 } else { *byte }).collect();
        for (what, bytes) in [
            ("UTF-16", wide),
            ("a Latin-1 letter", latin),
            ("NUL", text.replacen("web1", "we\0b1", 1).into_bytes()),
        ] {
            vm_is_not_lost(&format!("{key}: {what}"), key, bytes);
        }
    }
}

#[test]
fn a_byte_order_mark_changes_nothing_or_is_told() {
    for key in FILES {
        let report =
            check(&with(&base(), key, [b"\xef\xbb\xbf", bytes_of(&base(), key).as_slice()].concat()));
        no_new_pass(key, &report);
        assert_eq!(report.host.vms, 1);
        let same = report.coverage == intact().coverage;
        assert!(same || unread(&report, &format!("/{key}")).is_some(), "{key}");
    }
}

#[test]
fn a_domain_of_no_or_an_unknown_type_is_not_passed_over() {
    for (from, to) in [
        ("<domain type='kvm'>", "<domain>"),
        ("<domain type='kvm'>", "<domain type=''>"),
        ("<domain type='kvm'>", "<domain type='kvmm'>"),
        ("<domain type='kvm'>", "<domain type='KVM'>"),
    ] {
        let text = String::from_utf8(bytes_of(&base(), FILES[0])).unwrap();
        let mut machine = with(&base(), FILES[0], text.replacen(from, to, 1));
        machine.entries.remove(FILES[1]);
        let report = check(&machine);
        assert_eq!(report.host.vms, 1, "{to}: the VM is lost in silence: {:?}", report.unread);
    }
}

#[test]
fn two_files_of_one_uuid_are_not_judged_as_one() {
    let text = String::from_utf8(bytes_of(&base(), FILES[0])).unwrap();
    let open = text.replacen("<name>web1</name>", "<name>aaa</name>", 1).replacen(
        "</devices>",
        "</devices><seclabel type='none'/><qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\
         <qemu:arg value='-S'/></qemu:commandline>",
        1,
    );
    for other in ["etc/libvirt/qemu/aaa.xml", "etc/libvirt/qemu/zzz.xml"] {
        let report = check(&with(&base(), other, open.clone()));
        no_new_pass(other, &report);
        let told = unread(&report, &format!("/{other}")).or(unread(&report, &format!("/{}", FILES[0])));
        assert!(told.is_some_and(|why| why.contains("UUID")), "{other}: {:?}", report.unread);
        let passed = with_status(&report, Status::Pass);
        let id = ("emulator.no-cmdline-passthrough".to_owned(), UUID.to_owned());
        assert!(!passed.contains(&id), "{other}: one of the two files hides the other");
    }
}

#[test]
fn a_vm_that_ends_during_the_check() {
    let mut machine = base();
    machine.entries.retain(|key, _| !key.starts_with("proc/4242/"));
    let report = check(&machine);
    no_new_pass("a process that ended", &report);
    let unknown = with_status(&report, Status::Unknown);
    assert!(unknown.contains(&("confinement.seccomp-on".to_owned(), UUID.to_owned())), "{unknown:?}");
    for (what, pid) in [
        ("no pid", ""),
        ("a pid that is no number", "pid='x'"),
        ("a negative pid", "pid='-7'"),
        ("a huge pid", "pid='99999999999999999999'"),
    ] {
        let text = String::from_utf8(bytes_of(&base(), FILES[1])).unwrap();
        let report = check(&with(&base(), FILES[1], text.replacen("pid='4242'", pid, 1)));
        no_new_pass(what, &report);
        let passed = with_status(&report, Status::Pass);
        assert!(!passed.contains(&("confinement.seccomp-on".to_owned(), UUID.to_owned())), "{what}");
    }
}

#[test]
fn other_xml_of_libvirt_is_told_as_well() {
    for key in ["etc/libvirt/nwfilter/clean-traffic.xml", "run/libvirt/nwfilter-binding/vnet0.xml"] {
        let bytes = bytes_of(&base(), key);
        for bytes in [bytes[..bytes.len() / 2].to_vec(), b"<!DOCTYPE a><filter/>".to_vec(), vec![0xff; 64]] {
            no_new_pass(key, &check(&with(&base(), key, bytes)));
        }
    }
}
