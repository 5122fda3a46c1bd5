//! Debian's packages that the tests of real parts and the lab need.
use crate::tools;
use std::process::Command;

/// What tier 3 needs.
pub const REAL: &[&str] = &[
    "libvirt-daemon-system",
    "libvirt-clients",
    "qemu-system-x86",
    "qemu-utils",
    "nftables",
    "iproute2",
    "auditd",
    "libxml2-utils",
    "cryptsetup-bin",
    "gnutls-bin",
    "ebtables",
    "openssh-server",
    "polkitd",
];

/// Why a tier can't run.
#[derive(Debug)]
pub enum Lack {
    /// It was not to be expected here.
    Skip(String),
    /// It should have worked.
    Fail(String),
}

/// Runs `"$@"` while a policy keeps packages from starting their services: the tests start private ones. A policy
/// that is there already stays; ours goes with the shell, also on Ctrl-C.
const WITHOUT_SERVICES: &str = r#"
policy=$1; shift
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\n# temporary: by cargo xtask test\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
"$@"
"#;
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs what is missing where that can be done.
pub fn prepare(needed: &[&str], install: bool) -> Result<(), Lack> {
    let root = rustix::process::geteuid().is_root();
    if tools::on_path("dpkg-query").is_none() || tools::on_path("apt-get").is_none() {
        if !root {
            return Err(Lack::Skip("tests of real parts need root".into()));
        }
        println!("no apt here: the tests use what they find of {needed:?}");
        return Ok(());
    }
    let missing: Vec<&str> = needed.iter().copied().filter(|p| !is_installed(p)).collect();
    if !missing.is_empty() {
        println!("missing packages: {}", missing.join(" "));
    }
    match (root, missing.is_empty(), install) {
        (false, true, _) => Err(Lack::Skip("tests of real parts need root".into())),
        (false, false, _) => Err(Lack::Skip("tests of real parts need root, and the packages above".into())),
        (true, true, _) => Ok(()),
        (true, false, false) => Err(Lack::Skip("--no-install, and packages are missing".into())),
        (true, false, true) => self::install(&missing).map_err(Lack::Fail),
    }
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Abbrev}", package]);
    tools::output(&mut query).is_ok_and(|s| s.starts_with("ii"))
}

/// Never killed at a deadline: a package half set up is worse than a late test. Its waits have limits of their own.
fn install(missing: &[&str]) -> Result<(), String> {
    println!("installing them; no service is started");
    let quiet =
        |c: &mut Command| tools::succeeds(c.env("DEBIAN_FRONTEND", "noninteractive")).unwrap_or(false);
    if !quiet(apt(&["update"]).arg("--quiet")) {
        println!("apt-get update failed; going on with the lists that are here");
    }
    let packages: Vec<String> = missing.iter().map(|p| (*p).to_owned()).collect();
    if quiet(&mut apt_install(&[], &packages)) {
        return Ok(());
    }
    // A backport of one part of QEMU conflicts with the release's other parts.
    let release = codename(&std::fs::read_to_string("/etc/os-release").unwrap_or_default());
    let Some(release) = release else { return Err("apt-get install failed, see above".into()) };
    let pinned = pinned(&installed_backports(), &packages, &release);
    println!("trying again with QEMU's parts at the version of {release}: {}", pinned.join(" "));
    match quiet(&mut apt_install(&["--allow-downgrades"], &pinned)) {
        true => Ok(()),
        false => Err(format!("apt-get could not install {}, see above", missing.join(" "))),
    }
}

fn apt(args: &[&str]) -> Command {
    let mut apt = Command::new("sh");
    let limits =
        ["-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30", "-o", "DPkg::Lock::Timeout=60"];
    apt.args(["-c", WITHOUT_SERVICES, "sh", POLICY, "apt-get"]).args(limits).args(args);
    apt
}

fn apt_install(options: &[&str], packages: &[String]) -> Command {
    let mut apt = apt(&["install", "--yes", "--quiet", "--no-install-recommends"]);
    apt.args(options).args(packages);
    apt
}

/// QEMU packages of another origin that are installed.
fn installed_backports() -> Vec<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Abbrev} ${Package} ${Version}\n", "qemu*"]);
    backports(&tools::output(&mut query).unwrap_or_default())
}

fn backports(listed: &str) -> Vec<String> {
    let line = |l: &str| {
        let (status, rest) = l.split_once(' ')?;
        let (package, version) = rest.trim().split_once(' ')?;
        (status.starts_with("ii") && version.contains("~bpo")).then(|| package.to_owned())
    };
    listed.lines().filter_map(line).collect()
}

/// The packages, with the backported ones (or qemu-utils, the known offender) pinned to the release.
fn pinned(backports: &[String], packages: &[String], release: &str) -> Vec<String> {
    let known = ["qemu-utils".to_owned()];
    let pins = if backports.is_empty() { &known[..] } else { backports };
    let others = packages.iter().filter(|p| !pins.contains(p)).cloned();
    others.chain(pins.iter().map(|p| format!("{p}/{release}"))).collect()
}

fn codename(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|l| l.strip_prefix("VERSION_CODENAME="))?;
    Some(value.trim_matches('"').to_owned()).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_there_while_it_runs_and_then_gone() {
        let policy = tools::empty_dir("policy").join("policy-rc.d");
        let with = |command: &str| {
            let args = ["-c", WITHOUT_SERVICES, "sh"];
            Command::new("sh")
                .args(args)
                .arg(&policy)
                .args(["sh", "-c", command, "sh"])
                .arg(&policy)
                .status()
                .unwrap()
        };
        assert_eq!(with("\"$1\"; test $? = 101 || exit 1; exit 7").code(), Some(7));
        assert!(!policy.exists());
        std::fs::write(&policy, "theirs").unwrap();
        assert!(with("true").success());
        assert_eq!(std::fs::read_to_string(&policy).unwrap(), "theirs");
    }

    #[test]
    fn backports_are_pinned_to_the_release() {
        let listed =
            "ii  qemu-utils 1:10.0.2~bpo12+1\nrc  qemu-old 1:9~bpo12+1\nii  qemu-system-common 1:7.2\n";
        let found = backports(listed);
        assert_eq!(found, ["qemu-utils"]);
        let wanted = ["auditd".to_owned(), "qemu-system-x86".to_owned()];
        assert_eq!(pinned(&found, &wanted, "bookworm"), ["auditd", "qemu-system-x86", "qemu-utils/bookworm"]);
        assert_eq!(pinned(&[], &["qemu-utils".to_owned()], "bookworm"), ["qemu-utils/bookworm"]);
    }

    #[test]
    fn the_release_is_named_by_os_release() {
        assert_eq!(codename("ID=debian\nVERSION_CODENAME=bookworm\n").as_deref(), Some("bookworm"));
        assert_eq!(codename("ID=void\n"), None);
    }
}
