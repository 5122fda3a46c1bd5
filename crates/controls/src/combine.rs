//! Combines the readings of one control for one subject into one status.

use std::borrow::Cow;

use model::{
    control::{Cite, Judged, Reading, Verdict},
    fact::Missing,
    finding::{Mark, Status},
};

/// A combined judgement.
#[derive(Debug, PartialEq)]
pub(crate) struct Combined {
    pub(crate) status: Status,
    pub(crate) marks: Vec<Mark>,
    pub(crate) basis: &'static str,
    pub(crate) cites: Vec<Cite>,
    pub(crate) because: Because,
}

/// Why there is no sight to cite.
#[derive(Debug, PartialEq)]
pub(crate) enum Because {
    /// There is one.
    Seen,
    /// The question does not arise.
    NotApplicable(&'static str),
    /// Nobody can tell.
    Missing(Missing),
}

impl Because {
    /// In words, for those results that are listed.
    pub(crate) fn words(self) -> Cow<'static, str> {
        match self {
            Self::Seen => "".into(),
            Self::NotApplicable(why) => why.into(),
            Self::Missing(missing) => missing.to_string().into(),
        }
    }
}

impl Combined {
    fn of(status: Status, basis: &'static str, cites: Vec<Cite>) -> Self {
        Self { status, marks: vec![], basis, cites, because: Because::Seen }
    }

    fn unknown(basis: &'static str, missing: Missing) -> Self {
        Self { because: Because::Missing(missing), ..Self::of(Status::Unknown, basis, vec![]) }
    }

    fn marked(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }
}

/// One reading alone.
pub(crate) fn one(reading: Reading, judged: Judged) -> Combined {
    let basis = match reading {
        Reading::Effective => "effective",
        Reading::Configured => "configured",
    };
    match judged {
        Ok(Verdict::Pass(cites)) => Combined::of(Status::Pass, basis, cites),
        Ok(Verdict::Fail(cites)) => Combined::of(Status::Fail, basis, cites),
        Ok(Verdict::NotApplicable(why)) => {
            let because = Because::NotApplicable(why);
            Combined { because, ..Combined::of(Status::NotApplicable, basis, vec![]) }
        }
        Err(missing) => Combined::unknown(basis, missing),
    }
}

/// Two readings: either fails → fail; effective fails and configured passes → pending restart; the reverse → drift;
/// one unreadable and the other no failure → unknown; one not applicable → the other; both → not applicable.
pub(crate) fn both(effective: Judged, configured: Judged) -> Combined {
    const BOTH: &str = "effective and configured";
    use Verdict::{Fail, NotApplicable, Pass};
    match (effective, configured) {
        (Ok(NotApplicable(_)), configured) => one(Reading::Configured, configured),
        (effective, Ok(NotApplicable(_))) => one(Reading::Effective, effective),
        (Ok(Fail(seen)), Ok(Fail(more))) => Combined::of(Status::Fail, BOTH, join(seen, more)),
        (Ok(Fail(seen)), Ok(Pass(more))) => {
            Combined::of(Status::Fail, BOTH, join(seen, more)).marked(Mark::PendingRestart)
        }
        (Ok(Pass(more)), Ok(Fail(seen))) => {
            Combined::of(Status::Fail, BOTH, join(seen, more)).marked(Mark::Drift)
        }
        (Ok(Pass(seen)), Ok(Pass(more))) => Combined::of(Status::Pass, BOTH, join(seen, more)),
        (Ok(Fail(seen)), Err(_)) => Combined::of(Status::Fail, "effective", seen),
        (Err(_), Ok(Fail(seen))) => Combined::of(Status::Fail, "configured", seen),
        (Err(missing), Err(_) | Ok(Pass(_))) => Combined::unknown("effective", missing),
        (Ok(Pass(_)), Err(missing)) => Combined::unknown("configured", missing),
    }
}

fn join(mut first: Vec<Cite>, second: Vec<Cite>) -> Vec<Cite> {
    for cite in second {
        if !first.contains(&cite) {
            first.push(cite);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(word: &str) -> Judged {
        let cites = vec![Cite::whole(&"etc/a".into(), "seen")];
        match word {
            "pass" => Ok(Verdict::Pass(cites)),
            "fail" => Ok(Verdict::Fail(cites)),
            "n/a" => Ok(Verdict::NotApplicable("no")),
            _ => Err(Missing { key: "etc/a".into(), why: "EACCES".into() }),
        }
    }

    #[test]
    fn every_pair_of_readings() {
        use Status::{Fail, NotApplicable, Pass, Unknown};
        for (effective, configured, status, mark) in [
            ("pass", "pass", Pass, None),
            ("pass", "fail", Fail, Some(Mark::Drift)),
            ("pass", "n/a", Pass, None),
            ("pass", "?", Unknown, None),
            ("fail", "pass", Fail, Some(Mark::PendingRestart)),
            ("fail", "fail", Fail, None),
            ("fail", "n/a", Fail, None),
            ("fail", "?", Fail, None),
            ("n/a", "pass", Pass, None),
            ("n/a", "fail", Fail, None),
            ("n/a", "n/a", NotApplicable, None),
            ("n/a", "?", Unknown, None),
            ("?", "pass", Unknown, None),
            ("?", "fail", Fail, None),
            ("?", "n/a", Unknown, None),
            ("?", "?", Unknown, None),
        ] {
            let combined = both(verdict(effective), verdict(configured));
            assert_eq!(combined.status, status, "{effective} {configured}");
            assert_eq!(combined.marks.first(), mark.as_ref(), "{effective} {configured}");
        }
    }
}
