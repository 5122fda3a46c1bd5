//! The fields of an audit rule: names, operators, and values as `auditctl` writes them.

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// `AUDIT_FILTERKEY`: not a condition, but the rule's key.
pub(super) const FILTER_KEY: u32 = 210;

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name as in `auditctl -F`; `field-NUMBER` for one not known here.
    pub field: String,
    /// How the value is compared.
    #[serde(rename = "op")]
    pub operator: Operator,
    /// With what.
    pub value: Value,
}

/// How a field is compared: the `AUDIT_EQUAL` … constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// `=`
    #[serde(rename = "=")]
    Equal,
    /// `!=`
    #[serde(rename = "!=")]
    NotEqual,
    /// `>`
    #[serde(rename = ">")]
    Greater,
    /// `>=`
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// `<`
    #[serde(rename = "<")]
    Less,
    /// `<=`
    #[serde(rename = "<=")]
    LessOrEqual,
    /// `&`: any of these bits.
    #[serde(rename = "&")]
    AnyBit,
    /// `&=`: all of these bits.
    #[serde(rename = "&=")]
    AllBits,
}

impl Operator {
    pub(super) fn from_bits(bits: u32) -> Option<Self> {
        Some(match bits {
            0x4000_0000 => Self::Equal,
            0x3000_0000 => Self::NotEqual,
            0x2000_0000 => Self::Greater,
            0x6000_0000 => Self::GreaterOrEqual,
            0x1000_0000 => Self::Less,
            0x5000_0000 => Self::LessOrEqual,
            0x0800_0000 => Self::AnyBit,
            0x4800_0000 => Self::AllBits,
            _ => return None,
        })
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number: an id, an exit value (negative errno), a record type.
    Number(i64),
    /// A path, a name, `unset` for the id 4294967295, letters of `rwxa` for `perm`, `b64` and `b32` for `arch`.
    Text(String),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }
}

/// Reads one field; `text` takes the next `value` bytes of the rule's texts.
pub(super) fn decode(
    kind: u32,
    operator: Operator,
    value: u32,
    text: impl FnOnce() -> Result<String, Malformed>,
) -> Result<Field, Malformed> {
    let value = match kind {
        // AUDIT_SUBJ_USER … AUDIT_SUBJ_CLR, AUDIT_OBJ_USER … AUDIT_OBJ_LEV_HIGH, WATCH, DIR, EXE.
        13..=17 | 19..=23 | 105 | 107 | 112 => Value::Text(text()?),
        // Ids of users and groups: (uid_t) -1 is nobody at all.
        1..=9 | 109 | 110 if value == u32::MAX => Value::Text("unset".into()),
        25 if value == u32::MAX => Value::Text("unset".into()),
        11 => architecture(value),
        103 => Value::Number(i64::from(value.cast_signed())),
        106 => permissions(value),
        108 => file_type(value),
        111 => COMPARISONS
            .get(value.wrapping_sub(1) as usize)
            .map_or(Value::Number(value.into()), |name| Value::Text((*name).into())),
        _ => Value::Number(value.into()),
    };
    let field = name(kind).map_or_else(|| format!("field-{kind}"), str::to_owned);
    Ok(Field { field, operator, value })
}

/// Names of fields, as in `lib/fieldtab.h` of audit-userspace.
fn name(kind: u32) -> Option<&'static str> {
    #[rustfmt::skip]
    const LOW: [&str; 27] = [
        "pid", "uid", "euid", "suid", "fsuid", "gid", "egid", "sgid", "fsgid", "auid", "pers", "arch",
        "msgtype", "subj_user", "subj_role", "subj_type", "subj_sen", "subj_clr", "ppid", "obj_user",
        "obj_role", "obj_type", "obj_lev_low", "obj_lev_high", "loginuid_set", "sessionid", "fstype",
    ];
    #[rustfmt::skip]
    const HIGH: [&str; 14] = [
        "devmajor", "devminor", "inode", "exit", "success", "path", "perm", "dir", "filetype", "obj_uid",
        "obj_gid", "field_compare", "exe", "saddr_fam",
    ];
    const ARGUMENTS: [&str; 4] = ["a0", "a1", "a2", "a3"];
    match kind {
        0..100 => LOW.get(kind as usize),
        100..200 => HIGH.get(kind as usize - 100),
        _ => ARGUMENTS.get(kind as usize - 200),
    }
    .copied()
}

/// `AUDIT_COMPARE_*` from 1, as `auditctl -C` writes them with `=` left out.
#[rustfmt::skip]
const COMPARISONS: [&str; 25] = [
    "uid obj_uid", "gid obj_gid", "euid obj_uid", "egid obj_gid", "auid obj_uid", "suid obj_uid",
    "sgid obj_gid", "fsuid obj_uid", "fsgid obj_gid", "uid auid", "uid euid", "uid fsuid", "uid suid",
    "auid fsuid", "auid suid", "auid euid", "euid suid", "euid fsuid", "suid fsuid", "gid egid",
    "gid fsgid", "gid sgid", "egid fsgid", "egid sgid", "sgid fsgid",
];

fn architecture(value: u32) -> Value {
    match value {
        // AUDIT_ARCH_X86_64, AUDIT_ARCH_I386: what b64 and b32 mean on x86.
        0xc000_003e => Value::Text("b64".into()),
        0x4000_0003 => Value::Text("b32".into()),
        // AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, by the kernel's names: there are no system call names for them here.
        0xc000_00b7 => Value::Text("aarch64".into()),
        0x4000_0028 => Value::Text("arm".into()),
        other => Value::Number(other.into()),
    }
}

/// `AUDIT_PERM_EXEC` 1, `_WRITE` 2, `_READ` 4, `_ATTR` 8, in the order `auditctl -l` prints.
fn permissions(value: u32) -> Value {
    if value == 0 || value > 15 {
        return Value::Number(value.into());
    }
    let letters = [(4, 'r'), (2, 'w'), (1, 'x'), (8, 'a')];
    Value::Text(letters.iter().filter(|(bit, _)| value & bit != 0).map(|(_, letter)| letter).collect())
}

/// `S_IF*`, by the names of `lib/ftypetab.h` of audit-userspace.
fn file_type(value: u32) -> Value {
    Value::Text(
        match value {
            0o140_000 => "socket",
            0o120_000 => "link",
            0o100_000 => "file",
            0o060_000 => "block",
            0o040_000 => "dir",
            0o020_000 => "character",
            0o010_000 => "fifo",
            other => return Value::Number(other.into()),
        }
        .into(),
    )
}
