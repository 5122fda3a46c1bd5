//! What a report says: its formats against their schemas, its order, exceptions, proofs, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that can't go on must stop and say so"
)]

use controls::Selection;
use engine::{check, exit, sarif};
use host::source::Memory;
use model::{
    control::Severity,
    evidence::Evidence,
    fact::Fact,
    finding::{Coverage, Finding, Mark, Report, Status},
    profile::Profile,
    proof::{Ablation, Outcome, Proof},
};
use serde_json::Value;
use testkit::memory;

/// A host with something of everything wrong.
const NEGLECTED: &str = "<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
<qemu:commandline><qemu:arg value='-s'/></qemu:commandline>
-- etc/libvirt/qemu.conf mode=0600 --
seccomp_sandbox = 0
-- var/lib/libvirt/images/web1.qcow2 mode=0644 qcow2 --
-- netlink/audit-status inode --
";

fn machine(text: &str) -> Memory {
    memory::example("fails vm", text).unwrap().0
}

fn report_of(machine: &Memory) -> Report {
    check(&memory::evidence(machine), &Selection::default(), &Profile::default())
}

fn find<'a>(report: &'a Report, id: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.id == id).unwrap()
}

fn validate(schema: &str, instance: &Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema: Value = serde_json::from_str(schema).unwrap();
    compiler.add_resource("file:///schema.json", schema).unwrap();
    let index = compiler.compile("file:///schema.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(instance, index) {
        panic!("{error:#}");
    }
}

