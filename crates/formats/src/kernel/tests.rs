//! Texts of the kernel: real ones, broken ones, hostile ones.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::{
    choice::Ranges,
    cmdline::CommandLine,
    label::{AppArmorLabel, Context, Mode},
    process::Seccomp,
    socket::Protocol,
    vulnerability::State,
    *,
};
use crate::Span;

#[test]
fn command_lines_are_split_as_the_kernel_does() {
    let bytes = b"BOOT_IMAGE=/vmlinuz ro intel_iommu=on \"dyndbg=file a.c +p\" x=\"a b\" iommu.passthrough=0 intel-iommu=off,sm_on quiet -- init=x\n";
    let line = CommandLine::parse(bytes).unwrap();
    let names: Vec<&str> = line.arguments.iter().map(|argument| argument.name.value.as_str()).collect();
    assert_eq!(
        names,
        ["BOOT_IMAGE", "ro", "intel_iommu", "dyndbg", "x", "iommu.passthrough", "intel-iommu", "quiet"]
    );
    assert_eq!(line.get("intel_iommu").unwrap().text(), "off,sm_on", "the last counts, and - is _");
    assert_eq!(line.first("intel-iommu").unwrap().text(), "on");
    assert_eq!(line.words("intel_iommu").collect::<Vec<_>>(), ["on", "off", "sm_on"]);
    assert_eq!(line.get("dyndbg").unwrap().text(), "file a.c +p");
    let quoted = line.get("x").unwrap();
    assert_eq!((quoted.text(), &bytes[quoted.value.as_ref().unwrap().span.range()]), ("a b", &b"a b"[..]));
    assert_eq!(&bytes[quoted.span.range()], b"x=\"a b\"");
    assert!(line.get("quiet").unwrap().value.is_none() && line.get("init").is_none());
    assert_eq!(&bytes[line.init.unwrap().range()], b"init=x");
    assert_eq!(CommandLine::parse(b"a=\"b c").unwrap().get("a").unwrap().text(), "b c");
    assert_eq!(CommandLine::parse(b"=x \"").unwrap().arguments.len(), 2);
}

const STATUS: &str = "Name:\tqemu-system-x86\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t42\nPPid:\t1\nUid:\t107\t107\t107\t107\nGid:\t36\t36\t36\t36\nGroups:\t36 107 \nThreads:\t6\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000001000\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n";

#[test]
fn a_process_says_who_it_is() {
    let status = process::status(STATUS.as_bytes()).unwrap();
    assert_eq!((status.name.as_str(), status.parent, status.threads), ("qemu-system-x86", 1, 6));
    assert!(status.uid.value.any(107) && !status.uid.value.any(0));
    assert_eq!(&STATUS[status.uid.span.range()], "107\t107\t107\t107");
    assert_eq!(status.groups.value, [36, 107]);
    assert_eq!(status.capabilities.value.effective, capability::bit("CAP_NET_ADMIN").unwrap());
    assert_eq!(&STATUS[status.capabilities.span.range()], "0000000000001000");
    assert_eq!(status.seccomp.unwrap().value, Seccomp::Filter);
    assert!(status.no_new_privileges.unwrap().value);
    let old = process::status(STATUS.replace("Seccomp:\t2\n", "").as_bytes()).unwrap();
    assert_eq!(old.seccomp, None);
    assert!(process::status(STATUS.replace("Uid:\t107", "Uid:\tx").as_bytes()).is_err());
    assert!(process::status(STATUS.replace("Seccomp:\t2", "Seccomp:\t7").as_bytes()).is_err());
    assert!(process::status(b"Name:\tx\n").is_err());
    assert_eq!(
        capability::names(1 << 12 | 1 << 40 | 1 << 60),
        ["net_admin", "checkpoint_restore", "capability-60"]
    );
}

#[test]
fn start_times_and_cgroups() {
    let stat = b"42 (a b) R 1) S 1 42 42 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 6 0 123456 1000 200\n";
    assert_eq!(process::start_time(stat), Ok(123_456));
    assert!(process::start_time(b"42 (x) S 1").is_err());
    let groups = process::cgroups(b"4:cpu,cpuacct:/a\n0::/machine.slice/m:1\n").unwrap();
    assert_eq!((groups[0].hierarchy, groups[0].controllers.len()), (4, 2));
    assert_eq!(groups[1].path.value, "/machine.slice/m:1");
    assert!(groups[1].controllers.is_empty());
    assert!(process::cgroups(b"x\n").is_err());
}

