//! Accounts, groups, polkit rules, SASL.

use formats::access::{group, passwd, polkit, sasl};

use super::{refused, understood, within};

pub(super) fn passwd(bytes: &[u8]) {
    let table = passwd::parse(bytes);
    table.malformed.iter().for_each(|malformed| refused(bytes, malformed));
    for user in &table.entries {
        within(bytes, user.span);
        within(bytes, user.name.span);
        assert!(!user.name.value.contains(['\n', ':']));
    }
}

pub(super) fn group(bytes: &[u8]) {
    let table = group::parse(bytes);
    table.malformed.iter().for_each(|malformed| refused(bytes, malformed));
    let users = passwd::parse(bytes);
    for entry in &table.entries {
        within(bytes, entry.name.span);
        let _ = group::members(&table, &users, &entry.name.value);
    }
}

pub(super) fn polkit(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for rule in understood(bytes, polkit::rules(text)).into_iter().flatten() {
        let _ = (rule.concerns("org.libvirt.unix.manage"), rule.unconditional());
        rule.allows().into_iter().for_each(|span| within(bytes, span));
    }
}

pub(super) fn sasl(bytes: &[u8]) {
    let file = sasl::File::parse(bytes);
    assert_eq!(file.print(), bytes);
    file.refused().into_iter().for_each(|malformed| refused(bytes, malformed));
    file.mechanisms().into_iter().flatten().for_each(|mechanism| within(bytes, mechanism.span));
}
