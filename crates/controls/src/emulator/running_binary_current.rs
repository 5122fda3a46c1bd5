//! A running VM uses the QEMU and the libraries that are installed now.
//!
//! ## Why
//! An update replaces files, not what is in memory. A VM that was started before it runs the old code, with the old
//! holes, until it is restarted or migrated; package managers and scanners see the new version and are content.
//!
//! ## Where
//! `/proc/PID/exe` and the executable mappings of `/proc/PID/maps`: the kernel adds ` (deleted)` where the file that was
//! opened is no longer there.
//!
//! ## Fix
//! Migrate the VM to an updated host, or shut it down and start it. A reboot from within the guest is not enough: QEMU
//! goes on.
//!
//! ## Undo
//! There is nothing to undo.
//!
//! ```fails
//! -- proc/4242/exe link=/usr/bin/qemu-system-x86_64\040(deleted) --
//! ```
//! ```fails
//! -- proc/4242/maps --
//! 7f10c8a00000-7f10c8b00000 r-xp 00026000 fe:01 1311022    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
//! ```
//! ```passes
//! -- proc/4242/maps --
//! 7f10c8a00000-7f10c8b00000 rwxp 00000000 00:01 2051       /memfd:tcg-jit (deleted)
//! 7f10c8c00000-7f10c8d00000 r--p 00026000 fe:01 1311022    /usr/lib/x86_64-linux-gnu/libssl.so.3
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Vm(Rule { judge, fix: Fix::Advice("migrate the VM, or shut it down and start it") }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The VM runs the QEMU that is installed",
        pt: "A VM roda o QEMU que está instalado",
        id: "VM menjalankan QEMU yang terpasang",
    },
    why: "The VM still runs the code from before the update, holes and all.",
    references: &["proc_pid_exe(5)", "proc_pid_maps(5)", "QEMU docs/system/security.rst"],
};

/// What the kernel adds to the name of a file that is gone (Linux fs/d_path.c).
const GONE: &str = " (deleted)";

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let mut tally = Tally::default();
    if let Some(exe) = tally.see(process.exe.required()) {
        tally.file(!exe.ends_with(GONE), Cite::whole(process.exe.key(), exe.clone()));
    }
    let maps = evidence.text(&process.key("maps"));
    for line in tally.see(maps.required().copied()).unwrap_or_default().lines() {
        if let Some(path) = replaced(line) {
            tally.wrong.push(Cite::whole(maps.key(), format!("{path}{GONE}")));
        }
    }
    tally.wrong.truncate(4);
    tally.verdict("the VM does not run")
}

/// The file behind an executable mapping, if it is gone. Memory that never had a name looks alike: `/memfd:`, `/dev/zero`,
/// `/SYSV…`, `/[aio]`.
fn replaced(line: &str) -> Option<&str> {
    let mut words = line.split_ascii_whitespace();
    let executable = words.nth(1)?.contains('x');
    let path = line.get(line.find('/')?..)?.strip_suffix(GONE)?;
    let nameless =
        ["/memfd:", "/dev/", "/SYSV", "/[", "/anon_hugepage"].iter().any(|prefix| path.starts_with(prefix));
    (executable && !nameless).then_some(path)
}
