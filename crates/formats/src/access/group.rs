//! `/etc/group`: groups and their members, group(5).

use super::passwd::{Password, Table, User, id, password_of, split, table};
use crate::{Span, Spanned};

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: Spanned<String>,
    /// Whether joining it takes a password (newgrp(1)).
    pub password: Spanned<Password>,
    /// Group id.
    pub gid: Spanned<u32>,
    /// The users named on the line. Those that have it as their primary group are in passwd alone: see
    /// [`members`].
    pub members: Vec<Spanned<String>>,
    /// The whole line.
    pub span: Span,
}

/// Parses any bytes.
#[must_use]
pub fn parse(bytes: &[u8]) -> Table<Group> {
    table(bytes, |line, fields| {
        let [name, password, gid, members] = fields else { return Err("not four fields") };
        let gid = id(*gid).ok_or("an id that is not a number")?;
        let members = split(*members, b',').into_iter().map(|member| member.trim().text());
        Ok(Group {
            name: name.text(),
            password: password_of(*password),
            gid,
            members: members.filter(|member| !member.value.is_empty()).collect(),
            span: line.span(),
        })
    })
}

/// The names of all members of a group, sorted, each once: those on its lines (a group may have several of the
/// same name or id) and those whose primary group it is.
#[must_use]
pub fn members<'a>(groups: &'a Table<Group>, users: &'a Table<User>, name: &str) -> Vec<&'a str> {
    let ids: Vec<u32> = groups.entries.iter().filter(|g| g.name.value == name).map(|g| g.gid.value).collect();
    let lines = groups.entries.iter().filter(|group| ids.contains(&group.gid.value));
    let named = lines.flat_map(|group| group.members.iter().map(|member| member.value.as_str()));
    let primary = users
        .entries
        .iter()
        .filter(|user| ids.contains(&user.gid.value))
        .map(|user| user.name.value.as_str());
    let mut out: Vec<&str> = named.chain(primary).collect();
    out.sort_unstable();
    out.dedup();
    out
}
