//! Labels of mandatory access control: SELinux contexts (`/proc/PID/attr/current`, `security.selinux`) and AppArmor's
//! profile of a process. Sources: `security/selinux/ss/mls.c`, `security/apparmor/label.c` of the kernel.

use std::{collections::BTreeSet, fmt};

use crate::Malformed;

/// The longest label read, in bytes; both modules give a page.
const MAX: usize = 4096;

/// A SELinux context, `user:role:type` and, with MLS or MCS, `:level`. Printed as it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Context {
    /// SELinux user.
    pub user: String,
    /// Role.
    pub role: String,
    /// Type: for a process its domain.
    pub kind: String,
    /// Sensitivity and categories.
    pub range: Option<LevelRange>,
}

/// A level, or two: `s0-s0:c0.c1023`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LevelRange {
    /// What is in force.
    pub low: Level,
    /// What may be reached.
    pub high: Option<Level>,
}

/// A sensitivity and its categories: `s0:c12,c940`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    /// Its number: 0 for `s0`.
    pub sensitivity: u16,
    /// Categories, as ranges with both ends included, in the written order; `c0.c1` and `c0,c1` stay different.
    pub ranges: Vec<(u16, u16)>,
}

/// What the kernel decides for one domain and another VM's image, as `/sys/fs/selinux/access` answers: `allowed decided
/// auditallow auditdeny seqno flags`, all but the number in hexadecimal (`sel_write_access`, security/selinux/selinuxfs.c).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The domain.
    pub domain: String,
    /// May it read or write the image? Bits 1 and 2 of class `file` (security/selinux/include/classmap.h).
    pub reaches: bool,
    /// The domain is permissive (`AVD_FLAGS_PERMISSIVE`): what is not allowed is done all the same.
    pub permissive: bool,
}

impl Decision {
    /// Reads `DOMAIN` and the six numbers, one decision a line.
    ///
    /// # Errors
    /// At the line that is no such decision.
    pub fn all(text: &str) -> Result<Vec<Self>, Malformed> {
        let mut at = 0;
        let mut all = vec![];
        for line in text.split_inclusive('\n') {
            let words: Vec<&str> = line.split_whitespace().take(8).collect();
            let number = |word: &&str| u32::from_str_radix(word, 16).ok();
            match *words.as_slice() {
                [] => {}
                [domain, ref numbers @ ..] if numbers.len() == 6 => {
                    let read = numbers.first().and_then(number).zip(numbers.last().and_then(number));
                    let (allowed, flags) =
                        read.ok_or_else(|| Malformed::at(at, "not a number in hexadecimal"))?;
                    let (reaches, permissive) = (allowed & 0b110 != 0, flags & 1 != 0);
                    all.push(Self { domain: domain.to_owned(), reaches, permissive });
                }
                _ => return Err(Malformed::at(at, "not a domain and six numbers")),
            }
            at += line.len();
        }
        Ok(all)
    }
}

impl Level {
    /// Each category.
    #[must_use]
    pub fn categories(&self) -> BTreeSet<u16> {
        self.ranges.iter().flat_map(|(low, high)| *low..=*high).collect()
    }
}

impl Context {
    /// Reads a context; NUL and line feed at its end are passed over.
    ///
    /// # Errors
    /// If it has not three or four parts, or its level is not in the kernel's form.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let label = trimmed(bytes)?;
        let mut offsets = [0; 4];
        let mut parts = label.splitn(4, ':');
        let (mut next, mut index) = (0, 0);
        let mut part = || {
            let part = parts.next()?;
            if let Some(slot) = offsets.get_mut(index) {
                *slot = next;
            }
            next += part.len() + 1;
            index += 1;
            Some(part)
        };
        let missing = || Malformed::at(label.len(), "not user:role:type");
        let (user, role) = (part().ok_or_else(missing)?, part().ok_or_else(missing)?);
        let (kind, range) = (part().ok_or_else(missing)?, part());
        for (name, at) in [user, role, kind].into_iter().zip(offsets) {
            if name.is_empty() || name.bytes().any(|byte| !byte.is_ascii_graphic()) {
                return Err(Malformed::at(at, "not a name"));
            }
        }
        let [.., at] = offsets;
        let range = range.map(|text| level_range(text, at)).transpose()?;
        Ok(Self { user: user.into(), role: role.into(), kind: kind.into(), range })
    }

    /// The categories in force; none without a level.
    #[must_use]
    pub fn categories(&self) -> BTreeSet<u16> {
        self.range.as_ref().map(|range| range.low.categories()).unwrap_or_default()
    }
}

