//! A file against the keys that a daemon knows: names it ignores, values that stop it.

use super::{
    Assignment, File, Value,
    schema::{Key, Kind, Schema, Status},
};

/// Unknown keys for which a known one is looked for; a file with more is no slip of the hand.
const MAX_SUGGESTIONS: usize = 1000;

/// A key that libvirt ignores without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// Where it is set.
    pub assignment: &'a Assignment,
    /// The known key that was probably meant.
    pub nearest: Option<&'static str>,
}

/// A value for which the daemon or driver does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongType<'a> {
    /// Where it is set.
    pub assignment: &'a Assignment,
    /// The key it was read for.
    pub key: &'static Key,
    /// What is wrong, in one line.
    pub why: &'static str,
}

impl File {
    /// The assignments of keys that are not in `schema`, or that it lists as removed, in order.
    #[must_use]
    pub fn unknown_keys(&self, schema: Schema) -> Vec<Unknown<'_>> {
        let known =
            |key: &str| schema.keys().any(|k| k.name == key && !matches!(k.status, Status::Ignored(_)));
        self.assignments()
            .filter(|assignment| !known(&assignment.key.value))
            .enumerate()
            .map(|(count, assignment)| {
                let key = assignment.key.value.as_str();
                let look = count < MAX_SUGGESTIONS && schema.find(key).is_none();
                Unknown { assignment, nearest: look.then(|| nearest(key, schema)).flatten() }
            })
            .collect()
    }

    /// The deciding assignments whose value the key can't take, in order of the schema. A duplicate that has
    /// no effect is not read by libvirt and not judged here.
    #[must_use]
    pub fn wrong_types(&self, schema: Schema) -> Vec<WrongType<'_>> {
        schema.keys().filter_map(|key| self.wrong_type(key)).collect()
    }

    /// The deciding assignment of a key, if the key can't take its value.
    #[must_use]
    pub fn wrong_type(&self, key: &'static Key) -> Option<WrongType<'_>> {
        let assignment = self.get(key.name)?;
        let why = self.trouble(assignment, key)?;
        Some(WrongType { assignment, key, why })
    }

    fn trouble(&self, assignment: &Assignment, key: &Key) -> Option<&'static str> {
        if matches!(key.status, Status::Ignored(_)) {
            return None;
        }
        // virconf.c makes a number signed if it is written with a minus, whatever its value.
        let signed = self.document.slice(assignment.value.span).starts_with(b"-");
        let value = &assignment.value.value;
        let why = wrong(value, key.kind, signed);
        if why.is_none() && matches!(key.status, Status::Fatal(_)) && *value == Value::Int(1) {
            return Some("no longer supported: a hard error when 1");
        }
        why
    }
}

/// Why a value does not suit a kind: the checks of `virConfGetValueBool` and its kin.
fn wrong(value: &Value, kind: Kind, signed: bool) -> Option<&'static str> {
    match (kind, value) {
        (Kind::Bool, Value::Int(number)) => match number {
            0 | 1 if !signed => None,
            _ => Some("must be 0 or 1"),
        },
        (Kind::Bool, _) => Some("must be 0 or 1 without quotes"),
        (Kind::Int, Value::Int(number)) => {
            i32::try_from(*number).err().map(|_| "outside the range of an int")
        }
        (Kind::Uint, Value::Int(_)) if signed => Some("must not be negative"),
        (Kind::Uint, Value::Int(number)) => {
            u32::try_from(*number).err().map(|_| "outside the range of an unsigned int")
        }
        (Kind::Size | Kind::SizeOrUnlimited, Value::Int(_)) => signed.then_some("must not be negative"),
        (Kind::SizeOrUnlimited, Value::Str(text)) => {
            (text != "unlimited").then_some("must be a number or \"unlimited\"")
        }
        (Kind::Int | Kind::Uint | Kind::Size, _) => Some("must be a number without quotes"),
        (Kind::SizeOrUnlimited, _) => Some("must be a number or \"unlimited\""),
        (Kind::OneOf(words), Value::Str(text)) => {
            (!words.contains(&text.as_str())).then_some("not one of the words this key takes")
        }
        (Kind::Str, Value::Str(_)) => None,
        (Kind::Str | Kind::OneOf(_), _) => Some("must be a string in quotes"),
        (Kind::List | Kind::StrOrList, Value::List(_)) | (Kind::StrOrList, Value::Str(_)) => None,
        (Kind::List, _) => Some("must be a list of strings"),
        (Kind::StrOrList, _) => Some("must be a string or a list of strings"),
    }
}

/// The known key closest to `key`: at most two slips away, or a quarter of its length.
fn nearest(key: &str, schema: Schema) -> Option<&'static str> {
    let allowed = (key.len() / 4).clamp(1, 3);
    let live = schema.keys().filter(|known| !matches!(known.status, Status::Ignored(_)));
    live.filter(|known| known.name.len().abs_diff(key.len()) <= allowed)
        .map(|known| (distance(key.as_bytes(), known.name.as_bytes()), known.name))
        .filter(|(slips, _)| *slips <= allowed)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// Edit distance where letters left out, added, changed or swapped with their neighbour count one each
/// (optimal string alignment), without regard to case. Both are key names, so the table stays small.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut previous_a = 0;
    for (i, x) in a.iter().map(u8::to_ascii_lowercase).enumerate() {
        let mut row = vec![i + 1];
        let mut previous_b = 0;
        for (j, y) in b.iter().map(u8::to_ascii_lowercase).enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let change = at(&last, j) + usize::from(x != y);
            let mut best = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if i > 0 && j > 0 && x == previous_b && y == previous_a {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            previous_b = y;
        }
        previous_a = x;
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_slip() {
        assert_eq!(distance(b"vnc_tsl", b"vnc_tls"), 1);
        assert_eq!(distance(b"vnc_tsl", b"vnc_sasl"), 2);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"VNC_TLS", b"vnc_tls"), 0);
    }
}
