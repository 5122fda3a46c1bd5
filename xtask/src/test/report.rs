//! What libtest prints, read back into numbers.

/// Of one binary.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// What the tests said about what they left out.
    pub reasons: Vec<String>,
}

/// One finished binary.
pub struct Finished {
    pub counts: Counts,
    /// All it printed.
    pub text: String,
    /// Seconds.
    pub took: f64,
}

/// Over all.
#[derive(Debug, Default)]
pub struct Totals {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// What failed, to be said again at the end.
    pub failures: Vec<String>,
}

impl Totals {
    /// One thing failed that is no test.
    pub fn fail(&mut self, what: &str) {
        println!("FAILED: {what}");
        self.failed += 1;
        self.failures.push(what.to_owned());
    }

    /// Counts one test in that was printed already.
    pub fn count(&mut self, name: &str, counts: &Counts) {
        if counts.failed > 0 {
            self.failures.push(name.to_owned());
        }
        self.passed += counts.passed;
        self.failed += counts.failed;
        self.skipped += counts.skipped;
    }

    /// Counts a binary in and prints it: a line, and all of its output if something failed.
    pub fn add(&mut self, name: &str, done: &Finished) {
        let Counts { passed, failed, skipped, reasons } = &done.counts;
        if *failed > 0 {
            println!("{}", done.text.trim_end());
            self.failures.push(format!("{name}: {failed} tests"));
        }
        for reason in reasons {
            println!("  {reason}");
        }
        println!("{name}: {passed} passed, {failed} failed, {skipped} skipped, {:.1} s", done.took);
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }
}

/// Sums the `test result:` lines. A test that ran but says `skipped: why` is counted as skipped, not as passed. A
/// binary that ended badly without a failed test (a crash, a hang) has one failure.
pub fn read(text: &str, success: bool) -> Counts {
    let mut counts = Counts::default();
    let (mut saw_result, mut block_skips, mut said_skipped) = (false, false, 0);
    for line in text.lines() {
        if let Some(result) = line.strip_prefix("test result: ") {
            saw_result = true;
            counts.passed += number_before(result, " passed");
            counts.failed += number_before(result, " failed");
            counts.skipped += number_before(result, " ignored");
        } else if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            block_skips = false;
        } else if line.starts_with("skipped: ") {
            if !counts.reasons.iter().any(|r| r == line) {
                counts.reasons.push(line.to_owned());
            }
            if !block_skips {
                block_skips = true;
                said_skipped += 1;
            }
        }
    }
    if !saw_result {
        // A harness of its own, or death before the end: the exit code is all there is.
        counts.passed = usize::from(success);
    }
    counts.passed = counts.passed.saturating_sub(said_skipped);
    counts.skipped += said_skipped;
    if !success && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str, success: bool) -> (usize, usize, usize) {
        let c = read(text, success);
        (c.passed, c.failed, c.skipped)
    }

    #[test]
    fn result_lines_are_summed() {
        let ok = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.12s\n";
        let bad = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.12s\n";
        assert_eq!(numbers(ok, true), (12, 0, 3));
        assert_eq!(numbers(&format!("{ok}{bad}"), false), (13, 2, 3));
    }

    #[test]
    fn a_test_that_says_skipped_is_not_passed() {
        let text = "---- a stdout ----\nskipped: BALUARTE_DATA is not set\nskipped: again\n\n---- b stdout ----\n\
                    skipped: BALUARTE_DATA is not set\n\ntest result: ok. 5 passed; 0 failed; 0 ignored; 0 measured\n";
        let counts = read(text, true);
        assert_eq!((counts.passed, counts.failed, counts.skipped), (3, 0, 2));
        assert_eq!(counts.reasons, ["skipped: BALUARTE_DATA is not set", "skipped: again"]);
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(numbers("running 3 tests\n", false), (0, 1, 0));
        assert_eq!(numbers("skipped: x\n", false), (0, 1, 1));
        assert_eq!(numbers("no harness\n", true), (1, 0, 0));
    }
}
