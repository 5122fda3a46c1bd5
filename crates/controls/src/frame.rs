//! What becomes of a frame that a guest sends: the host's bridge rules walked with a frame of which only some bytes are
//! said, so that the answer holds for every frame that has them.

use formats::netlink::nft::{Base, Compare, Family, Match, Operand, Test, Verdict};
use model::evidence::{Chain, Ruleset, Step};

pub(crate) use crate::frame_bytes::Frame;
use crate::frame_bytes::{Bytes, compare, not};

/// What becomes of the frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All of them are dropped: by which rule.
    Dropped(String),
    /// Some get through.
    Passes,
    /// It depends on a rule with an expression that is not understood: which.
    Obscure(String),
}

/// Deepest chain of jumps (`NFT_JUMP_STACK_SIZE` of the kernel).
const MAX_DEPTH: usize = 16;
/// Most rules walked for one frame, so that rules that jump to and fro end.
const MAX_STEPS: usize = 20_000;

/// Walks what the kernel asks before a bridge learns the frame's source: ingress of the tap, then prerouting of the
/// bridge. Rules of later hooks come too late (`br_handle_frame_finish`, Linux net/bridge/br_input.c).
pub(crate) fn fate(rules: &Ruleset, frame: &Frame) -> Fate {
    match walk_all(rules, frame, false) {
        Ok(rule) => Fate::Dropped(rule),
        // Were every obscure test in our favour, would the frame be dropped? Then nobody can tell.
        Err(Some(obscure)) if walk_all(rules, frame, true).is_ok() => Fate::Obscure(obscure),
        Err(_) => Fate::Passes,
    }
}

/// The rule that drops all of them; or, where some get through, the first rule that was not understood.
fn walk_all(rules: &Ruleset, frame: &Frame, lenient: bool) -> Result<String, Option<String>> {
    let ingress = rules.base_chains(Family::Netdev, "ingress");
    let ingress = ingress.filter(|(declared, _)| declared.devices.iter().any(|device| device == frame.input));
    let mut obscure = None;
    for (declared, chain) in ingress.chain(rules.base_chains(Family::Bridge, "prerouting")) {
        let mut walk =
            Walk { rules, frame, lenient, declared, steps: 0, escaped: false, dropped: None, obscure: None };
        let falls = walk.chain(chain, 0);
        let policy_drops = declared.policy == Some(Verdict::Drop);
        if (!falls || policy_drops) && !walk.escaped {
            let table = format!("{} {}", declared.family, declared.table);
            return Ok(walk.dropped.map_or_else(
                || format!("{table} {}: policy drop", declared.name),
                |handle| format!("{table}: rule {handle} drops it"),
            ));
        }
        obscure = obscure.or(walk.obscure);
    }
    Err(obscure)
}

/// True where a chain of prerouting asks this chain about every frame from the port.
pub(crate) fn calls(rules: &Ruleset, frame: &Frame, name: &str) -> bool {
    rules.base_chains(Family::Bridge, "prerouting").any(|(declared, chain)| {
        let to =
            |step: &Step| matches!(&step.verdict, Some(Verdict::Jump(to) | Verdict::Goto(to)) if to == name);
        let full = rules.chain(declared, name).is_some_and(|chain| chain.steps(frame.input).next().is_some());
        full && chain.steps(frame.input).any(to)
    })
}

struct Walk<'a> {
    rules: &'a Ruleset,
    frame: &'a Frame<'a>,
    /// Obscure tests are taken as they suit us.
    lenient: bool,
    declared: &'a formats::netlink::nft::Chain,
    steps: usize,
    escaped: bool,
    dropped: Option<u64>,
    obscure: Option<String>,
}

/// Whether a rule's tests hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// For every frame.
    Yes,
    /// For some frames.
    Some,
    /// It can't be told.
    Obscure,
    /// For none.
    No,
}