fn trimmed(bytes: &[u8]) -> Result<&str, Malformed> {
    let label = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    let label = label.strip_suffix(b"\n").unwrap_or(label);
    if label.len() > MAX {
        return Err(Malformed::at(MAX, "label longer than 4096 bytes"));
    }
    let label = std::str::from_utf8(label)
        .map_err(|error| Malformed::at(error.valid_up_to(), "label not in UTF-8"))?;
    match label.bytes().position(|byte| byte.is_ascii_control()) {
        Some(at) => Err(Malformed::at(at, "control character in a label")),
        None if label.is_empty() => Err(Malformed::at(0, "empty label")),
        None => Ok(label),
    }
}

fn level_range(text: &str, at: usize) -> Result<LevelRange, Malformed> {
    // No sensitivity or category has a dash in its name, as the kernel writes them.
    match text.split_once('-') {
        Some((low, high)) => {
            Ok(LevelRange { low: level(low, at)?, high: Some(level(high, at + low.len() + 1)?) })
        }
        None => Ok(LevelRange { low: level(text, at)?, high: None }),
    }
}

fn level(text: &str, at: usize) -> Result<Level, Malformed> {
    let (sensitivity, list) = text.split_once(':').map_or((text, None), |(first, rest)| (first, Some(rest)));
    let level = numbered(sensitivity, 's').ok_or_else(|| Malformed::at(at, "not a sensitivity"))?;
    let mut ranges = Vec::new();
    let mut next = at + sensitivity.len() + 1;
    for part in list.into_iter().flat_map(|list| list.split(',')) {
        let (low, high) = part.split_once('.').unwrap_or((part, part));
        match (numbered(low, 'c'), numbered(high, 'c')) {
            // `c1.c1` would not be printed as it was read.
            (Some(low), Some(high)) if low < high || (low == high && !part.contains('.')) => {
                ranges.push((low, high))
            }
            _ => return Err(Malformed::at(next, "not a category")),
        }
        next += part.len() + 1;
    }
    Ok(Level { sensitivity: level, ranges })
}

/// `c12`, without leading zeros.
fn numbered(text: &str, letter: char) -> Option<u16> {
    let digits = text.strip_prefix(letter)?;
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain.then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.sensitivity)?;
        for (index, (low, high)) in self.ranges.iter().enumerate() {
            f.write_str(if index == 0 { ":" } else { "," })?;
            write!(f, "c{low}")?;
            if high != low {
                write!(f, ".c{high}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.user, self.role, self.kind)?;
        if let Some(range) = &self.range {
            write!(f, ":{}", range.low)?;
            if let Some(high) = &range.high {
                write!(f, "-{high}")?;
            }
        }
        Ok(())
    }
}

/// What AppArmor says of a process: `libvirt-UUID (enforce)`, `unconfined`. Printed as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppArmorLabel {
    /// The profile; several with `//&` between them, a namespace before them in colons.
    pub profile: String,
    /// How it is kept; none for `unconfined`.
    pub mode: Option<Mode>,
}

/// How a profile is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What it does not allow is denied.
    Enforce,
    /// What it does not allow is only reported.
    Complain,
    /// What it does not allow ends the process.
    Kill,
    /// It allows everything, by name.
    Unconfined,
    /// Some of several are enforced.
    Mixed,
    /// Any other word: `user`, `prompt` …
    Other(String),
}

impl Mode {
    fn word(&self) -> &str {
        match self {
            Self::Enforce => "enforce",
            Self::Complain => "complain",
            Self::Kill => "kill",
            Self::Unconfined => "unconfined",
            Self::Mixed => "mixed",
            Self::Other(word) => word,
        }
    }
}

impl AppArmorLabel {
    /// Reads a label; NUL and line feed at its end are passed over.
    ///
    /// # Errors
    /// If it is empty, over 4,096 bytes, or has control characters.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let label = trimmed(bytes)?;
        // A profile's name may have blanks and parentheses: the last ones are the mode's.
        let Some((profile, mode)) = label.strip_suffix(')').and_then(|label| label.rsplit_once(" (")) else {
            return Ok(Self { profile: label.into(), mode: None });
        };
        let mode = match mode {
            "enforce" => Mode::Enforce,
            "complain" => Mode::Complain,
            "kill" => Mode::Kill,
            "unconfined" => Mode::Unconfined,
            "mixed" => Mode::Mixed,
            other => Mode::Other(other.into()),
        };
        Ok(Self { profile: profile.into(), mode: Some(mode) })
    }

    /// True if something is denied: a profile that is enforced, or kills.
    #[must_use]
    pub fn confined(&self) -> bool {
        matches!(self.mode, Some(Mode::Enforce | Mode::Kill))
    }
}

impl fmt::Display for AppArmorLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.profile)?;
        self.mode.as_ref().map_or(Ok(()), |mode| write!(f, " ({})", mode.word()))
    }
}
