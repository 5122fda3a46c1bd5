//! AppArmor's template for VM profiles opens nothing of the host to all VMs at once.
//!
//! ## Why
//! Every VM's profile is made from one template. A line added there to make one VM work (`/** rw,`, a home directory,
//! `capability sys_admin`) holds for all of them, and the label on each process still looks right.
//!
//! ## Where
//! `/etc/apparmor.d/libvirt/TEMPLATE.qemu`, `abstractions/libvirt-qemu`, `local/abstractions/libvirt-qemu` and every
//! file in `abstractions/libvirt-qemu.d`. A rule fails that opens a whole system tree (`/**`, `/etc/**`, `/home/**`,
//! `@{HOME}/**`, `/dev/**` …), lets programs run unconfined (`ux`), allows all files or capabilities, or grants
//! `sys_admin`, `sys_rawio`, `sys_module`, `sys_ptrace`, `mac_admin` or `mac_override`; and a flag `complain` or
//! `unconfined`. Rules that deny are passed over. Not applicable where there is no template.
//!
//! ## Fix
//! Take the line out, or put the path of that one VM into its XML, where libvirt makes a rule for it alone. Then
//! restart the VMs: a profile is made anew at each start.
//!
//! ## Undo
//! Put the line back.
//!
//! ```fails
//! -- etc/apparmor.d/local/abstractions/libvirt-qemu --
//! # for the scanner
//! /home/** rw,
//! ```
//! ```fails
//! -- etc/apparmor.d/libvirt/TEMPLATE.qemu --
//! profile LIBVIRT_TEMPLATE flags=(attach_disconnected,complain) {
//!   #include <abstractions/libvirt-qemu>
//! }
//! ```
//! ```fails
//! -- etc/apparmor.d/abstractions/libvirt-qemu.d/site --
//!   capability sys_admin,
//!   /usr/local/bin/helper ux,
//! ```
//! ```passes
//! -- etc/apparmor.d/local/abstractions/libvirt-qemu --
//! /srv/iso/** r,
//! deny /home/** rw,
//! ```
use formats::Span;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Take the rule out of the template, give the path to the one VM in its XML, and restart the VMs.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The AppArmor template is tight",
        pt: "O modelo do AppArmor é restrito",
        id: "Templat AppArmor ketat",
    },
    why: "A line in the template opens that part of the host to every VM at once.",
    references: &[
        "guide 1, mandatory access controls",
        "libvirt src/security/apparmor/libvirt-qemu.in",
        "apparmor.d(5)",
    ],
};

/// Files that make up the template, below `etc/apparmor.d`.
const FILES: [&str; 3] =
    ["libvirt/TEMPLATE.qemu", "abstractions/libvirt-qemu", "local/abstractions/libvirt-qemu"];
/// Trees that no VM needs as a whole.
const TREES: [&str; 14] = [
    "",
    "/etc",
    "/home",
    "@{HOME}",
    "@{HOMEDIRS}",
    "/root",
    "/dev",
    "/proc",
    "@{PROC}",
    "/sys",
    "/usr",
    "/var",
    "/var/lib",
    "/var/lib/libvirt",
];
/// Capabilities that are as good as root.
const CAPABILITIES: [&str; 6] =
    ["sys_admin", "sys_rawio", "sys_module", "sys_ptrace", "mac_admin", "mac_override"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if evidence.bytes("etc/apparmor.d/libvirt/TEMPLATE.qemu").known()?.is_none() {
        return Ok(Verdict::NotApplicable("libvirt has no AppArmor template here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in files(evidence)? {
        let file = evidence.text(&key);
        let file = match file.known()? {
            Some(_) => evidence.bytes(&key),
            None => continue,
        };
        let text = String::from_utf8_lossy(file.required()?);
        let before = wrong.len();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let rule = line.trim();
            if opens_too_much(rule) {
                wrong.push(Cite::bytes(
                    file.key(),
                    Span::new(at, at + line.trim_end().len()),
                    rule.to_owned(),
                ));
            }
            at += line.len();
        }
        if before == wrong.len() {
            right.push(Cite::whole(
                file.key(),
                "no rule opens a whole tree or grants a capability like root's",
            ));
        }
    }
    Ok(Verdict::unless(wrong, right))
}

fn files(evidence: &Evidence) -> Result<Vec<String>, Missing> {
    let mut found: Vec<String> = FILES.iter().map(|name| format!("etc/apparmor.d/{name}")).collect();
    let directory = "etc/apparmor.d/abstractions/libvirt-qemu.d";
    let names = evidence.names(directory);
    found
        .extend(names.known()?.copied().unwrap_or_default().iter().map(|name| format!("{directory}/{name}")));
    Ok(found)
}

/// Judges one line: the grammar has a rule end with a comma, and nobody writes two on a line.
fn opens_too_much(line: &str) -> bool {
    let rule = line.split(" #").next().unwrap_or(line).trim();
    if rule.starts_with('#') || rule.starts_with("deny ") || rule.starts_with("audit deny ") {
        return false;
    }
    if rule.contains("flags=") {
        return ["complain", "unconfined"].iter().any(|flag| rule.contains(flag));
    }
    let Some(rule) = rule.strip_suffix(',') else { return false };
    let words = || rule.split_whitespace().filter(|word| !["audit", "allow", "owner", "file"].contains(word));
    if rule == "file" || rule == "capability" {
        return true;
    }
    if words().next() == Some("capability") {
        return words().any(|word| CAPABILITIES.contains(&word.trim_end_matches(',')));
    }
    let path = words().next().unwrap_or_default().trim_matches('"');
    let rights = words().nth(1).unwrap_or_default();
    let unconfined =
        (path.starts_with('/') || path.starts_with('@')) && rights.to_ascii_lowercase().contains("ux");
    let tree = ["/**", "/{,**}", "/{**,}"].iter().find_map(|all| path.strip_suffix(all));
    unconfined || tree.is_some_and(|tree| TREES.contains(&tree.trim_end_matches('/')))
}