#[test]
fn mounts_and_swap() {
    let text = b"36 35 98:0 /a\\040b /mnt\\012 rw,nosuid master:1 shared:2 - ext4 /dev/root rw,errors=continue\n61 28 0:4 net:[4026532177] /run/netns/x rw - nsfs nsfs rw\n";
    let mounts = mount::mountinfo(text).unwrap();
    assert_eq!((mounts[0].root.as_str(), mounts[0].point.value.as_str()), ("/a b", "/mnt\n"));
    assert_eq!((mounts[0].id, mounts[0].parent, mounts[0].kind.as_str()), (36, 35, "ext4"));
    assert!(mounts[0].has("nosuid") && mounts[0].has("errors=continue") && !mounts[0].has("noexec"));
    assert_eq!(&text[mounts[0].options.span.range()], b"rw,nosuid");
    assert_eq!((mounts[1].kind.as_str(), mounts[1].root.as_str()), ("nsfs", "net:[4026532177]"));
    assert_eq!(mount::mountinfo(b"1 2 0:1 / / rw shared:1\n").unwrap_err().offset, 0);
    let swaps = b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/dm-1                               partition\t1048572\t\t12\t\t-2\n";
    let swap = &mount::swaps(swaps).unwrap()[0];
    assert_eq!(
        (swap.path.value.as_str(), swap.size, swap.used, swap.priority),
        ("/dev/dm-1", 1_048_572, 12, -2)
    );
    assert!(mount::swaps(b"header\n/dev/x partition\n").is_err());
}

