//! The kernel's audit system: its status and its rules, as the kernel holds them.
//!
//! Rules must be read from the kernel and not from `auditctl -l`, which before audit 4.0.2 prints `exe!=` as `exe=`
//! (audit-userspace#379): an operator is never lost here. Sources: `include/uapi/linux/audit.h`, `kernel/audit.c`
//! (`audit_receive_msg`), `kernel/auditfilter.c` (`audit_krule_to_data`) of the kernel.

mod fields;
pub mod syscalls;

use serde::{Deserialize, Serialize, de::Error as _};

pub use fields::{Field, Operator, Value};

use super::{View, is_false, messages};
use crate::Malformed;

/// `AUDIT_GET`: the request for the status, and its answer.
pub const GET: u16 = 1000;
/// `AUDIT_LIST_RULES`: the request for the rules, and each of its answers.
pub const LIST_RULES: u16 = 1013;
/// `AUDIT_BITMASK_SIZE`: words in a rule's mask of system calls.
const MASK_WORDS: usize = 64;
/// `AUDIT_MAX_FIELDS`.
const MAX_FIELDS: usize = 64;
/// Where the arrays of `struct audit_rule_data` start, in bytes.
const MASK_AT: usize = 12;
const FIELDS_AT: usize = MASK_AT + 4 * MASK_WORDS;
const VALUES_AT: usize = FIELDS_AT + 4 * MAX_FIELDS;
const OPERATORS_AT: usize = VALUES_AT + 4 * MAX_FIELDS;
const LENGTH_AT: usize = OPERATORS_AT + 4 * MAX_FIELDS;
/// `AUDIT_FILTER_PREPEND`.
const PREPEND: u32 = 0x10;
/// `AUDIT_ARCH_X86_64`: system calls are named for this architecture alone.
const X86_64: i64 = 0xc000_003e;

/// What `AUDIT_GET` says: `struct audit_status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// 0 off, 1 on, 2 on and locked until the next boot.
    pub enabled: u32,
    /// When a record can't be kept: 0 nothing, 1 a kernel message, 2 panic.
    pub failure: u32,
    /// Process that receives the records; 0 for none.
    pub pid: u32,
    /// Records a second, at most; 0 for no limit.
    pub rate_limit: u32,
    /// Records waiting for the receiver, at most; 0 for no limit.
    pub backlog_limit: u32,
    /// Records lost since boot.
    pub lost: u32,
    /// Records waiting now.
    pub backlog: u32,
    /// Bits of `AUDIT_FEATURE_BITMAP_*`; a version number before kernel 4.0.
    #[serde(default)]
    pub features: u32,
    /// How long a process waits for a place in a full backlog, in clock ticks (`jiffies`); since kernel 3.14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog_wait_time: Option<u32>,
    /// How long processes have waited so, in clock ticks, since boot; since kernel 5.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog_wait_time_actual: Option<u32>,
}

/// Which list a rule is in: when it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// On records that come from user space.
    User,
    /// When a task is made.
    Task,
    /// At entry to a system call; not accepted since kernel 2.6.37.
    Entry,
    /// Internal to the kernel.
    Watch,
    /// At exit of a system call.
    Exit,
    /// Before a record is written; what matches is never written.
    Exclude,
    /// On files below a file system of a type, such as tracefs.
    Filesystem,
    /// At exit of an operation of `io_uring`.
    IoUring,
}

impl List {
    fn from_number(number: u32) -> Option<Self> {
        const ALL: [List; 8] = [
            List::User,
            List::Task,
            List::Entry,
            List::Watch,
            List::Exit,
            List::Exclude,
            List::Filesystem,
            List::IoUring,
        ];
        ALL.get(number as usize).copied()
    }
}

/// What a rule that matches does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// No record.
    Never,
    /// A context is built, and no record; not accepted by kernels of today.
    Possible,
    /// A record.
    Always,
}

/// The system calls (operations, for `io_uring`) a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syscalls {
    /// All: what `-S all` and no `-S` at all make.
    All,
    /// These. Empty for lists that don't look at them.
    Only(Vec<Syscall>),
}

/// A system call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Syscall {
    /// By name, where the rule says `arch=b64` and that is x86_64.
    Name(String),
    /// By number otherwise: without `arch`, a rule means a different call to 64-bit and 32-bit programs.
    Number(u32),
}

impl Syscalls {
    /// True if the rule is for the call `name` of x86_64, named or numbered.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        let wanted = syscalls::number(name);
        match self {
            Self::All => true,
            Self::Only(calls) => calls.iter().any(|call| match call {
                Syscall::Name(known) => known == name,
                Syscall::Number(number) => Some(*number) == wanted,
            }),
        }
    }
}

impl Serialize for Syscalls {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => to.serialize_str("all"),
            Self::Only(calls) => calls.serialize(to),
        }
    }
}

impl<'a> Deserialize<'a> for Syscalls {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(String),
            Calls(Vec<Syscall>),
        }
        match Written::deserialize(from)? {
            Written::Word(word) if word == "all" => Ok(Self::All),
            Written::Word(word) => Err(D::Error::custom(format!("\"{word}\" is neither \"all\" nor a list"))),
            Written::Calls(calls) => Ok(Self::Only(calls)),
        }
    }
}

