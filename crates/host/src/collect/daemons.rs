//! systemd units of libvirt's daemons and their sockets, and the UNIX sockets themselves.

use crate::recorder::Recorder;

/// libvirt's daemons: libvirtd(8), and the modular ones of `docs/daemons.rst`.
pub(super) const DAEMONS: [&str; 11] = [
    "libvirtd",
    "virtqemud",
    "virtproxyd",
    "virtnetworkd",
    "virtnwfilterd",
    "virtsecretd",
    "virtstoraged",
    "virtnodedevd",
    "virtinterfaced",
    "virtlogd",
    "virtlockd",
];

/// Directories of systemd.unit(5), strongest first.
const UNITS: [&str; 3] = ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system"];
/// Where packaged units lie on systems without a merged /usr.
const UNMERGED: &str = "lib/systemd/system";

/// Units other than libvirt's that controls ask for.
const OTHERS: [&str; 6] =
    ["auditd.service", "ksm.service", "ksmtuned.service", "ssh.service", "sshd.service", "apparmor.service"];

pub(super) fn units(recorder: &mut Recorder) {
    // Written down, so that who reads the recording knows why nobody looked there.
    let merged = recorder.source.link("lib").is_ok() && recorder.link("lib").is_some();
    for directory in UNITS.into_iter().chain((!merged).then_some(UNMERGED)) {
        for name in recorder.names(directory) {
            let ours = DAEMONS.iter().any(|daemon| {
                name.strip_prefix(daemon).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('-'))
            });
            if !ours && !OTHERS.contains(&name.as_str()) {
                continue;
            }
            let key = format!("{directory}/{name}");
            if name.ends_with(".d") {
                for drop_in in recorder.files(&key, ".conf") {
                    recorder.file(&drop_in);
                }
            } else if name.ends_with(".wants") || name.ends_with(".requires") {
                recorder.names(&key);
            } else {
                recorder.file(&key);
                if !directory.contains("lib/") {
                    // A masked unit is a link to /dev/null, an alias a link to another unit.
                    mask_link(recorder, &key);
                }
            }
        }
    }
    for target in ["sockets.target.wants", "multi-user.target.wants"] {
        recorder.names(&format!("etc/systemd/system/{target}"));
    }
}

fn mask_link(recorder: &mut Recorder, key: &str) {
    if recorder.source.link(key).is_ok_and(|target| target == "/dev/null") {
        recorder.link(key);
    }
}

pub(super) fn sockets(recorder: &mut Recorder) {
    for name in recorder.names("run/libvirt") {
        if name.contains("sock") {
            recorder.inode(&format!("run/libvirt/{name}"));
        }
    }
}
