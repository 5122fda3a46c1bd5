//! Configuration files: what is printed is what was parsed, and an edit does what it says.

use formats::conf::{
    self,
    libvirt::{self, Value, schema},
    oslo, sshd, sysctl, unit,
};

use super::{refused, within};

pub(super) fn libvirt(bytes: &[u8]) {
    let file = libvirt::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    for assignment in file.assignments() {
        within(bytes, assignment.span());
        let first = file.get(&assignment.key.value);
        assert!(first.is_some_and(|first| first.span().range().start <= assignment.span().range().start));
    }
    file.errors().for_each(|malformed| refused(bytes, malformed));
    assert_eq!(file.refused().is_some(), file.errors().next().is_some());
    let Some(schema) = schema::of_file("qemu.conf") else { return };
    let _ = (file.unknown_keys(schema), file.wrong_types(schema), file.duplicates());
    // A file that libvirt reads is edited so that libvirt reads what was asked for.
    let value = Value::Int(1);
    if let (None, Ok(splices)) = (file.refused(), file.set("vnc_tls", &value)) {
        let edited = libvirt::File::parse(&conf::apply(bytes, &splices));
        assert!(edited.refused().is_none(), "the edit broke the file: {:?}", edited.refused());
        assert_eq!(edited.get("vnc_tls").map(|assignment| &assignment.value.value), Some(&value));
        assert!(
            edited.set("vnc_tls", &value).is_ok_and(|splices| splices.is_empty()),
            "a second edit is not empty"
        );
    }
}

fn lines(bytes: &[u8], lines: &conf::Lines) {
    lines.malformed().for_each(|malformed| refused(bytes, malformed));
    lines.settings().for_each(|setting| within(bytes, setting.span));
}

pub(super) fn sysctl(bytes: &[u8]) {
    let file = sysctl::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    lines(bytes, file.lines());
    for assignment in file.assignments() {
        within(bytes, assignment.setting.value.span);
    }
    let files = [("/etc/sysctl.d/a.conf", &file), ("/etc/sysctl.d/b.conf", &file)];
    let found = sysctl::effective(&files, "net.bridge.bridge-nf-call-iptables");
    assert_eq!(found.is_some(), file.get("net.bridge.bridge-nf-call-iptables").is_some());
}

pub(super) fn sshd(bytes: &[u8]) {
    let file = sshd::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    lines(bytes, file.lines());
    // It includes itself, wherever it includes anything.
    let mut given = 0;
    let config = sshd::Config::load("etc/ssh/sshd_config", bytes, |_| {
        given += bytes.len();
        vec![("etc/ssh/sshd_config".to_owned(), bytes.to_vec())]
    });
    // One more than is taken, for each line that asks.
    assert!(
        given <= sshd::MAX_BYTES + bytes.len() * (sshd::MAX_FILES + config.errors.len() + 1),
        "{given} bytes were asked for"
    );
    for found in &config.settings {
        assert!(config.place(found).is_some_and(|(_, span)| span.range().end <= bytes.len()));
    }
    config.errors.iter().for_each(|(_, malformed)| refused(bytes, malformed));
    let _ = config.effective("PermitRootLogin");
}

pub(super) fn oslo(bytes: &[u8]) {
    let file = oslo::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    lines(bytes, file.lines());
    let _ = oslo::effective(&[&file, &file], "libvirt", "virt_type");
}

pub(super) fn unit(bytes: &[u8]) {
    let file = unit::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    lines(bytes, file.lines());
    let _ = (unit::listen_streams(&[&file, &file]), unit::value(&[&file], "Socket", "SocketMode"));
}