#[test]
fn sarif_is_valid() {
    let report = report_of(&machine(NEGLECTED));
    let log = sarif::of(&report);
    validate(include_str!("data/sarif-schema-2.1.0.json"), &log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len());
    let vnc = results.iter().find(|result| result["ruleId"] == "console.vnc-listen-local").unwrap();
    assert_eq!(vnc["kind"], "fail");
    let index = usize::try_from(vnc["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], "console.vnc-listen-local");
    assert!(vnc["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 1);
}

#[test]
fn json_is_valid_and_round_trips() {
    let schema = include_str!("../../../schemas/report.schema.json");
    for text in [NEGLECTED, ""] {
        let report = report_of(&machine(text));
        let json = serde_json::to_value(&report).unwrap();
        validate(schema, &json);
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }
}

#[test]
fn failures_come_first_and_the_worst_of_them_first() {
    let report = report_of(&machine(NEGLECTED));
    let failing = report.findings.iter().take_while(|finding| finding.status == Status::Fail);
    let severities: Vec<Severity> = failing.map(|finding| finding.severity).collect();
    assert_eq!(severities.len(), report.coverage.fail);
    assert!(severities.len() >= 3 && severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    assert!(report.findings.iter().all(|finding| finding.status != Status::Fail || finding.fix.is_some()));
}

#[test]
fn the_base_host_is_clean_and_fully_covered() {
    let report = report_of(&memory::base().unwrap());
    assert_eq!(
        (report.coverage.fail, report.coverage.unknown, report.coverage.percent),
        (0, 0, 100),
        "{:#?}",
        report.unread
    );
    assert_eq!(report.unread, []);
    assert_eq!(exit::code(&report, &Profile::default(), Severity::Info), exit::CLEAN);
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let recording = memory::record(&machine(NEGLECTED));
    let text = |recording| {
        serde_json::to_string(&check(&Evidence::of(recording), &Selection::default(), &Profile::default()))
            .unwrap()
    };
    assert_eq!(text(recording.clone()), text(recording));
}

fn with_exception(kind: &str, expires: &str) -> Report {
    let exception = format!(
        "{NEGLECTED}-- etc/baluarte/exceptions.toml mode=0600 --\n[[exception]]\nkind = '{kind}'\ncontrol = 'console.vnc-listen-*'\n\
         subject = '5f3b1a52-7c1e-4d0e-9a55-0d7f3c1c2a10'\nowner = 'ana'\nreason = 'old console'\nexpires = '{expires}'\n"
    );
    report_of(&machine(&exception))
}

#[test]
fn a_waiver_is_not_counted_and_a_grant_passes_until_they_end() {
    let id = "console.vnc-listen-local";
    let plain = report_of(&machine(NEGLECTED));
    let waived = with_exception("waiver", "2099-01-01");
    assert_eq!(find(&waived, id).marks, [Mark::Waived]);
    assert_eq!(waived.coverage.fail, plain.coverage.fail - 1);
    let granted = with_exception("grant", "2099-01-01");
    assert_eq!(find(&granted, id).status, Status::Pass);
    assert!(find(&granted, id).marks.contains(&Mark::Granted) && find(&granted, id).found.contains("ana"));
    let expired = with_exception("waiver", "2020-01-01");
    assert_eq!(find(&expired, id).marks, [Mark::ExpiredException]);
    assert_eq!(expired.coverage.fail, plain.coverage.fail);
    assert_eq!(exit::code(&expired, &Profile::default(), Severity::Low), exit::EXPIRED);
}

#[test]
fn what_is_wrong_with_exceptions_is_said_and_nothing_is_excepted() {
    let broken = with_exception("waiver", "some day");
    assert_eq!(find(&broken, "console.vnc-listen-local").marks, []);
    assert!(broken.unread.iter().any(|unread| unread.why.contains("some day")), "{:?}", broken.unread);
    let broken = with_exception("wish", "2099-01-01");
    assert_eq!(find(&broken, "console.vnc-listen-local").marks, []);
    assert!(
        broken.unread.iter().any(|unread| unread.what.ends_with("exceptions.toml")),
        "{:?}",
        broken.unread
    );
}

#[test]
fn a_proof_holds_on_its_basis_alone() {
    let id = "console.vnc-listen-local";
    let mut evidence = memory::evidence(
        &memory::example("passes vm", "<graphics type='vnc' listen='127.0.0.1'/>").unwrap().0,
    );
    let judge = |evidence: &Evidence| check(evidence, &Selection::default(), &Profile::default());
    let finding = find(&judge(&evidence), id).clone();
    assert_eq!(finding.status, Status::Pass);
    let proof = |outcome, basis_digest: &str| Proof {
        control: id.to_owned(),
        subject: finding.subject.id.clone(),
        drill: "vnc-reach".to_owned(),
        drill_revision: 1,
        basis_digest: basis_digest.to_owned(),
        boot_id: evidence.recording.boot_id.clone(),
        kernel: "6.1.0".to_owned(),
        qemu: "7.2".to_owned(),
        at: memory::NOW - 60,
        outcome,
        ablation: Ablation::Succeeded,
    };
    let cases = [
        (proof(Outcome::Held, &finding.basis_digest), Status::Pass, Some(Mark::Proved(60))),
        (proof(Outcome::Breached, &finding.basis_digest), Status::Fail, Some(Mark::Breached)),
        (proof(Outcome::Breached, "another"), Status::Pass, Some(Mark::StaleProof)),
        (
            Proof { ablation: Ablation::Failed, ..proof(Outcome::Held, &finding.basis_digest) },
            Status::Pass,
            None,
        ),
    ];
    for (proof, status, mark) in cases {
        evidence.proofs = Fact::Known(vec![proof], "var/lib/baluarte/proofs.json".into());
        let report = judge(&evidence);
        assert_eq!((find(&report, id).status, find(&report, id).marks.first()), (status, mark.as_ref()));
    }
}

#[test]
fn exit_codes_have_an_order() {
    let profile = Profile::default();
    let mut report = report_of(&machine(NEGLECTED));
    assert_eq!(exit::code(&report, &profile, Severity::Critical), exit::FINDINGS);
    let strict = Profile { minimum_coverage: 101, ..Profile::default() };
    assert_eq!(exit::code(&report, &strict, Severity::Critical), exit::INCOMPLETE);
    report.findings.retain(|finding| finding.severity < Severity::Critical);
    assert_eq!(exit::code(&report, &profile, Severity::Critical), exit::CLEAN);
    // What a tree without anything gives, of which the tests of the command line make a real one.
    let nothing = Report { coverage: Coverage::default(), findings: vec![], ..report };
    assert_eq!(exit::code(&nothing, &profile, Severity::Low), exit::INCOMPLETE);
}

#[test]
fn a_tcp_socket_that_systemd_opens_at_the_next_boot_is_seen() {
    let wants = "-- etc/systemd/system/sockets.target.wants/libvirtd-tcp.socket link=/lib/systemd/system/libvirtd-tcp.socket --\n";
    let report = report_of(&machine(wants));
    let finding = find(&report, "management.no-plain-tcp");
    assert_eq!((finding.status, finding.marks.as_slice()), (Status::Fail, [Mark::Drift].as_slice()));
    assert!(finding.found.contains("libvirtd-tcp.socket is enabled"), "{}", finding.found);
}
