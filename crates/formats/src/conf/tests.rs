//! Round trips of every format, over arbitrary bytes, over realistic text with slips in it, and over real files.

use std::path::Path;

use proptest::prelude::*;

use super::{apply, libvirt, oslo, sshd, sysctl, unit};
use crate::{
    Splice,
    access::{group, passwd, polkit, sasl},
};

type Round = fn(&[u8]) -> Vec<u8>;

/// Parse and print of every lossless format.
const FORMATS: [(&str, Round); 6] = [
    ("libvirt", |b| libvirt::File::parse(b).print()),
    ("sysctl", |b| sysctl::File::parse(b).print()),
    ("sshd", |b| sshd::File::parse(b).print()),
    ("oslo", |b| oslo::File::parse(b).print()),
    ("unit", |b| unit::File::parse(b).print()),
    ("sasl", |b| sasl::File::parse(b).print()),
];

fn round_trips(bytes: &[u8]) {
    for (name, round) in FORMATS {
        assert!(round(bytes) == bytes, "{name}: {:?}", String::from_utf8_lossy(bytes));
    }
    // These don't print, but must not panic, and their places must be in the file.
    let places = passwd::parse(bytes).entries.into_iter().map(|user| user.shell.span);
    let more = group::parse(bytes).entries.into_iter().map(|group| group.span);
    assert!(places.chain(more).all(|span| bytes.get(span.range()).is_some()));
    let text = String::from_utf8_lossy(bytes);
    for rule in polkit::rules(&text).unwrap_or_default() {
        assert!(text.get(rule.span.range()).is_some_and(|text| text.starts_with("polkit")));
    }
}

const REALISTIC: &str = "# comment\n[DEFAULT]\nkey = value\n  continued\n-net.ipv4.ip_forward=1\nMatch User git\n\
    Include /etc/ssh/sshd_config.d/*.conf\nExecStart=/bin/a \\\n# c\n  -b\n[libvirt]\nvirt_type: kvm\r\n\
    mech_list: gssapi scram-sha-256\nvnc_tls = 1 # x\nacl = [ \"a\",\n 'b' ]\nroot:x:0:0:root:/root:/bin/sh\n\
    polkit.addRule(function(a, s) { if (a.id == \"x\" && s.isInGroup(\"y\")) return polkit.Result.YES; });";

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        round_trips(&bytes);
    }

    #[test]
    fn text_with_slips(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, "[ -~\n\\\\=\\[\\]\"'#;:]{0,5}"), 1..6)) {
        let mut bytes = REALISTIC.as_bytes().to_vec();
        for (at, length, text) in cuts {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, text.into_bytes());
        }
        round_trips(&bytes);
    }
}

#[test]
fn splices_apply_in_order_and_bad_ones_are_left_out() {
    let splices =
        [Splice::new(1..2, "X"), Splice::new(0..1, "no"), Splice::new(3..3, "!"), Splice::new(9..10, "no")];
    assert_eq!(apply(b"abcd", &splices), b"aXc!d");
    assert_eq!(apply(b"", &[Splice::new(0..0, "x")]), b"x");
}

#[test]
fn a_file_too_large_is_kept_whole() {
    let large = vec![b'#'; super::MAX_SIZE + 1];
    round_trips(&large);
    assert_eq!(sysctl::File::parse(&large).lines().malformed().count(), 1);
    assert!(libvirt::File::parse(&large).refused().is_some());
}

#[test]
fn many_lines_take_little_time() {
    let bytes = "a=[\"\"\"\n".repeat(200_000);
    let start = std::time::Instant::now();
    round_trips(bytes.as_bytes());
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn walk(folder: &Path, seen: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, seen);
        } else if let Ok(bytes) = std::fs::read(&path) {
            seen(&path, &bytes);
        }
    }
}

#[test]
fn real_files_come_back_byte_for_byte() {
    let Some(data) = std::env::var_os("BALUARTE_DATA") else {
        println!("skipped: BALUARTE_DATA is not set");
        return;
    };
    let (mut files, mut shipped) = (0, 0);
    walk(&Path::new(&data).join("conf"), &mut |path, bytes| {
        round_trips(bytes);
        files += 1;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(schema) = name.rsplit("__").next().and_then(libvirt::schema::of_file) else { return };
        let file = libvirt::File::parse(bytes);
        assert_eq!(file.refused(), None, "{name}");
        assert_eq!(file.wrong_types(schema), [], "{name}");
        shipped += 1;
        println!("{name}: {} set, unknown: {:?}", file.assignments().count(), file.unknown_keys(schema));
    });
    assert!(files > 100 && shipped >= 8, "{files} files, {shipped} of libvirt");
}
