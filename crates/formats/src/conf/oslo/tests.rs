//! What `oslo_config/iniparser.py` does.

use super::*;
use crate::conf::apply;

const NOVA: &str = "# c\n[DEFAULT]\ndebug = true\nlist = a\n   b\n\tc\nnova: x=y\n\n[libvirt]\nvirt_type = \"kvm\"\n\
    live_migration_with_native_tls=false\nlive-migration-with-native-tls = true\n";

#[test]
fn sections_keys_and_continuations() {
    let file = File::parse(NOVA.as_bytes());
    let value = |section, key| file.get(section, key).map(|s| s.value.value.as_str());
    assert_eq!(value("DEFAULT", "debug"), Some("true"));
    assert_eq!(value("DEFAULT", "list"), Some("a\nb\nc"));
    assert_eq!(value("DEFAULT", "nova"), Some("x=y"));
    assert_eq!(value("default", "debug"), None);
    assert_eq!(value("LIBVIRT", "virt_type"), Some("kvm"));
    assert_eq!(value("libvirt", "live_migration_with_native_tls"), Some("true"));
    assert_eq!(file.all("libvirt", "live_migration_with_native_tls").count(), 2);
    let place = file.get("DEFAULT", "list").expect("set").value.span;
    assert_eq!(file.lines().slice(place), b"a\n   b\n\tc");
}

#[test]
fn errors_are_kept_apart() {
    let file = File::parse(b"early = 1\n[a\n[]\n[s]\n  lost\nk\n=v\nok=1\n# c\n  lost\n");
    let why: Vec<_> = file.lines().malformed().map(|m| (m.offset, m.why.as_ref())).collect();
    assert_eq!(
        why,
        [
            (0, "an assignment before any section"),
            (10, "a section without its closing bracket"),
            (13, "a section without a name"),
            (22, "an indented line that goes on with nothing"),
            (27, "neither = nor : in an assignment"),
            (29, "an assignment without a key"),
            (43, "an indented line that goes on with nothing"),
        ]
    );
}

#[test]
fn the_last_file_decides() {
    let (one, two) = (File::parse(b"[a]\nx=1\ny=1\n"), File::parse(b"[a]\nx=2\n"));
    let decide = |key| effective(&[&one, &two], "a", key).map(|(index, s)| (index, s.value.value.as_str()));
    assert_eq!(decide("x"), Some((1, "2")));
    assert_eq!(decide("y"), Some((0, "1")));
    assert_eq!(decide("z"), None);
}

#[test]
fn a_value_is_replaced_in_place() {
    let file = File::parse(NOVA.as_bytes());
    let debug = file.get("DEFAULT", "debug").expect("set");
    let after = apply(NOVA.as_bytes(), &[Lines::replace(debug, "false")]);
    assert_eq!(String::from_utf8_lossy(&after), NOVA.replace("debug = true", "debug = false"));
}
