//! sshd_config(5): the first value, includes and `Match`.

use std::collections::HashMap;

use super::*;

fn load(main: &str, others: &[(&str, &str)]) -> Config {
    let map: HashMap<&str, Vec<(String, Vec<u8>)>> = others
        .iter()
        .map(|(path, text)| (*path, vec![((*path).to_owned(), text.as_bytes().to_vec())]))
        .collect();
    Config::load("/etc/ssh/sshd_config", main.as_bytes(), |pattern| {
        map.get(pattern).cloned().unwrap_or_default()
    })
}

fn effective(config: &Config, keyword: &str) -> Option<String> {
    config.effective(keyword).map(|effective| effective.value)
}

#[test]
fn the_first_value_wins_whatever_the_case() {
    let config =
        load("permitRootLogin \"no\" # x\nPermitRootLogin yes\nMaxAuthTries=3\nX11Forwarding = yes\n", &[]);
    assert_eq!(effective(&config, "PermitRootLogin").as_deref(), Some("no"));
    assert_eq!(effective(&config, "maxauthtries").as_deref(), Some("3"));
    assert_eq!(effective(&config, "X11Forwarding").as_deref(), Some("yes"));
    let found = config.get("PermitRootLogin").expect("set");
    let (path, span) = config.place(found).expect("a place");
    assert_eq!((path, span.start, span.end), ("/etc/ssh/sshd_config", 16, 20));
}

#[test]
fn defaults_are_those_of_openssh() {
    let config = load("", &[]);
    for (keyword, value) in [
        ("PermitRootLogin", "prohibit-password"),
        ("PasswordAuthentication", "yes"),
        ("ChallengeResponseAuthentication", "yes"),
        ("X11Forwarding", "no"),
        ("AllowTcpForwarding", "yes"),
        ("AllowStreamLocalForwarding", "yes"),
        ("DisableForwarding", "no"),
        ("MaxAuthTries", "6"),
    ] {
        let found = config.effective(keyword).expect(keyword);
        assert_eq!((found.value.as_str(), found.found), (value, None), "{keyword}");
    }
    assert_eq!(config.effective("AllowUsers"), None);
}

#[test]
fn included_files_stand_where_they_are_included() {
    let config = load(
        "Include sshd_config.d/*.conf\nPasswordAuthentication yes\n",
        &[(
            "/etc/ssh/sshd_config.d/*.conf",
            "PasswordAuthentication no\nMatch User git\nX11Forwarding yes\n",
        )],
    );
    assert_eq!(effective(&config, "PasswordAuthentication").as_deref(), Some("no"));
    // A Match block ends with the file it stands in: the second PasswordAuthentication is global.
    assert!(config.all("PasswordAuthentication").all(|found| found.block.is_none()));
    assert_eq!(effective(&config, "X11Forwarding").as_deref(), Some("no"));
    assert_eq!(config.files.len(), 2);
}

#[test]
fn match_blocks_are_kept_apart() {
    let config = load(
        "AllowUsers a\nAllowUsers b\nMatch Group libvirt\n  ForceCommand x\n  Include /x\nPermitTTY no\nMatch all\nPermitTTY yes\n",
        &[("/x", "PermitRootLogin yes\nMatch User root\nPermitRootLogin no\n")],
    );
    assert_eq!(effective(&config, "ForceCommand").as_deref(), Some("none"));
    assert_eq!(effective(&config, "PermitRootLogin").as_deref(), Some("prohibit-password"));
    let blocks: Vec<_> = config.blocks.iter().map(|b| (b.criteria.value.as_str(), b.within)).collect();
    assert_eq!(blocks, [("Group libvirt", None), ("User root", Some(0)), ("all", None)]);
    assert_eq!(config.overrides("PermitRootLogin").map(|f| f.block).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(config.overrides("PermitTTY").map(|f| f.block).collect::<Vec<_>>(), [Some(0), Some(2)]);
    assert_eq!(config.all("allowusers").count(), 2);
}

#[test]
fn includes_end() {
    let itself = load("Include /a /a\n", &[("/a", "Include /a /a\nPort 1\n")]);
    assert!(itself.files.len() <= MAX_FILES);
    assert!(!itself.errors.is_empty());
    let chain: Vec<(String, String)> =
        (0..20).map(|n| (format!("/{n}"), format!("Include /{}\n", n + 1))).collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let config = load("Include /0\n", &chain);
    assert_eq!((config.files.len(), config.errors.len()), (MAX_DEPTH + 1, 1));
}

#[test]
fn arguments_are_split_as_by_openssh() {
    assert_eq!(arguments("a \"b c\" 'd'e \\\"f # g"), ["a", "b c", "de", "\"f"]);
    assert_eq!(arguments("a#b"), ["a#b"]);
    assert_eq!(arguments("\"\""), [""]);
}

#[test]
fn errors_are_kept_apart() {
    let config = load("PermitRootLogin\n=x\nPort 22\n", &[]);
    assert_eq!(config.errors.iter().map(|(_, why)| why.offset).collect::<Vec<_>>(), [0, 16]);
}
