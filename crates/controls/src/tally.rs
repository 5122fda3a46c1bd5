//! Counts what speaks for and against a wall, and remembers what could not be seen.

use model::{
    control::{Cite, Judged, Verdict},
    fact::Missing,
};

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) wrong: Vec<Cite>,
    pub(crate) right: Vec<Cite>,
    missing: Option<Missing>,
}

impl Tally {
    /// The value, or nothing: then it is remembered that something is missing.
    pub(crate) fn see<T>(&mut self, seen: Result<T, Missing>) -> Option<T> {
        match seen {
            Ok(value) => Some(value),
            Err(missing) => {
                self.missing.get_or_insert(missing);
                None
            }
        }
    }

    /// Files a sight under right or wrong.
    pub(crate) fn file(&mut self, fine: bool, cite: Cite) {
        if fine { self.right.push(cite) } else { self.wrong.push(cite) }
    }

    /// What is wrong decides; then what could not be seen; then what is right. Where nothing at all was seen, the question
    /// does not arise, for the reason given.
    pub(crate) fn verdict(self, nothing: &'static str) -> Judged {
        match (self.wrong.is_empty(), self.missing) {
            (false, _) => Ok(Verdict::Fail(self.wrong)),
            (true, Some(missing)) => Err(missing),
            (true, None) if self.right.is_empty() => Ok(Verdict::NotApplicable(nothing)),
            (true, None) => Ok(Verdict::Pass(self.right)),
        }
    }
}
