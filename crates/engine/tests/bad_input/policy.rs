//! Baluarte's own files, broken: profile, exceptions, proofs. A broken exception never makes anything pass.

use model::{
    evidence::Evidence,
    finding::{Mark, Status},
};
use testkit::memory;

use super::{Memory, base, check, is_told, no_new_pass, with, with_status};

const EXCEPTIONS: &str = "etc/baluarte/exceptions.toml";

/// The base host with one wall down.
fn failing() -> Memory {
    with(&base(), "proc/sys/net/bridge/bridge-nf-call-iptables", "1\n")
}

fn exception(kind: &str, subject: &str, expires: &str) -> String {
    format!(
        "[[exception]]\nkind = \"{kind}\"\ncontrol = \"*\"\nsubject = \"{subject}\"\nowner = \"a\"\nreason = \"b\"\nexpires = \"{expires}\"\n"
    )
}

#[test]
fn exceptions_that_make_no_sense_hold_for_nothing() {
    let good = exception("grant", "host", "2027-01-31");
    let report = check(&with(&failing(), EXCEPTIONS, good.clone()));
    assert!(
        report.findings.iter().any(|finding| finding.marks.contains(&Mark::Granted)),
        "a good one is not applied"
    );
    let deep = format!("a = {}", "[".repeat(100_000));
    let tables = format!("{}x = 1", "a.".repeat(100_000));
    for (what, text) in [
        ("not TOML", "[[exception".to_owned()),
        ("a bad date", exception("grant", "host", "31.01.2027")),
        ("a date that does not exist", exception("grant", "host", "2027-02-30")),
        ("an empty date", exception("grant", "host", "")),
        ("a date before time", exception("grant", "host", "-9999-01-01")),
        ("a date after time", exception("grant", "host", "99999-01-01")),
        ("an unknown kind", good.replace("grant", "allow")),
        ("an unknown key", format!("{good}unless = \"x\"\n")),
        ("a key that is missing", good.replace("owner = \"a\"\n", "")),
        ("a wrong type", good.replace("\"2027-01-31\"", "2027")),
        ("not UTF-8", format!("{good}# \u{0}")),
        ("deep", deep),
        ("dotted", tables),
        ("one good and one bad", format!("{good}[[exception]]\nkind = \"grant\"\n")),
    ] {
        let report = check(&with(&failing(), EXCEPTIONS, text));
        let why = is_told(what, &report, &format!("/{EXCEPTIONS}"));
        assert!(!why.is_empty());
        let excepted = |mark: &Mark| matches!(mark, Mark::Granted | Mark::Waived);
        let granted = report.findings.iter().any(|finding| finding.marks.iter().any(excepted));
        assert!(!granted, "{what}: something is granted or waived");
        assert_eq!(
            with_status(&report, Status::Fail),
            with_status(&check(&failing()), Status::Fail),
            "{what}"
        );
    }
    let report = check(&super::denied(&failing(), EXCEPTIONS));
    is_told("denied", &report, &format!("/{EXCEPTIONS}"));
}

#[test]
fn nothing_unknown_is_waived() {
    let machine = with(
        &super::denied(&base(), "netlink/audit-status"),
        EXCEPTIONS,
        exception("waiver", "host", "2027-01-31"),
    );
    let report = check(&machine);
    assert!(
        report.findings.iter().any(|finding| finding.status == Status::Unknown && finding.marks.is_empty())
    );
    assert_eq!(report.coverage.waived, 0);
}

#[test]
fn a_profile_that_makes_no_sense_is_told_with_its_line() {
    for (what, text, line) in [
        ("not TOML", "name = \n", 1),
        ("unknown key", "name = \"strict\"\nfail-on = \"low\"\n", 2),
        ("unknown severity", "name = \"strict\"\nfail_on = \"worst\"\n", 2),
        ("negative", "minimum_coverage = -1\n", 1),
        ("not UTF-8", "\u{0}", 1),
    ] {
        let machine = with(&base(), "etc/baluarte/profile.toml", text);
        let why = is_told(what, &check(&machine), "/etc/baluarte/profile.toml");
        assert!(why.contains(&format!("line {line}")), "{what}: {why}");
        assert!(Evidence::of(memory::record(&machine)).profile.ok().is_none());
    }
}

#[test]
fn proofs_that_make_no_sense_are_told() {
    for text in ["{", "[{}]", "null", "[[[[", "[{\"control\":1}]"] {
        let report = check(&with(&base(), "var/lib/baluarte/proofs.json", text));
        is_told(text, &report, "/var/lib/baluarte/proofs.json");
    }
    no_new_pass("empty", &check(&with(&base(), "var/lib/baluarte/proofs.json", "[]")));
}

#[test]
fn a_proof_from_the_end_of_time() {
    let before = check(&base());
    let finding = before.findings.iter().find(|finding| finding.status == Status::Pass).unwrap();
    for at in [i64::MIN, i64::MAX, 0] {
        for outcome in ["\"held\"", "\"breached\""] {
            let proof = format!(
                "[{{\"drill\":\"d\",\"drill_revision\":1,\"control\":\"{}\",\"subject\":\"{}\",\"basis_digest\":\"{}\",\"boot_id\":\"{}\",\
                 \"kernel\":\"k\",\"qemu\":\"q\",\"at\":{at},\"outcome\":{outcome},\"ablation\":\"succeeded\"}}]",
                finding.id, finding.subject.id, finding.basis_digest, before.host.boot_id
            );
            let report = check(&with(&base(), "var/lib/baluarte/proofs.json", proof));
            no_new_pass(outcome, &report);
            assert!(report.unread.is_empty(), "{:?}", report.unread);
            let now = report.findings.iter().find(|one| one.fingerprint == finding.fingerprint).unwrap();
            assert_eq!(now.status == Status::Fail, outcome == "\"breached\"", "{now:?}");
        }
    }
}
