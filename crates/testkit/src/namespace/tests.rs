//! What the namespaces promise: privacy, and an end that leaves nothing.

use super::*;

fn namespace() -> Option<Namespace> {
    match need() {
        Ok(()) => Some(Namespace::new().unwrap()),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

fn said(namespace: &Namespace, script: &str) -> String {
    let output = namespace.exec(&["sh", "-c", script]).unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn paths_outside_the_private_directories_are_refused() {
    assert_eq!(split("/etc/libvirt/qemu.conf").map(|(base, names)| (base, names.len())), Some(("/etc", 2)));
    for bad in ["/etc", "/etc/", "/etcetera/x", "/etc/../root/x", "/usr/bin/x", "etc/x", "/var/lib/x", ""] {
        assert!(split(bad).is_none(), "{bad}");
    }
}

#[test]
fn writes_stay_inside_and_pass_no_link() {
    let Some(namespace) = namespace() else { return };
    namespace.write("/etc/baluarte-test/deep/file", b"inside", 0o640).unwrap();
    assert_eq!(namespace.read("/etc/baluarte-test/deep/file").unwrap(), b"inside");
    assert_eq!(said(&namespace, "stat -c %a:%u /etc/baluarte-test/deep/file"), "640:0");
    assert!(!Path::new("/etc/baluarte-test").exists());
    namespace.write("/etc/hostname", b"private\n", 0o644).unwrap();
    assert_ne!(fs::read("/etc/hostname").unwrap_or_default(), b"private\n");
    said(&namespace, "ln -s /usr/share /run/way-out; ln -s /usr/share/file /run/link-out");
    assert!(namespace.write("/run/way-out/baluarte-test", b"x", 0o600).is_err());
    assert!(namespace.write("/run/link-out", b"x", 0o600).is_err());
    assert!(namespace.write("/usr/share/baluarte-test", b"x", 0o600).is_err());
}

#[test]
fn processes_interfaces_and_cgroups_are_its_own() {
    let Some(namespace) = namespace() else { return };
    assert_eq!(said(&namespace, "cat /proc/1/comm"), "sh");
    assert_eq!(said(&namespace, "ls /sys/class/net"), "lo");
    assert_eq!(said(&namespace, "grep -c cgroup /proc/mounts || true"), "0");
    // mount(8) keeps its table in /run/mount.
    assert_eq!(said(&namespace, "ls -A /run | grep -v '^mount$' || true"), "");
    assert_eq!(namespace.exec(&["no-such-command"]).unwrap().status.code(), Some(127));
}

#[test]
fn orphans_are_reaped() {
    let Some(namespace) = namespace() else { return };
    let orphan = said(&namespace, "sleep 60 >/dev/null 2>&1 & echo $!");
    said(&namespace, &format!("kill -9 {orphan}; sleep 0.2"));
    assert_eq!(said(&namespace, &format!("ls -d /proc/{orphan} 2>/dev/null || echo gone")), "gone");
}

/// How many processes there are whose PID namespace is the given one.
fn members(namespace: &Path) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|entry| fs::read_link(entry.path().join("ns/pid")).is_ok_and(|its| its == namespace))
        .count()
}

#[test]
fn the_end_takes_every_process_along() {
    let Some(namespace) = namespace() else { return };
    said(&namespace, "sleep 12345 >/dev/null 2>&1 & sleep 0.1");
    let mine = fs::read_link(format!("/proc/{}/ns/pid", namespace.init())).unwrap();
    assert!(members(&mine) >= 3, "init, its cat and the sleeper");
    drop(namespace);
    assert_eq!(members(&mine), 0);
}

/// Set in the process that is to be killed.
const VICTIM: &str = "BALUARTE_TEST_VICTIM";

#[test]
fn an_owner_that_is_killed_leaves_nothing_either() {
    let Some(namespace) = namespace() else { return };
    said(&namespace, "sleep 12345 >/dev/null 2>&1 &");
    if std::env::var_os(VICTIM).is_some() {
        println!("init={}", namespace.init());
        sleep(Duration::from_secs(60));
        return;
    }
    let name = "namespace::tests::an_owner_that_is_killed_leaves_nothing_either";
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let init = lines.find_map(|line| Some(line.split_once("init=")?.1.to_owned())).unwrap();
    let its = fs::read_link(format!("/proc/{init}/ns/pid")).unwrap();
    assert!(members(&its) >= 3);
    owner.kill().unwrap();
    owner.wait().unwrap();
    let deadline = Instant::now() + END;
    while members(&its) > 0 {
        assert!(Instant::now() < deadline, "processes outlive their owner");
        sleep(Duration::from_millis(10));
    }
}
