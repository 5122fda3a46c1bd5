//! Small texts of sysfs and /proc/sys: choices with the one in force in brackets, and lists of numbers.

use super::{text, words};
use crate::{Malformed, Span, Spanned};

/// The longest such text read, in bytes; sysfs gives a page.
const MAX: usize = 64 << 10;

/// A list of choices: `always madvise [never]`, `none [integrity] confidentiality`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// All, in order, without brackets.
    pub choices: Vec<String>,
    /// The one in force; without brackets at all and one word, that word.
    pub chosen: Spanned<String>,
}

/// Reads a list of choices.
///
/// # Errors
/// If none or more than one is in brackets.
pub fn choice(bytes: &[u8]) -> Result<Choice, Malformed> {
    if bytes.len() > MAX {
        return Err(Malformed::at(MAX, "list longer than 64 KiB"));
    }
    let (mut choices, mut chosen) = (Vec::new(), None);
    for (at, word) in words(bytes, 0) {
        let inner = word.strip_prefix(b"[").and_then(|word| word.strip_suffix(b"]"));
        choices.push(text(inner.unwrap_or(word)));
        if let Some(inner) = inner {
            let first = Spanned::new(text(inner), Span::new(at + 1, at + 1 + inner.len()));
            if chosen.replace(first).is_some() {
                return Err(Malformed::at(at, "more than one choice in brackets"));
            }
        } else if chosen.is_none() && bytes.trim_ascii().len() == word.len() {
            chosen = Some(Spanned::new(text(word), Span::new(at, at + word.len())));
        }
    }
    let chosen = chosen.ok_or_else(|| Malformed::at(0, "no choice in brackets"))?;
    Ok(Choice { choices, chosen })
}

/// Ranges of numbers, both ends included: `0-3,5` of CPUs, memory nodes and the like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(pub Vec<(u32, u32)>);

impl Ranges {
    /// True if the number is in a range.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&number))
    }

    /// How many numbers the ranges hold; one in two ranges counts twice.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(low, high)| u64::from(high - low) + 1).sum()
    }
}

/// Reads a list of ranges; an empty one is no range. The kernel prints them so with `%*pbl` (`lib/vsprintf.c`).
///
/// # Errors
/// If a part is not `N` or `N-M` with `N` ≤ `M`.
pub fn ranges(bytes: &[u8]) -> Result<Ranges, Malformed> {
    if bytes.len() > MAX {
        return Err(Malformed::at(MAX, "list longer than 64 KiB"));
    }
    let list = bytes.trim_ascii();
    let mut ranges = Vec::new();
    if list.is_empty() {
        return Ok(Ranges(ranges));
    }
    let mut at = bytes.len() - bytes.trim_ascii_start().len();
    for part in list.split(|byte| *byte == b',') {
        let mut ends = part.splitn(2, |byte| *byte == b'-');
        let low = ends.next().and_then(super::number);
        let high = ends.next().map_or(low, super::number);
        match (low, high) {
            (Some(low), Some(high)) if low <= high => ranges.push((low, high)),
            _ => return Err(Malformed::at(at, "not a range of numbers")),
        }
        at += part.len() + 1;
    }
    Ok(Ranges(ranges))
}
