//! Who may do what: accounts, polkit rules, sshd's effective settings.

use formats::{
    access::{group, passwd, polkit},
    conf::sshd,
};

use super::Reader;
use crate::fact::{Fact, Key, Missing};

/// Accounts and groups.
#[derive(Debug)]
pub struct Accounts {
    /// `/etc/passwd`.
    pub users: Fact<passwd::Table<passwd::User>>,
    /// `/etc/group`.
    pub groups: Fact<passwd::Table<group::Group>>,
}

/// Everything about access to the host and to libvirt.
#[derive(Debug)]
pub struct Access {
    /// Accounts and groups.
    pub accounts: Accounts,
    /// polkit's rules files, in the order polkit reads them, each parsed or with the reason why not.
    pub polkit: Vec<(Key, Fact<Vec<polkit::Rule>>)>,
    /// sshd's settings; absent where there is no sshd.
    pub sshd: Fact<sshd::Config>,
}

pub(super) fn derive(reader: &Reader) -> Access {
    Access {
        accounts: Accounts {
            users: reader.bytes("etc/passwd").map(passwd::parse),
            groups: reader.bytes("etc/group").map(group::parse),
        },
        polkit: polkit_rules(reader),
        sshd: sshd(reader),
    }
}

/// sshd's main file: openSUSE ships its own below `/usr/etc`, and one in `/etc` takes its place.
fn sshd(reader: &Reader) -> Fact<sshd::Config> {
    let main = ["etc/ssh/sshd_config", "usr/etc/ssh/sshd_config"];
    let there =
        main.iter().find(|key| !matches!(reader.bytes(key), Fact::Absent(_) | Fact::NotCollected(..)));
    let path = there.copied().unwrap_or("etc/ssh/sshd_config");
    let mut missing = None;
    let config = reader.bytes(path).map(|bytes| {
        sshd::Config::load(path, bytes, |pattern| {
            included(reader, pattern).unwrap_or_else(|error| {
                missing.get_or_insert(error);
                vec![]
            })
        })
    });
    // Half a configuration judged is worse than none: the half that can't be read may come first.
    missing.map_or(config, |missing| Fact::Unreadable(missing.key, missing.why))
}

/// polkit(8): both directories together, ordered by file name, `/etc` before `/usr` where names are equal.
fn polkit_rules(reader: &Reader) -> Vec<(Key, Fact<Vec<polkit::Rule>>)> {
    let mut keys: Vec<String> =
        ["etc/polkit-1/rules.d", "run/polkit-1/rules.d", "usr/share/polkit-1/rules.d"]
            .iter()
            .flat_map(|directory| reader.below(directory, ".rules"))
            .collect();
    keys.sort_by(|a, b| a.rsplit('/').next().cmp(&b.rsplit('/').next()));
    // Untrimmed: the rules' places are bytes of the file.
    let rules = |bytes| {
        std::str::from_utf8(bytes)
            .map_err(|_| "it is not UTF-8".to_owned())
            .and_then(|text| polkit::rules(text).map_err(|error| error.to_string()))
    };
    keys.into_iter().map(|key| (key.as_str().into(), reader.bytes(&key).and_then(rules))).collect()
}

/// The recorded files that a pattern of `Include` names.
fn included(reader: &Reader, pattern: &str) -> Result<Vec<(String, Vec<u8>)>, Missing> {
    let pattern = pattern.strip_prefix('/').map_or_else(|| format!("etc/ssh/{pattern}"), str::to_owned);
    let Some((directory, base)) = pattern.rsplit_once('/') else { return Ok(vec![]) };
    let keys = if base.contains('*') {
        let listed = reader.names(directory);
        let names = listed.known()?.copied().unwrap_or_default().iter();
        names
            .filter(|name| crate::exception::glob(base, name))
            .map(|name| format!("{directory}/{name}"))
            .collect()
    } else {
        vec![pattern.clone()]
    };
    let mut files = vec![];
    for key in keys {
        if let Some(bytes) = reader.bytes(&key).known()? {
            files.push((key, bytes.to_vec()));
        }
    }
    Ok(files)
}
