//! `/proc/PID/status`, `/proc/PID/stat`, `/proc/PID/cgroup`: who a process is and what it may do. Sources:
//! `fs/proc/array.c`, `kernel/cgroup/cgroup.c` of the kernel.

use super::{bounded, lines, number, text, words};
use crate::{Malformed, Span, Spanned};

/// Real, effective, saved and file system id, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Who started it.
    pub real: u32,
    /// As whom it acts.
    pub effective: u32,
    /// As whom it may act again.
    pub saved: u32,
    /// As whom it opens files.
    pub filesystem: u32,
}

impl Ids {
    /// True if any of the four is this one.
    #[must_use]
    pub fn any(self, id: u32) -> bool {
        [self.real, self.effective, self.saved, self.filesystem].contains(&id)
    }
}

/// Sets of capabilities, a bit each; names in [`super::capability`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `CapInh`: kept over an exec of a file that has them too.
    pub inheritable: u64,
    /// `CapPrm`: may be made effective.
    pub permitted: u64,
    /// `CapEff`: in force.
    pub effective: u64,
    /// `CapBnd`: the most it can ever get.
    pub bounding: u64,
    /// `CapAmb`: kept over any exec; since kernel 4.3.
    pub ambient: Option<u64>,
}

/// `Seccomp` of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seccomp {
    /// 0: every system call.
    Off,
    /// 1: read, write, exit and sigreturn.
    Strict,
    /// 2: those that its filters let through.
    Filter,
}

/// `/proc/PID/status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `Name`: its first 15 bytes, and whatever the process chose to be called.
    pub name: String,
    /// `PPid`: its parent; 0 for none in this namespace.
    pub parent: u32,
    /// `Uid`.
    pub uid: Spanned<Ids>,
    /// `Gid`.
    pub gid: Spanned<Ids>,
    /// `Groups`: its supplementary groups.
    pub groups: Spanned<Vec<u32>>,
    /// `Threads`: 0 for a zombie that is gone in part.
    pub threads: u32,
    /// The five `Cap` lines; the place is that of `CapEff`.
    pub capabilities: Spanned<Capabilities>,
    /// `NoNewPrivs`: set-user-ID files and the like give nothing; since kernel 4.10.
    pub no_new_privileges: Option<Spanned<bool>>,
    /// `Seccomp`, of this thread alone: others are under `task/`.
    pub seccomp: Option<Spanned<Seccomp>>,
}

/// Finds the line of a name.
fn line<'a>(bytes: &'a [u8], name: &str) -> Option<(usize, &'a [u8])> {
    // A process can't forge a line: the kernel escapes line feeds in `Name`.
    lines(bytes).find_map(|(start, line)| {
        let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b":")?;
        Some((start + line.len() - value.len(), value))
    })
}

fn required<'a>(bytes: &'a [u8], name: &'static str) -> Result<(usize, &'a [u8]), Malformed> {
    line(bytes, name).ok_or_else(|| Malformed::at(bytes.len(), format!("no line {name}")))
}

fn span_of(start: usize, value: &[u8]) -> Span {
    let blank = value.len() - value.trim_ascii_start().len();
    Span::new(start + blank, start + value.len().max(blank))
}

fn numbers(bytes: &[u8], name: &'static str) -> Result<Spanned<Vec<u32>>, Malformed> {
    let (start, value) = required(bytes, name)?;
    let list = words(value, start)
        .map(|(at, word)| number(word).ok_or_else(|| Malformed::at(at, "not a number")))
        .collect::<Result<Vec<u32>, _>>()?;
    Ok(Spanned::new(list, span_of(start, value)))
}

fn one(bytes: &[u8], name: &'static str) -> Result<Spanned<u32>, Malformed> {
    let list = numbers(bytes, name)?;
    match list.value.as_slice() {
        [value] => Ok(Spanned::new(*value, list.span)),
        _ => Err(Malformed::at(list.span.start as usize, "not one number")),
    }
}

fn ids(bytes: &[u8], name: &'static str) -> Result<Spanned<Ids>, Malformed> {
    let list = numbers(bytes, name)?;
    match list.value.as_slice() {
        &[real, effective, saved, filesystem] => {
            Ok(Spanned::new(Ids { real, effective, saved, filesystem }, list.span))
        }
        _ => Err(Malformed::at(list.span.start as usize, "not four ids")),
    }
}

