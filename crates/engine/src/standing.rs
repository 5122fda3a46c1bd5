//! What stands beside a judgement: exceptions a person made, proofs a drill gave.

use model::{
    evidence::Evidence,
    exception::{Exception, Kind},
    fact::Fact,
    finding::{Finding, Mark, Status, Unread},
    proof::{Ablation, Outcome, Proof},
};

/// Exceptions and proofs, as of the recording's time.
pub(crate) struct Standing<'a> {
    exceptions: Vec<(&'a Exception, bool)>,
    proofs: &'a [Proof],
    now: i64,
    boot_id: &'a str,
    /// What is wrong with the exceptions themselves.
    pub(crate) trouble: Vec<Unread>,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        let now = evidence.recording.collected_at;
        let mut trouble = vec![];
        let what = "/etc/baluarte/exceptions.toml";
        let listed = match &evidence.exceptions {
            Fact::Known(exceptions, _) => exceptions.as_slice(),
            Fact::Unreadable(_, why) => {
                trouble.push(Unread { what: what.to_owned(), why: format!("no exception holds: {why}") });
                &[]
            }
            _ => &[],
        };
        let mut exceptions = vec![];
        for exception in listed {
            match exception.ends() {
                Ok(end) => exceptions.push((exception, now < end)),
                Err(why) => trouble
                    .push(Unread { what: what.to_owned(), why: format!("{}: {why}", exception.control) }),
            }
        }
        Self {
            exceptions,
            proofs: evidence.proofs.ok().map_or(&[], Vec::as_slice),
            now,
            boot_id: &evidence.recording.boot_id,
            trouble,
        }
    }

    pub(crate) fn apply(&self, finding: &mut Finding) {
        self.prove(finding);
        if finding.status != Status::Fail {
            return;
        }
        let covering = |(exception, _): &&(&Exception, bool)| exception.covers(&finding.id, &finding.subject);
        let mut covering: Vec<_> = self.exceptions.iter().filter(covering).collect();
        // One that holds counts before one that has ended.
        covering.sort_by_key(|(_, holds)| !holds);
        match covering.first() {
            Some((exception, true)) if exception.kind == Kind::Grant => {
                finding.status = Status::Pass;
                finding.marks.push(Mark::Granted);
                finding.found =
                    format!("{} (granted to {}: {})", finding.found, exception.owner, exception.reason)
                        .into();
            }
            Some((exception, true)) if exception.kind == Kind::Waiver => finding.marks.push(Mark::Waived),
            Some((_, false)) => finding.marks.push(Mark::ExpiredException),
            _ => {}
        }
    }

    fn prove(&self, finding: &mut Finding) {
        let about = |proof: &&Proof| proof.control == finding.id && proof.subject == finding.subject.id;
        let Some(proof) = self.proofs.iter().filter(about).max_by_key(|proof| proof.at) else { return };
        let current = proof.basis_digest == finding.basis_digest && proof.boot_id == self.boot_id;
        let mark = match (&proof.outcome, &proof.ablation) {
            (Outcome::NotRun(_), _) => return,
            _ if !current => Mark::StaleProof,
            (Outcome::Breached, _) => {
                if finding.status == Status::Pass {
                    finding.status = Status::Fail;
                }
                Mark::Breached
            }
            (Outcome::Held, Ablation::Succeeded) => Mark::Proved(self.now.saturating_sub(proof.at)),
            // A drill that fails with the wall taken away as well proves nothing.
            (Outcome::Held, _) => return,
        };
        finding.marks.push(mark);
        finding.proof = Some(proof.drill.clone());
    }
}
