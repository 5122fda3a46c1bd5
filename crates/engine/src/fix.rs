//! Says in one command or sentence how a wall is closed.

use formats::Splice;
use model::{
    change::{Action, Change},
    control::Control,
    evidence::Evidence,
    finding::{Disposition, Finding, Fix, Mark},
    subject::Kind,
};

/// Longest piece of a file that is quoted, in characters.
const QUOTE: usize = 72;

pub(crate) fn describe(
    evidence: &Evidence,
    finding: &Finding,
    control: &Control,
    remedies: Option<&[Change]>,
) -> Fix {
    if let Some(changes) = remedies.filter(|changes| !changes.is_empty()) {
        let mut commands: Vec<String> =
            changes.iter().map(|change| command(evidence, &change.action)).collect();
        commands.dedup();
        let more = commands.split_off(commands.len().min(3)).len();
        let mut command = commands.join("; ");
        if more > 0 {
            command.push_str(&format!("; and {more} more"));
        }
        let disposition = changes.iter().map(|change| change.disposition).max().unwrap_or(Disposition::Live);
        return Fix { command, disposition };
    }
    if finding.marks.contains(&Mark::PendingRestart) {
        return restart(finding);
    }
    let advice = control.scope.advice().unwrap_or("see the page of this control");
    Fix { command: advice.to_owned(), disposition: Disposition::ByHand }
}

/// What is configured is right already.
fn restart(finding: &Finding) -> Fix {
    let name = finding.subject.name.split(' ').next().unwrap_or_default();
    match finding.subject.kind {
        Kind::Host => {
            Fix { command: "reboot, or load the configuration".to_owned(), disposition: Disposition::Reboot }
        }
        Kind::Daemon => {
            Fix { command: format!("systemctl restart {name}"), disposition: Disposition::DaemonRestart }
        }
        _ => Fix {
            command: format!("shut {name} down and start it again: what is configured is right"),
            disposition: Disposition::VmRestart,
        },
    }
}

fn command(evidence: &Evidence, action: &Action) -> String {
    match action {
        Action::EditFile { path, splices } => edited(evidence, path, splices),
        Action::EditDomain { uuid, path, splices } => {
            let vm = evidence.vm(uuid).map_or(uuid.as_str(), |vm| vm.name.as_str());
            format!("virsh edit {vm}: {}", replaced(evidence, path, splices))
        }
        Action::EditNetwork { path, splices, .. } => {
            format!("virsh net-edit: {}", replaced(evidence, path, splices))
        }
        Action::CreateFile { path, text, .. } => format!("write `{}` to {path}", quote(text)),
        Action::RemoveFile { path } => format!("rm {path}"),
        Action::SetMode { path, mode } => format!("chmod {mode:04o} {path}"),
        Action::SetOwner { path, uid, gid } => format!("chown {uid}:{gid} {path}"),
        Action::Sysctl { name, value, namespace: None } => format!("sysctl -w {name}={value}"),
        Action::Sysctl { name, value, namespace: Some(inode) } => {
            format!("in network namespace {inode}: sysctl -w {name}={value}")
        }
        Action::Sysfs { path, value } => format!("echo {value} > {path}"),
        Action::BridgePort { port, flag, on } => {
            format!("bridge link set dev {port} {flag} {}", if *on { "on" } else { "off" })
        }
        Action::Unit { unit, enabled, masked, active } => unit_command(unit, *enabled, *masked, *active),
        Action::RestartDaemon { unit } => format!("systemctl restart {unit}"),
        Action::GroupMember { group, user, member } => {
            format!("gpasswd {} {user} {group}", if *member { "-a" } else { "-d" })
        }
        Action::AuditRule { rule, present } => {
            format!("auditctl {} {rule}", if *present { "-a" } else { "-d" })
        }
        Action::SelinuxBoolean { name, on } => {
            format!("setsebool -P {name} {}", if *on { "on" } else { "off" })
        }
        Action::SelinuxEnforce { on } => format!("setenforce {}", u8::from(*on)),
        other => format!("{other:?}"),
    }
}

fn unit_command(unit: &str, enabled: Option<bool>, masked: Option<bool>, active: Option<bool>) -> String {
    let now = if active.is_some() { "--now " } else { "" };
    match (masked, enabled) {
        (Some(true), _) => format!("systemctl mask {now}{unit}"),
        (_, Some(true)) => format!("systemctl enable {now}{unit}"),
        (_, Some(false)) => format!("systemctl disable {now}{unit}"),
        _ if active == Some(false) => format!("systemctl stop {unit}"),
        _ => format!("systemctl start {unit}"),
    }
}

/// For a configuration file: the lines as they will be.
fn edited(evidence: &Evidence, path: &str, splices: &[Splice]) -> String {
    let key = path.trim_start_matches('/');
    let bytes = evidence.bytes(key).ok().copied().unwrap_or_default();
    let line = |splice: &Splice| {
        let range = splice.span.range();
        let start = bytes
            .get(..range.start)
            .unwrap_or_default()
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let rest = bytes.get(range.end..).unwrap_or_default();
        let end = range.end + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let before = String::from_utf8_lossy(bytes.get(start..range.start).unwrap_or_default());
        let after = String::from_utf8_lossy(bytes.get(range.end..end).unwrap_or_default());
        quote(&format!("{before}{}{after}", splice.text))
    };
    let lines: Vec<String> = splices.iter().map(line).collect();
    format!("in {path} write `{}`", lines.join("`, `"))
}

/// For XML: what goes and what comes.
fn replaced(evidence: &Evidence, path: &str, splices: &[Splice]) -> String {
    let key = path.trim_start_matches('/');
    let bytes = evidence.bytes(key).ok().copied().unwrap_or_default();
    let one = |splice: &Splice| {
        let old = String::from_utf8_lossy(bytes.get(splice.span.range()).unwrap_or_default());
        match (quote(&old), quote(&splice.text)) {
            (old, new) if new.is_empty() => format!("remove `{old}`"),
            (old, new) if old.is_empty() => format!("add `{new}`"),
            (old, new) => format!("`{old}` becomes `{new}`"),
        }
    };
    splices.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// One line, not too long.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTE { line } else { line.chars().take(QUOTE - 1).chain(['…']).collect() }
}
