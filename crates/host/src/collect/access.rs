//! Who may do what: accounts, groups, polkit rules, sshd; and Baluarte's own profile, policy and exceptions.

use super::mask;
use crate::recorder::Recorder;

/// Most sshd files read, so that an `Include` of a large directory stays bounded.
const SSHD_FILES: usize = 64;

pub(super) fn accounts(recorder: &mut Recorder) {
    recorder.masked("etc/passwd", mask::accounts);
    recorder.masked("etc/group", mask::accounts);
    for directory in ["etc/polkit-1/rules.d", "usr/share/polkit-1/rules.d", "run/polkit-1/rules.d"] {
        for key in recorder.files(directory, ".rules") {
            recorder.file(&key);
        }
    }
    for directory in ["etc/polkit-1/localauthority/50-local.d", "etc/polkit-1/localauthority.conf.d"] {
        for name in recorder.names(directory) {
            recorder.file(&format!("{directory}/{name}"));
        }
    }
}

/// sshd_config and what it includes, below `/etc/ssh` or `/usr/etc/ssh`. Relative patterns are below `/etc/ssh` (sshd_config(5)).
pub(super) fn sshd(recorder: &mut Recorder) {
    // openSUSE's own file, which one in /etc takes the place of.
    let mains = ["etc/ssh/sshd_config", "usr/etc/ssh/sshd_config"];
    let read = |key| recorder.file(key).map(|bytes| (key, bytes.to_vec()));
    let Some((main, bytes)) = mains.into_iter().find_map(read) else { return };
    let mut left = SSHD_FILES;
    formats::conf::sshd::Config::load(main, &bytes, |pattern| {
        let pattern = pattern.strip_prefix('/').map_or_else(|| format!("etc/ssh/{pattern}"), str::to_owned);
        let mut files = vec![];
        for key in expand(recorder, &pattern) {
            if left == 0 {
                break;
            }
            left -= 1;
            if let Some(bytes) = recorder.file(&key) {
                files.push((key.clone(), bytes.to_vec()));
            }
        }
        files
    });
}

/// The files a glob names; only its last part may hold `*`, which is what `Include` is used with.
fn expand(recorder: &mut Recorder, pattern: &str) -> Vec<String> {
    let Some((directory, base)) = pattern.rsplit_once('/') else { return vec![] };
    if !base.contains('*') {
        return vec![pattern.to_owned()];
    }
    let names = recorder.names(directory);
    names
        .iter()
        .filter(|name| model::exception::glob(base, name))
        .map(|name| format!("{directory}/{name}"))
        .collect()
}

/// `/etc/baluarte`: part of the evidence.
pub(super) fn policy(recorder: &mut Recorder) {
    for name in ["profile.toml", "exceptions.toml", "policy.toml"] {
        recorder.file(&format!("etc/baluarte/{name}"));
    }
    recorder.file("var/lib/baluarte/proofs.json");
}
