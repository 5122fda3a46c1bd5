//! QEMU's bridge helper has no privileges of its own, and lets nobody onto every bridge.
//!
//! ## Why
//! `qemu-bridge-helper` plugs a tap into a bridge for whoever runs it, as root. Only session VMs (`qemu:///session`)
//! need that; libvirt's system daemon opens taps itself. With `allow all` every local user puts a machine on every
//! bridge, the management network's too.
//!
//! ## Where
//! Set-user-ID and set-group-ID bits and `security.capability` of `/usr/lib/qemu/qemu-bridge-helper` and
//! `/usr/libexec/qemu-bridge-helper`; `allow all` in `/etc/qemu/bridge.conf`. Fedora and its kin ship it set-user-ID.
//!
//! ## Fix
//! Take the bits away (`chmod u-s,g-s`; on Debian record it with `dpkg-statoverride`), and name the bridges in
//! `/etc/qemu/bridge.conf`. A package update may bring the bits back: then grant an exception, or mask the file.
//!
//! ## Undo
//! `chmod u+s` and the former line.
//!
//! ```fails
//! -- usr/lib/qemu/qemu-bridge-helper mode=4755 inode --
//! ```
//! ```fails
//! -- usr/libexec/qemu-bridge-helper mode=0755 inode xattr=security.capability=0x0100000200100000 --
//! ```
//! ```fails
//! -- usr/lib/qemu/qemu-bridge-helper mode=0755 inode --
//! -- etc/qemu/bridge.conf --
//! # our bridge
//! allow br0
//! allow all
//! ```
//! ```passes
//! -- usr/lib/qemu/qemu-bridge-helper mode=0755 inode --
//! -- etc/qemu/bridge.conf --
//! allow br0
//! ```
use formats::{Span, Splice};
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The bridge helper has no privileges",
        pt: "O auxiliar de bridge não tem privilégios",
        id: "Pembantu bridge tidak memiliki hak istimewa",
    },
    why: "With it, a local user puts a machine on any bridge, the management network's too.",
    references: &[
        "guide 2, Guests rodando como root",
        "QEMU docs/system/security.rst",
        "QEMU qemu-options.hx, bridge helper",
    ],
};

/// Where distributions put it.
const HELPERS: [&str; 2] = ["usr/lib/qemu/qemu-bridge-helper", "usr/libexec/qemu-bridge-helper"];
/// Who may use it for which bridge.
const ACL: &str = "etc/qemu/bridge.conf";
/// Set-user-ID and set-group-ID.
const SET_ID: u32 = 0o6000;
/// File capabilities, capabilities(7).
const CAPABILITY: &str = "security.capability";

/// The lines of the ACL that let everybody onto every bridge.
fn open_lines(bytes: &[u8]) -> Vec<Span> {
    let mut at = 0;
    let mut found = vec![];
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        if words == [b"allow".as_slice(), b"all"] {
            found.push(Span::new(at, at + line.len()));
        }
        at += line.len();
    }
    found
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for helper in HELPERS {
        let stat = evidence.stat(helper);
        let Some(found) = stat.known()? else { continue };
        let capable = found.xattrs.contains_key(CAPABILITY);
        let seen = format!(
            "mode {:04o}{}",
            found.permissions(),
            if capable { ", with file capabilities" } else { "" }
        );
        let fine = found.mode & SET_ID == 0 && !capable;
        (if fine { &mut right } else { &mut wrong }).push(Cite::whole(stat.key(), seen));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there is no bridge helper"));
    }
    let acl = evidence.bytes(ACL);
    if let Some(bytes) = acl.known()? {
        wrong.extend(open_lines(bytes).into_iter().map(|line| Cite::bytes(acl.key(), line, "allow all")));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    for helper in HELPERS {
        let Some(stat) = evidence.stat(helper).known()?.copied() else { continue };
        let path = format!("/{helper}");
        if stat.mode & SET_ID != 0 {
            let action = Action::SetMode { path: path.clone(), mode: stat.permissions() & !SET_ID };
            changes.push(Change::new(action, Disposition::Live));
        }
        if stat.xattrs.contains_key(CAPABILITY) {
            let action = Action::SetXattr { path, name: CAPABILITY.to_owned(), value: None };
            changes.push(Change::new(action, Disposition::Live));
        }
    }
    if !changes.is_empty() || matches!(judge(evidence, &(), Reading::Effective)?, Verdict::Fail(_)) {
        let lines = evidence.bytes(ACL).known()?.map(|bytes| open_lines(bytes)).unwrap_or_default();
        let splices = lines.into_iter().map(|line| Splice::new(line, "")).collect();
        changes.extend(ask::edit(format!("/{ACL}"), splices, Disposition::Live));
    }
    Ok(changes)
}
