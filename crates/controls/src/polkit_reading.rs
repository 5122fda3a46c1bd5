//! What a polkit rule means for libvirt's read-write socket, as far as it can be read.

use formats::{
    Spanned,
    access::polkit::{Action, Comparison, Name, Rule},
};

/// The action that libvirt's read-write socket asks for (libvirt src/remote/libvirtd.policy.in).
pub(crate) const ACTION: &str = "org.libvirt.unix.manage";

/// True where nothing but facts of the session, or the *absence* from a group, stands before its YES.
pub(crate) fn is_open(rule: &Rule) -> bool {
    let asked = |names: &[Spanned<Name>]| names.iter().any(|name| !name.value.negated);
    !asked(&rule.groups) && !asked(&rule.users) && !rule.opaque
}

/// Whether it may decide about the action. Of a pattern, the literal text before its first sign must be in the action.
pub(crate) fn concerns(rule: &Rule) -> bool {
    let hit = |named: &Action| match named.comparison {
        Comparison::Equal => named.text == ACTION,
        Comparison::NotEqual => named.text != ACTION,
        Comparison::Part if named.text.contains('|') => true,
        Comparison::Part => ACTION.contains(&literal(&named.text)),
    };
    rule.actions.is_empty() || rule.actions.iter().any(|named| hit(&named.value))
}

/// The text of a regular expression before its first sign, without an element that a sign repeats.
fn literal(pattern: &str) -> String {
    let plain = pattern.trim_start_matches('^').trim_end_matches('$').replace("\\.", ".");
    let end = plain.find(['*', '+', '?', '(', '[', '{', '\\']).unwrap_or(plain.len());
    let mut text: String = plain.get(..end).unwrap_or_default().to_owned();
    if plain.get(end..).is_some_and(|rest| rest.starts_with(['*', '?', '{'])) {
        text.pop();
    }
    text
}
