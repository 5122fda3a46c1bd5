//! The private libvirt, for real: daemons, QEMU, filters, a crash, and an end that leaves nothing.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // Helpers of tests, which the lints' own exemption misses.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use testkit::domains::{BRIDGE, neglected, put_right};
use testkit::libvirt::{self, Options, PrivateLibvirt};
use testkit::scratch::Scratch;

/// A daemon or the reason to skip, printed.
fn start(options: &Options) -> Option<PrivateLibvirt> {
    if let Err(why) = libvirt::need() {
        println!("skipped: {why}");
        return None;
    }
    let begin = Instant::now();
    let started = PrivateLibvirt::start(options).unwrap();
    println!("a private libvirt answered after {:?}", begin.elapsed());
    Some(started)
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// The value of a line of /proc/PID/status.
fn status(libvirt: &PrivateLibvirt, pid: u32, key: &str) -> String {
    let text = fs::read_to_string(libvirt.proc_dir(pid).join("status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every process outside whose PID namespace is the given one.
fn members(namespace: &Path) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|entry| fs::read_link(entry.path().join("ns/pid")).is_ok_and(|its| its == namespace))
        .count()
}

#[test]
fn both_machines_run_and_nothing_is_left() {
    let before = mounts();
    let bridge_of_mine = format!("/sys/class/net/{BRIDGE}");
    let Some(libvirt) = start(&Options::default()) else { return };
    let scratch = Scratch::new().unwrap();
    let raw = scratch.image("neglected.img", "raw", 4, 0o644).unwrap();
    let qcow2 = scratch.image("right.qcow2", "qcow2", 4, 0o600).unwrap();
    libvirt.add_bridge(BRIDGE).unwrap();
    libvirt.define(&neglected("neglected", &raw)).unwrap();
    libvirt.define(&put_right("right", &qcow2)).unwrap();
    for name in ["neglected", "right"] {
        libvirt.start_domain(name).unwrap();
        check_process(&libvirt, name);
    }
    check_neglected(&libvirt);
    check_put_right(&libvirt, &qcow2);

    let namespace = fs::read_link(format!("/proc/{}/ns/pid", libvirt.namespace().init())).unwrap();
    assert!(members(&namespace) >= 6, "init, cat, two daemons, two machines");
    drop(libvirt);
    assert_eq!(members(&namespace), 0);
    assert_eq!(mounts(), before);
    assert!(!Path::new(&bridge_of_mine).exists());
    assert!(!cgroup_of("neglected").exists());
    assert!(!Path::new("/etc/libvirt/qemu/neglected.xml").exists());
    assert!(!Path::new("/run/libvirt/qemu/neglected.xml").exists());
    let directory = scratch.path().to_owned();
    drop(scratch);
    assert!(!directory.exists());
}

/// The machine's own mounts in the places that are private inside.
fn mounts() -> Vec<String> {
    let places = [&testkit::namespace::PRIVATE[..], &["/dev/kvm", "/sys", "/proc"]].concat();
    let table = fs::read_to_string("/proc/self/mounts").unwrap();
    let here = |line: &&str| line.split(' ').nth(1).is_some_and(|place| places.contains(&place));
    table.lines().filter(here).map(str::to_owned).collect()
}

fn cgroup_of(name: &str) -> PathBuf {
    PathBuf::from(format!("/sys/fs/cgroup/memory/machine/qemu-1-{name}.libvirt-qemu"))
}

fn check_process(libvirt: &PrivateLibvirt, name: &str) {
    let pid = libvirt.qemu_pid(name).unwrap();
    assert_eq!(libvirt.state(name).unwrap(), "running (booted)");
    let user = libvirt.run(&["id", "-u", "libvirt-qemu"]).unwrap();
    let user = user.trim();
    assert_eq!(status(libvirt, pid, "Uid"), format!("{user} {user} {user} {user}"));
    assert_eq!(status(libvirt, pid, "CapEff"), "0000000000000000");
    assert_eq!(status(libvirt, pid, "Seccomp"), "2");
    assert_eq!(status(libvirt, pid, "NoNewPrivs"), "1");
    let state = libvirt.namespace().read(&format!("/run/libvirt/qemu/{name}.xml")).unwrap();
    let state = String::from_utf8(state).unwrap();
    assert!(state.contains(&format!("<domstatus state='running' reason='booted' pid='{pid}'>")), "{state}");
    assert_eq!(state.contains("<taint flag='custom-argv'/>"), name == "neglected");
}

fn check_neglected(libvirt: &PrivateLibvirt) {
    let live = libvirt.dumpxml("neglected").unwrap();
    assert!(live.contains("<seclabel type='none' model='none'/>"), "{live}");
    let sockets = libvirt.namespace().read("/proc/1/net/tcp").unwrap();
    let sockets = String::from_utf8(sockets).unwrap();
    assert!(sockets.contains(" 00000000:170C 00000000:0000 0A "), "VNC listens on 0.0.0.0:5900\n{sockets}");
}

fn check_put_right(libvirt: &PrivateLibvirt, image: &Path) {
    let live = libvirt.dumpxml("right").unwrap();
    assert!(live.contains("<listen type='socket' socket='"), "{live}");
    assert!(live.contains("<seclabel type='dynamic' model='dac' relabel='yes'>"), "{live}");
    let image = fs::metadata(image).unwrap();
    assert_eq!((image.mode() & 0o777, image.uid()), (0o600, image_user(libvirt)));
    assert!(libvirt.virsh(&["nwfilter-binding-list"]).unwrap().contains("clean-traffic"));
    assert!(libvirt.run(&["ebtables-save"]).unwrap().contains("-j libvirt-I-vnet2"));
}

fn image_user(libvirt: &PrivateLibvirt) -> u32 {
    libvirt.run(&["id", "-u", "libvirt-qemu"]).unwrap().trim().parse().unwrap()
}

#[test]
fn two_daemons_at_once_do_not_meet() {
    let other = std::thread::spawn(|| start(&Options::default()));
    let Some(one) = start(&Options::default()) else { return };
    let two = other.join().unwrap().unwrap();
    let scratch = Scratch::new().unwrap();
    let mut pids = Vec::new();
    for (number, libvirt) in [&one, &two].into_iter().enumerate() {
        let image = scratch.image(&format!("{number}.img"), "raw", 1, 0o644).unwrap();
        libvirt.add_bridge(BRIDGE).unwrap();
        libvirt.define(&neglected("same", &image)).unwrap();
        libvirt.start_domain("same").unwrap();
        pids.push(libvirt.proc_dir(libvirt.qemu_pid("same").unwrap()));
    }
    let uuids = [&one, &two].map(|libvirt| libvirt.virsh(&["domuuid", "same"]).unwrap());
    assert_ne!(uuids[0], uuids[1]);
    drop(one);
    assert!(!pids[0].exists());
    assert!(pids[1].exists());
    assert_eq!(two.state("same").unwrap(), "running (booted)");
}

#[test]
fn libvirt_notices_a_killed_machine_and_survives_a_restart() {
    let Some(libvirt) = start(&Options::default()) else { return };
    let scratch = Scratch::new().unwrap();
    let image = scratch.image("disk.img", "raw", 1, 0o644).unwrap();
    libvirt.add_bridge(BRIDGE).unwrap();
    libvirt.define(&neglected("victim", &image)).unwrap();
    libvirt.start_domain("victim").unwrap();
    let pid = libvirt.qemu_pid("victim").unwrap();

    libvirt.restart_libvirtd().unwrap();
    assert_eq!(libvirt.state("victim").unwrap(), "running (booted)");
    assert_eq!(libvirt.qemu_pid("victim").unwrap(), pid);

    libvirt.run(&["sh", "-c", &format!("kill -9 {pid}")]).unwrap();
    until("libvirt notices", || libvirt.state("victim").unwrap() == "shut off (crashed)");
    assert!(!libvirt.proc_dir(pid).exists());
    libvirt.start_domain("victim").unwrap();
    libvirt.destroy("victim").unwrap();
    libvirt.undefine("victim").unwrap();
    assert!(libvirt.dumpxml("victim").is_err());
}

#[test]
fn tcp_listens_on_the_private_loopback_only() {
    let Some(libvirt) = start(&Options::open_tcp()) else { return };
    let version = libvirt.run(&["virsh", "-c", "qemu+tcp://127.0.0.1/system", "version"]).unwrap();
    assert!(version.contains("Running hypervisor: QEMU"), "{version}");
    assert!(std::net::TcpStream::connect("127.0.0.1:16509").is_err());
}

#[test]
fn configuration_is_laid_over_and_a_bad_one_is_reported() {
    let laid = Options { qemu_conf: Some("vnc_listen = \"127.0.0.2\"\n".into()), ..Options::default() };
    let Some(libvirt) = start(&laid.with_file("/etc/pki/CA/cacert.pem", "x", 0o644)) else { return };
    assert_eq!(libvirt.run(&["cat", "/etc/libvirt/qemu.conf"]).unwrap(), "vnc_listen = \"127.0.0.2\"\n");
    assert_eq!(libvirt.run(&["cat", "/etc/pki/CA/cacert.pem"]).unwrap(), "x");
    let bad = Options { qemu_conf: Some("vnc_tls = \"1\"\n".into()), ..Options::default() };
    let error = PrivateLibvirt::start(&bad).unwrap_err();
    assert!(error.contains("vnc_tls"), "{error}");
}
