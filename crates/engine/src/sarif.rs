//! SARIF 2.1.0 (OASIS): one run, one rule a control, one result a finding.

use std::collections::BTreeMap;

use model::{
    control::Severity,
    finding::{Finding, Mark, Place, Report, Status},
};
use serde_json::{Value, json};

/// The report as a SARIF log.
#[must_use]
pub fn of(report: &Report) -> Value {
    let mut indices = BTreeMap::new();
    for finding in &report.findings {
        let next = indices.len();
        indices.entry(&*finding.id).or_insert(next);
    }
    let mut ids: Vec<(&str, usize)> = indices.iter().map(|(id, index)| (*id, *index)).collect();
    ids.sort_by_key(|(_, index)| *index);
    let rules: Vec<Value> = ids.iter().filter_map(|(id, _)| rule(id)).collect();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(finding, &indices)).collect();
    let notifications: Vec<Value> = report
        .unread
        .iter()
        .map(|unread| json!({"level": "warning", "message": {"text": format!("{}: {}", unread.what, unread.why)}}))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "baluarte",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": true,
                "endTimeUtc": report.time,
                "toolExecutionNotifications": notifications,
            }],
            "originalUriBaseIds": {"HOST": {"uri": "file:///"}},
            "properties": {"host": report.host, "profile": report.profile, "coverage": report.coverage},
            "results": results,
        }],
    })
}

fn rule(id: &str) -> Option<Value> {
    let (entry, page) = (controls::find(id)?, controls::page_of(id)?);
    let title = &page.words.title;
    Some(json!({
        "id": id,
        "shortDescription": {"text": title.en},
        "fullDescription": {"text": page.words.why},
        "help": {"text": page.text, "markdown": page.text},
        "defaultConfiguration": {"level": level(entry.control.severity)},
        "properties": {
            "severity": entry.control.severity.word(),
            "security-severity": score(entry.control.severity),
            "tags": ["security", entry.topic],
            "title-pt": title.pt,
            "title-id": title.id,
            "references": page.words.references,
        },
    }))
}

fn result(finding: &Finding, indices: &BTreeMap<&str, usize>) -> Value {
    let (kind, level) = match finding.status {
        Status::Fail => ("fail", level(finding.severity)),
        Status::Pass => ("pass", "none"),
        Status::Unknown => ("open", "none"),
        Status::NotApplicable => ("notApplicable", "none"),
    };
    let mut text = format!("{} {}: {}", finding.subject.kind.word(), finding.subject.name, finding.found);
    if let Some(fix) = &finding.fix {
        text.push_str(&format!(". Fix ({}): {}", fix.disposition.word(), fix.command));
    }
    let mut result = json!({
        "ruleId": finding.id,
        "ruleIndex": indices.get(&*finding.id),
        "kind": kind,
        "level": level,
        "message": {"text": text},
        "locations": finding.place.iter().map(|place| location(finding, place)).collect::<Vec<_>>(),
        "partialFingerprints": {"baluarte/v1": finding.fingerprint},
        "properties": {"basis": finding.basis, "marks": finding.marks, "subject": finding.subject},
    });
    let related: Vec<Value> = finding
        .also
        .iter()
        .map(|seen| with(location(finding, &seen.place), "message", json!({"text": seen.found})))
        .collect();
    if !related.is_empty() {
        result = with(result, "relatedLocations", Value::Array(related));
    }
    if finding.marks.contains(&Mark::Waived) {
        result = with(result, "suppressions", json!([{"kind": "external", "status": "accepted"}]));
    }
    result
}

/// An object with one more member.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    object
}

fn location(finding: &Finding, place: &Place) -> Value {
    let location = json!({
        "logicalLocations": [{
            "name": finding.subject.name,
            "fullyQualifiedName": format!("{}/{}", finding.subject.kind.word(), finding.subject.id),
            "kind": finding.subject.kind.word(),
        }],
    });
    let Some(path) = place.file.as_deref().or(place.sysfs.as_deref()) else { return location };
    let mut physical = json!({"artifactLocation": {"uri": uri(path), "uriBaseId": "HOST"}});
    if let Some((line, column)) = place.line.zip(place.column) {
        physical = with(physical, "region", json!({"startLine": line, "startColumn": column}));
    }
    with(location, "physicalLocation", physical)
}

/// A path relative to the host's root as a URI reference (RFC 3986, section 4.2).
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.trim_start_matches('/').bytes().map(encode).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "note",
    }
}

/// The number code-scanning dashboards sort by (CVSS-like bands).
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