#[test]
fn choices_and_ranges() {
    let lockdown = choice::choice(b"none [integrity] confidentiality\n").unwrap();
    assert_eq!((lockdown.chosen.value.as_str(), lockdown.chosen.span), ("integrity", Span::new(6, 15)));
    assert_eq!(lockdown.choices, ["none", "integrity", "confidentiality"]);
    assert_eq!(choice::choice(b"on\n").unwrap().chosen.value, "on");
    assert!(
        choice::choice(b"a b").is_err()
            && choice::choice(b"[a] [b]").is_err()
            && choice::choice(b"").is_err()
    );
    let cpus = choice::ranges(b"0-3,8,10-11\n").unwrap();
    assert_eq!(cpus, Ranges(vec![(0, 3), (8, 8), (10, 11)]));
    assert!(cpus.contains(2) && !cpus.contains(9));
    assert_eq!(cpus.count(), 7);
    assert_eq!(choice::ranges(b"\n"), Ok(Ranges(vec![])));
    for bad in ["3-1", "1,", "a", "+1", "1-2-3", "4294967296"] {
        assert!(choice::ranges(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn vulnerabilities_and_their_parts() {
    let read = |line: &str| vulnerability::parse(line.as_bytes()).unwrap();
    assert_eq!(read("Not affected\n").state.value, State::NotAffected);
    let l1tf = read("Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT vulnerable\n");
    assert_eq!(l1tf.state.value, State::Mitigation);
    assert_eq!(l1tf.part("VMX").unwrap().text.value, "conditional cache flushes");
    assert_eq!(l1tf.vulnerable_parts().map(|part| part.name.as_deref()).collect::<Vec<_>>(), [Some("SMT")]);
    assert_eq!(read("KVM: Vulnerable").state.value, State::Vulnerable);
    assert_eq!(read("KVM: Mitigation: VMX disabled").part("KVM").unwrap().state, Some(State::Mitigation));
    assert_eq!(read("Processor vulnerable").state.value, State::Vulnerable);
    assert_eq!(read("Unknown: Dependent on hypervisor status").state.value, State::Unknown);
    let v2 = read(
        "Mitigation: Retpolines; IBPB: conditional; STIBP: disabled; RSB filling; PBRSB-eIBRS: Not affected; BHI: Vulnerable",
    );
    assert_eq!(v2.part("PBRSB-eIBRS").unwrap().state, Some(State::NotAffected));
    assert_eq!(v2.vulnerable_parts().count(), 1);
    assert_eq!(v2.part("STIBP").unwrap().text.value, "disabled");
    assert_eq!(read("words of the future").state.value, State::Unknown);
    assert!(vulnerability::parse(b"\n").is_err() && vulnerability::parse(b";;").is_err());
}

fn masked(argv: &str) -> String {
    let mut bytes = argv.replace(' ', "\0").into_bytes();
    argv::mask_argv(&mut bytes);
    let once = bytes.clone();
    argv::mask_argv(&mut bytes);
    assert_eq!(bytes, once, "masked again, nothing changes");
    String::from_utf8(bytes).unwrap().replace('\0', " ")
}

#[test]
fn secrets_are_masked_in_place() {
    for (argv, expected) in [
        ("qemu -spice port=1,password=abc,seamless=on", "qemu -spice port=1,password=***,seamless=on"),
        ("qemu -vnc :0,password=on", "qemu -vnc :0,password=on"),
        ("qemu -object secret,id=s0,data=letmein", "qemu -object secret,id=s0,data=*******"),
        ("qemu -object secret,id=s,data=a,,b,format=raw", "qemu -object secret,id=s,data=****,format=raw"),
        ("qemu -drive file.password-secret=sec0,data=x", "qemu -drive file.password-secret=sec0,data=x"),
        ("qemu -blockdev a,file.cookie=xyz", "qemu -blockdev a,file.cookie=***"),
        ("tool --password=abc --passwd def", "tool --password=*** --passwd ***"),
        ("qemu -drive file=rbd:p/i:id=u:key=AQ==:x=1", "qemu -drive file=rbd:p/i:id=u:key=****:x=1"),
        ("qemu -drive file=https://u:pw@h/a:b@c", "qemu -drive file=https://u:**@h/a:b@c"),
        ("qemu -fw_cfg name=opt/x,string=key", "qemu -fw_cfg name=opt/x,string=***"),
        ("qemu -smbios type=11,value=cred", "qemu -smbios type=11,value=****"),
        (
            r#"qemu -object {"qom-type":"secret","id":"m","data":"a\"b"}"#,
            r#"qemu -object {"qom-type":"secret","id":"m","data":"****"}"#,
        ),
        (
            r#"qemu -object {"qom-type":"secret","id":"m","file":"/k"}"#,
            r#"qemu -object {"qom-type":"secret","id":"m","file":"/k"}"#,
        ),
    ] {
        assert_eq!(masked(argv), expected);
    }
    let arguments = argv::arguments(b"qemu\0-name\0\0x y\0").unwrap();
    let values: Vec<&str> = arguments.iter().map(|argument| argument.value.as_str()).collect();
    assert_eq!(values, ["qemu", "-name", "", "x y"]);
    assert_eq!(arguments[3].span, Span::new(12, 15));
}

/// libvirt's own expected command lines: one option and its value a line, in shell quotes.
#[test]
fn secrets_of_real_command_lines_are_masked() {
    let Ok(data) = std::env::var("BALUARTE_DATA") else {
        return println!("skipped: BALUARTE_DATA is not set");
    };
    let (mut files, mut secrets) = (0, 0);
    let folders = ["args/libvirt-9.0.0/qemuxml2argvdata", "args/libvirt-11.3.0/qemuxmlconfdata"];
    for file in folders.iter().flat_map(|folder| std::fs::read_dir(format!("{data}/{folder}")).unwrap()) {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "args") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let plain = text.replace(['\'', '\\'], "").replace([' ', '\n'], "\0");
        let mut bytes = plain.clone().into_bytes();
        argv::mask_argv(&mut bytes);
        let after = String::from_utf8(bytes).unwrap();
        let known = ["data=9eao", "data\":\"9eao", "data\":\"DrPR", "data\":\"BUU0"];
        secrets += known.iter().map(|secret| plain.matches(secret).count()).sum::<usize>();
        assert!(!known.iter().any(|secret| after.contains(secret)), "{}", path.display());
        if !known.iter().any(|secret| plain.contains(secret)) {
            assert_eq!(plain, after, "{}: nothing secret, and yet masked", path.display());
        }
        files += 1;
    }
    assert!(files > 500 && secrets > 40, "{files} files, {secrets} secrets");
}

const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   107        0 2345 1 0000000000000000 100 0 0 10 0\n   1: 0100007F:0CEA 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 99 1 0000000000000000 20 4 30 10 -1\n";
const TCP6: &str = "header\n   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1\n";
const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path\nffff8881: 00000002 00000000 00010000 0001 01 1111 /run/libvirt/libvirt-sock\nffff8882: 00000003 00000000 00000000 0001 03 2222\nffff8883: 00000002 00000000 00010000 0001 01 3333 @a\n/etc b\n";

#[test]
fn sockets_that_wait() {
    let sockets = socket::inet(TCP.as_bytes()).unwrap();
    assert_eq!(sockets[0].local.value, "127.0.0.1:3306".parse::<SocketAddr>().unwrap());
    assert_eq!((sockets[0].uid, sockets[0].inode), (107, 2345));
    assert!(sockets[0].waits(Protocol::Tcp) && !sockets[1].waits(Protocol::Tcp));
    assert_eq!(&TCP[sockets[0].local.span.range()], "0100007F:0CEA");
    assert_eq!(
        socket::inet(TCP6.as_bytes()).unwrap()[0].local.value,
        "[::1]:22".parse::<SocketAddr>().unwrap()
    );
    let kept = socket::only_waiting(Protocol::Tcp, TCP.as_bytes());
    assert_eq!(kept, TCP.lines().take(2).map(|line| format!("{line}\n")).collect::<String>().into_bytes());
    assert!(socket::inet(b"header\n 0: 0100007F:0CEA\n").is_err());

    let sockets = socket::unix(UNIX.as_bytes()).unwrap();
    assert_eq!(sockets[0].path.as_ref().unwrap().value, "/run/libvirt/libvirt-sock");
    assert!(sockets[0].listens && sockets[0].inode == 1111);
    assert!(sockets[1].path.is_none() && !sockets[1].waits());
    assert_eq!(sockets[2].path.as_ref().unwrap().value, "@a\n/etc b", "a name may hold a line feed");
    let kept = socket::only_waiting(Protocol::Unix, UNIX.as_bytes());
    assert!(!kept.windows(4).any(|window| window == b"2222" || window == b"/etc"));
    assert!(socket::unix(b"header\nx\n").is_err());
}

#[test]
fn labels_are_printed_as_they_were_read() {
    for text in [
        "system_u:system_r:svirt_t:s0:c392,c662",
        "system_u:object_r:svirt_image_t:s0:c0.c3,c5",
        "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
        "system_u:object_r:etc_t",
    ] {
        assert_eq!(Context::parse(text.as_bytes()).unwrap().to_string(), text);
    }
    let context = Context::parse(b"system_u:system_r:svirt_t:s0:c1.c3,c9\0").unwrap();
    assert_eq!(context.kind, "svirt_t");
    assert_eq!(context.categories().into_iter().collect::<Vec<_>>(), [1, 2, 3, 9]);
    for bad in
        ["", "a:b", "a:b:c:s0:", "a:b:c:s0:c2.c1", "a:b:c:x0", "a::c", "a:b:c:s0:c01", "a:b:c:s0:c99999"]
    {
        assert!(Context::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(Context::parse(b"a:b:c:s0:d1").unwrap_err().offset, 9);

    let label = AppArmorLabel::parse(b"libvirt-0a-1b (enforce)\n").unwrap();
    assert_eq!((label.profile.as_str(), &label.mode), ("libvirt-0a-1b", &Some(Mode::Enforce)));
    assert!(label.confined());
    let label = AppArmorLabel::parse(b"odd (name) (complain)").unwrap();
    assert_eq!((label.to_string().as_str(), label.confined()), ("odd (name) (complain)", false));
    assert_eq!(AppArmorLabel::parse(b"unconfined\n").unwrap().mode, None);
    assert!(AppArmorLabel::parse(b"\n").is_err());
}

#[test]
fn boot_ids() {
    assert_eq!(
        boot_id(b"01234567-89AB-cdef-0123-456789abcdef\n").unwrap(),
        "01234567-89ab-cdef-0123-456789abcdef"
    );
    assert_eq!(boot_id(b"01234567-89ab-cdef-0123_456789abcdef").unwrap_err().offset, 23);
    assert!(boot_id(b"").is_err());
}

/// Everything that reads a text.
fn read_all(bytes: &[u8]) {
    if let Ok(line) = CommandLine::parse(bytes) {
        assert!(line.arguments.iter().all(|argument| bytes.get(argument.span.range()).is_some()));
    }
    let _ = (process::status(bytes), process::start_time(bytes), process::cgroups(bytes));
    let _ = (mount::mountinfo(bytes), mount::swaps(bytes), choice::choice(bytes), choice::ranges(bytes));
    let _ = (vulnerability::parse(bytes), socket::inet(bytes), socket::unix(bytes), boot_id(bytes));
    if let Ok(context) = Context::parse(bytes) {
        assert_eq!(Context::parse(context.to_string().as_bytes()).unwrap(), context);
    }
    let _ = AppArmorLabel::parse(bytes);
    for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Unix] {
        assert!(socket::only_waiting(protocol, bytes).len() <= bytes.len() + 1);
    }
    let mut argv = bytes.to_vec();
    argv::mask_argv(&mut argv);
    assert_eq!(argv.len(), bytes.len());
    assert!(argv.iter().zip(bytes).all(|(after, before)| after == before || *after == b'*'));
    let once = argv.clone();
    argv::mask_argv(&mut argv);
    assert_eq!(argv, once);
}

proptest! {
    #[test]
    fn arbitrary_texts_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
    }

    #[test]
    fn texts_of_telling_bytes_do_no_harm(text in r#"[ \n\x00=",:;{}\[\]()@/\\a-c0-3._-]{0,80}"#) {
        read_all(text.as_bytes());
    }

    #[test]
    fn mutated_texts_do_no_harm(
        which in 0..5_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let argv = "qemu\0-object\0secret,data=x\0-drive\0file=rbd:p:key=q\0{\"password\":\"a\"}\0https://u:p@h";
        let mut bytes = [STATUS, TCP, UNIX, TCP6, argv][which].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_all(&bytes);
    }
}