fn bits(bytes: &[u8], name: &'static str) -> Result<Spanned<u64>, Malformed> {
    let (start, value) = required(bytes, name)?;
    let set = std::str::from_utf8(value.trim_ascii()).ok().and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let set = set.ok_or_else(|| Malformed::at(start, "not 64 bits in hex"))?;
    Ok(Spanned::new(set, span_of(start, value)))
}

/// Reads `/proc/PID/status`.
///
/// # Errors
/// If a line that every kernel since 3.8 has is missing, or one is not in its form.
pub fn status(bytes: &[u8]) -> Result<Status, Malformed> {
    let bytes = bounded(bytes)?;
    let effective = bits(bytes, "CapEff")?;
    let optional = |name: &'static str| line(bytes, name).map(|_| one(bytes, name)).transpose();
    let capabilities = Capabilities {
        inheritable: bits(bytes, "CapInh")?.value,
        permitted: bits(bytes, "CapPrm")?.value,
        effective: effective.value,
        bounding: bits(bytes, "CapBnd")?.value,
        ambient: line(bytes, "CapAmb").map(|_| bits(bytes, "CapAmb")).transpose()?.map(|set| set.value),
    };
    let seccomp = optional("Seccomp")?
        .map(|mode| {
            let read = match mode.value {
                0 => Seccomp::Off,
                1 => Seccomp::Strict,
                2 => Seccomp::Filter,
                _ => return Err(Malformed::at(mode.span.start as usize, "unknown seccomp mode")),
            };
            Ok(Spanned::new(read, mode.span))
        })
        .transpose()?;
    Ok(Status {
        name: text(required(bytes, "Name")?.1.trim_ascii()),
        parent: one(bytes, "PPid")?.value,
        uid: ids(bytes, "Uid")?,
        gid: ids(bytes, "Gid")?,
        groups: numbers(bytes, "Groups")?,
        threads: one(bytes, "Threads")?.value,
        capabilities: Spanned::new(capabilities, effective.span),
        no_new_privileges: optional("NoNewPrivs")?.map(|on| Spanned::new(on.value != 0, on.span)),
        seccomp,
    })
}

/// When a process started, in clock ticks since boot, from `/proc/PID/stat`: with its number, its identity.
///
/// # Errors
/// If there is no field 22 after the name in parentheses.
pub fn start_time(bytes: &[u8]) -> Result<u64, Malformed> {
    // The name may hold blanks and parentheses: the last one ends it.
    let after = bytes.iter().rposition(|byte| *byte == b')').map(|at| at + 1);
    let after = after.ok_or_else(|| Malformed::at(0, "no name in parentheses"))?;
    let rest = bytes.get(after..).unwrap_or_default();
    // Field 3 is the first after the name.
    let (at, word) =
        words(rest, after).nth(19).ok_or_else(|| Malformed::at(bytes.len(), "too few fields"))?;
    number(word).ok_or_else(|| Malformed::at(at, "not a number"))
}

/// A line of `/proc/PID/cgroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup {
    /// Number of the hierarchy; 0 for the unified one (version 2).
    pub hierarchy: u32,
    /// Controllers of a hierarchy of version 1, or `name=…`.
    pub controllers: Vec<String>,
    /// The group, from the root of the hierarchy.
    pub path: Spanned<String>,
}

/// Reads `/proc/PID/cgroup`.
///
/// # Errors
/// If a line is not `NUMBER:CONTROLLERS:PATH`.
pub fn cgroups(bytes: &[u8]) -> Result<Vec<Cgroup>, Malformed> {
    lines(bounded(bytes)?)
        .filter(|(_, line)| !line.is_empty())
        .map(|(start, line)| {
            let mut parts = line.splitn(3, |byte| *byte == b':');
            let (hierarchy, controllers, path) = (parts.next(), parts.next(), parts.next());
            let hierarchy =
                hierarchy.and_then(number).ok_or_else(|| Malformed::at(start, "not a hierarchy"))?;
            let path = path.ok_or_else(|| Malformed::at(start, "no path"))?;
            let end = start + line.len();
            Ok(Cgroup {
                hierarchy,
                controllers: controllers
                    .unwrap_or_default()
                    .split(|byte| *byte == b',')
                    .filter(|name| !name.is_empty())
                    .map(text)
                    .collect(),
                path: Spanned::new(text(path), Span::new(end - path.len(), end)),
            })
        })
        .collect()
}