impl<'a> Walk<'a> {
    /// Walks a chain; true where some frames come out at its end.
    fn chain(&mut self, chain: &'a Chain, depth: usize) -> bool {
        let mut falls = false;
        if depth > MAX_DEPTH {
            return true;
        }
        for step in chain.steps(self.frame.input) {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return true;
            }
            let (holds, verdict) = self.test(step);
            let Some(verdict) = verdict.filter(|_| holds != Holds::No) else { continue };
            let sure = holds == Holds::Yes || (holds == Holds::Obscure && self.lenient);
            if holds == Holds::Obscure && self.obscure.is_none() {
                let Some(declared) = &chain.declared else { continue };
                self.obscure = Some(format!(
                    "{} {} {}: rule {}",
                    declared.family, declared.table, declared.name, step.handle
                ));
            }
            match verdict {
                Verdict::Drop if sure => {
                    self.dropped.get_or_insert(step.handle);
                    return falls;
                }
                Verdict::Drop | Verdict::Continue | Verdict::Break => {}
                Verdict::Jump(name) | Verdict::Goto(name) => {
                    let before = self.escaped;
                    let through =
                        self.rules.chain(self.declared, name).is_none_or(|next| self.chain(next, depth + 1));
                    if holds == Holds::Obscure && self.lenient && (through || self.escaped != before) {
                        self.escaped = before;
                    } else if sure && !through {
                        return falls;
                    } else if matches!(verdict, Verdict::Goto(_)) {
                        falls |= through;
                        if sure {
                            return falls;
                        }
                    }
                }
                // Taken as not holding.
                _ if holds == Holds::Obscure && self.lenient => {}
                Verdict::Return => {
                    falls = true;
                    if sure {
                        return true;
                    }
                }
                Verdict::Accept | Verdict::Other(_) => {
                    self.escaped = true;
                    if sure {
                        return falls;
                    }
                }
            }
        }
        true
    }

    fn test(&self, step: &'a Step) -> (Holds, Option<&'a Verdict>) {
        let mut holds = if step.understood { Holds::Yes } else { Holds::Obscure };
        let mut verdict = step.verdict.as_ref();
        for test in &step.tests {
            let (one, mapped) = self.one(test);
            holds = holds.max(one);
            verdict = mapped.or(verdict);
        }
        (holds, verdict)
    }

    fn one(&self, test: &'a Match) -> (Holds, Option<&'a Verdict>) {
        let Some(mut seen) = self.operand(&test.operand) else { return (Holds::Obscure, None) };
        if let Some(mask) = &test.mask {
            seen.mask(&mask.0);
        }
        match &test.test {
            Test::Compare(operator, value) => (compare(&seen, *operator, &value.0), None),
            Test::In { set, inverted, verdicts } => self.lookup(&seen, set, *inverted, *verdicts),
        }
    }

    fn lookup(
        &self,
        seen: &Bytes,
        name: &str,
        inverted: bool,
        verdicts: bool,
    ) -> (Holds, Option<&'a Verdict>) {
        let obscure = (Holds::Obscure, None);
        let Some(set) = self.rules.set(self.declared, name) else { return obscure };
        let Some(declared) = &set.declared else { return obscure };
        if declared.flags.iter().any(|flag| flag == "interval")
            || declared.elements > set.elements.len() as u64
        {
            return obscure;
        }
        let found = match seen.all() {
            Some(key) => match set.elements.get(&key) {
                Some(element) if verdicts => return (Holds::Yes, element.verdict.as_ref()),
                Some(_) => Holds::Yes,
                None => Holds::No,
            },
            None if verdicts => return obscure,
            // Keys start with what is said of the frame: the port as a rule.
            None => {
                let start = seen.prefix();
                let mut near =
                    set.elements.range(start.clone()..).take_while(|(key, _)| key.starts_with(&start));
                if near.any(|(key, _)| compare(seen, Compare::Equal, key) != Holds::No) {
                    Holds::Some
                } else {
                    Holds::No
                }
            }
        };
        (if inverted { not(found) } else { found }, None)
    }

    fn operand(&self, operand: &Operand) -> Option<Bytes> {
        match operand {
            Operand::Meta(key) => self.frame.meta(key),
            Operand::Payload { base: Base::Inner | Base::Other, .. } | Operand::Unknown => None,
            Operand::Payload { base, offset, length } => {
                Some(self.frame.payload(*base, *offset as usize, *length as usize))
            }
            Operand::Several(parts) => {
                let mut all = Bytes::default();
                for part in parts {
                    // Concatenations do not nest.
                    let Operand::Several(_) = part else {
                        all.join(&self.operand(part)?);
                        continue;
                    };
                    return None;
                }
                Some(all)
            }
        }
    }
}