/// One rule. The kernel tries rules in order and the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// When it is tried.
    pub list: List,
    /// What it does.
    pub action: Action,
    /// For which calls.
    pub syscalls: Syscalls,
    /// All must match.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Its keys (`-k`), which mark its records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// It was put before the others (`-A`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub prepend: bool,
}

impl Rule {
    /// The fields of this name, in order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.field == name)
    }
}

/// The status in an answer to [`GET`].
///
/// # Errors
/// If there is no such message, or it is too short.
pub fn status(stream: &[u8]) -> Result<Status, Malformed> {
    for message in messages(stream) {
        let message = message?;
        if message.kind == GET {
            return status_of(message.payload);
        }
    }
    Err(Malformed::at(stream.len(), "no audit status in the answer"))
}

fn status_of(payload: View<'_>) -> Result<Status, Malformed> {
    // The first word is the mask of a request to set, the rest one word each; the last two came later.
    let word = |index: usize| payload.u32_at(4 * index);
    let later = |index: usize| (payload.bytes().len() >= 4 * (index + 1)).then(|| word(index)).transpose();
    Ok(Status {
        enabled: word(1)?,
        failure: word(2)?,
        pid: word(3)?,
        rate_limit: word(4)?,
        backlog_limit: word(5)?,
        lost: word(6)?,
        backlog: word(7)?,
        features: later(8)?.unwrap_or_default(),
        backlog_wait_time: later(9)?,
        backlog_wait_time_actual: later(10)?,
    })
}

/// The rules in an answer to [`LIST_RULES`], in the kernel's order within each list.
///
/// # Errors
/// If a rule is cut short, or has a list, action or operator that no kernel knows.
pub fn rules(stream: &[u8]) -> Result<Vec<Rule>, Malformed> {
    let mut rules = Vec::new();
    for message in messages(stream) {
        let message = message?;
        if message.kind == LIST_RULES {
            rules.push(rule(message.payload)?);
        }
    }
    Ok(rules)
}

fn rule(payload: View<'_>) -> Result<Rule, Malformed> {
    let flags = payload.u32()?;
    let list =
        List::from_number(flags & !PREPEND).ok_or_else(|| Malformed::at(payload.offset, "unknown list"))?;
    let action = match payload.u32_at(4)? {
        0 => Action::Never,
        1 => Action::Possible,
        2 => Action::Always,
        _ => return Err(Malformed::at(payload.offset + 4, "unknown action")),
    };
    let count = payload.u32_at(8)? as usize;
    if count > MAX_FIELDS {
        return Err(Malformed::at(payload.offset + 8, "more than 64 fields"));
    }
    let length = payload.u32_at(LENGTH_AT)? as usize;
    let mut texts = payload.split(LENGTH_AT + 4)?.1.split(length)?.0;
    let (mut decoded, mut keys) = (Vec::new(), Vec::new());
    for index in 0..count {
        let kind = payload.u32_at(FIELDS_AT + 4 * index)?;
        let value = payload.u32_at(VALUES_AT + 4 * index)?;
        let operator = Operator::from_bits(payload.u32_at(OPERATORS_AT + 4 * index)?)
            .ok_or_else(|| Malformed::at(payload.offset + OPERATORS_AT + 4 * index, "unknown operator"))?;
        let mut text = || {
            let (text, rest) = texts.split(value as usize)?;
            texts = rest;
            Ok(String::from_utf8_lossy(text.bytes()).into_owned())
        };
        if kind == fields::FILTER_KEY {
            // AUDIT_KEY_SEPARATOR of audit-userspace: several keys share the one field.
            keys.extend(text()?.split('\u{1}').map(str::to_owned));
        } else {
            decoded.push(fields::decode(kind, operator, value, text)?);
        }
    }
    let syscalls = syscalls_of(payload, &decoded)?;
    Ok(Rule { list, action, syscalls, fields: decoded, keys, prepend: flags & PREPEND != 0 })
}

/// Reads the mask. The last word is for classes of calls, which the kernel has expanded into the others.
fn syscalls_of(payload: View<'_>, fields: &[Field]) -> Result<Syscalls, Malformed> {
    let named = fields.iter().any(|field| {
        field.field == "arch"
            && field.operator == Operator::Equal
            && (field.value == Value::Text("b64".into()) || field.value == Value::Number(X86_64))
    });
    let mut words = [0_u32; MASK_WORDS];
    for (index, word) in words.iter_mut().enumerate() {
        *word = payload.u32_at(MASK_AT + 4 * index)?;
    }
    if words.iter().take(MASK_WORDS - 1).all(|word| *word == u32::MAX) {
        return Ok(Syscalls::All);
    }
    let mut calls = Vec::new();
    for (number, word) in (0_u32..).step_by(32).zip(words) {
        calls.extend((0..32).filter(|bit| word >> bit & 1 == 1).map(|bit| {
            let number = number + bit;
            let name = if named { syscalls::name(number) } else { None };
            name.map_or(Syscall::Number(number), |name| Syscall::Name(name.into()))
        }));
    }
    Ok(Syscalls::Only(calls))
}

#[cfg(test)]
pub(super) mod tests;
