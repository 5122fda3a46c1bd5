//! Good input for each body: files of the base host, and small samples of what it does not have.

use formats::netlink::{message, push_attribute};

use crate::{archive, images, memory};

/// Files of the base host by their key, and whatever is made here.
pub(super) fn of(name: &str) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = keys(name).iter().filter_map(|key| file(key)).collect();
    seeds.extend(texts(name).iter().map(|text| text.as_bytes().to_vec()));
    seeds.extend(made(name));
    seeds
}

fn file(key: &str) -> Option<Vec<u8>> {
    let (_, parts) = archive::parse(memory::BASE).ok()?;
    parts.iter().find(|part| part.path == key)?.entry.body.bytes().map(<[u8]>::to_vec)
}

fn keys(name: &str) -> &'static [&'static str] {
    match name {
        "access_group" => &["etc/group"],
        "access_passwd" => &["etc/passwd"],
        "access_polkit" => &["etc/polkit-1/rules.d/60-libvirt-deny.rules"],
        "access_sasl" => &["etc/sasl2/libvirt.conf"],
        "conf_libvirt" => &["etc/libvirt/qemu.conf", "etc/libvirt/libvirtd.conf"],
        "conf_sshd" => &["etc/ssh/sshd_config", "etc/ssh/sshd_config.d/60-baluarte.conf"],
        "conf_sysctl" => &["etc/sysctl.d/60-baluarte.conf"],
        "conf_unit" => &[
            "usr/lib/systemd/system/libvirtd.socket",
            "etc/systemd/system/libvirtd.socket.d/60-baluarte.conf",
        ],
        "kernel_argv" => &["proc/4242/cmdline", "proc/800/cmdline"],
        "kernel_cgroup" => &["proc/4242/cgroup", "proc/sys/kernel/random/boot_id"],
        "kernel_choice" => &["sys/kernel/security/lockdown"],
        "kernel_cmdline" => &["proc/cmdline"],
        "kernel_label" => &["proc/4242/attr/current"],
        "kernel_mount" => &["proc/swaps"],
        "kernel_socket" => &["proc/net/tcp"],
        "kernel_status" => &["proc/4242/status", "proc/4242/stat"],
        "kernel_vulnerability" => &[
            "sys/devices/system/cpu/vulnerabilities/spectre_v2",
            "sys/devices/system/cpu/vulnerabilities/l1tf",
        ],
        "libvirt_binding" => &["run/libvirt/nwfilter-binding/vnet0.xml"],
        "libvirt_domain" | "libvirt_secrets" => &["etc/libvirt/qemu/web1.xml"],
        "libvirt_domstatus" | "libvirt_xpath" => &["run/libvirt/qemu/web1.xml"],
        "libvirt_nwfilter" => &["etc/libvirt/nwfilter/clean-traffic.xml"],
        "netlink_lines" => &["netlink/link", "netlink/nft", "netlink/audit-status"],
        _ => &[],
    }
}

fn texts(name: &str) -> &'static [&'static str] {
    match name {
        "access_polkit" => &[
            "polkit.addRule(function(action, subject) {\n  if (action.id == \"org.libvirt.unix.manage\" && subject.isInGroup(\"libvirt\")) { return polkit.Result.YES; }\n});\n",
        ],
        "conf_libvirt" => &[
            "vnc_password = \"\"\"a\nb\"\"\"\ncgroup_device_acl = [\n  \"/dev/null\", # one\n  \"/dev/kvm\"\n]\nmax_core = -1\n",
        ],
        "conf_oslo" => &["[DEFAULT]\ndebug = true\n[libvirt]\nvirt_type = kvm\ncpu_models = a,\n  b\n"],
        "conf_sshd" => {
            &["Include /etc/ssh/sshd_config.d/*.conf\nMatch User \"a b\",c\n  PermitRootLogin no\n"]
        }
        "kernel_argv" => &[
            "-object\0secret,id=a,data=b,,c\0-blockdev\0{\"driver\":\"https\",\"cookie\":\"x\"}\0-drive\0file=rbd:a/b:key=c\0-vnc\0:0,password=on\0file=ssh://a:b@c/d\0",
        ],
        "kernel_choice" => &["always [madvise] never\n", "0-3,5,7-9\n"],
        "kernel_label" => {
            &["system_u:system_r:svirt_t:s0:c87,c520-c522\0", "libvirt-5f3b1a52 (complain)\n", "unconfined\n"]
        }
        "kernel_mount" => {
            &["36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"]
        }
        "kernel_socket" => &[
            "Num       RefCount Protocol Flags    Type St Inode Path\n0000000000000000: 00000002 00000000 00010000 0001 01 15003 /run/libvirt/libvirt-sock\n",
        ],
        "libvirt_network" => &[
            "<network><name>default</name><forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward><bridge name='virbr0' stp='on'/><mac address='52:54:00:00:00:01'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/><host mac='52:54:00:00:00:02' ip='192.168.122.3'/></dhcp></ip><port isolated='yes'/></network>",
        ],
        "libvirt_nwfilter" => &[
            "<filter name='a' chain='ipv4' priority='-700'><rule action='drop' direction='inout' priority='500'><mac match='no' srcmacaddr='$MAC'/></rule><filterref filter='a'><parameter name='IP' value='192.0.2.1'/></filterref></filter>",
        ],
        "libvirt_secrets" => &[
            "<domain><devices><graphics type='vnc' passwd='a'/></devices><sysinfo><entry name='opt/x'>b</entry></sysinfo><qemu:commandline><qemu:arg value='secret,data=x'/><qemu:env name='TOKEN' value='y'/></qemu:commandline></domain>",
        ],
        "recording" => &[
            "{\"schema\":1,\"tool\":\"a\",\"host_id\":\"b\",\"host_name\":\"c\",\"boot_id\":\"\",\"collected_at\":1,\"privilege\":\"root\",\"vantage\":\"live\",\"digest_key\":\"00\",\"probes\":{\"a\":\"done\",\"b\":{\"timed-out\":7}},\"entries\":{\"proc/1/comm\":{\"body\":{\"text\":\"qemu\"}},\"etc/libvirt/qemu\":{\"body\":{\"names\":[\"a.xml\"]}},\"etc/libvirt/qemu/a.xml\":{\"body\":{\"text\":\"<domain type='kvm'/>\"}},\"x\":{\"stat\":{\"mode\":1,\"uid\":0,\"gid\":0,\"size\":1},\"body\":{\"bytes\":\"/w==\"}}}}",
        ],
        "x509" => &[
            "-----BEGIN CERTIFICATE-----\nMIIBAA==\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
        ],
        "image_vmdk" => &[
            "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\n\nRW 20480 FLAT \"disk-flat.vmdk\" 0\n",
        ],
        _ => &[],
    }
}

/// What is no text.
fn made(name: &str) -> Vec<Vec<u8>> {
    let qcow2 =
        |words: &str| images::qcow2(words).unwrap_or_default().into_iter().take(512).collect::<Vec<u8>>();
    let image = || vec![qcow2("backing=base.img format=raw"), qcow2("datafile=data.raw"), qcow2("crypt=2")];
    match name {
        "image_chain" => vec![image().concat(), vec![0; 1024]],
        "image_facts" => image(),
        // Behind the version's byte.
        "image_qcow2" => image().into_iter().map(|image| image.into_iter().skip(7).collect()).collect(),
        "image_luks" => vec![
            vec![1; 600],
            [b"\x02".as_slice(), b"{\"keyslots\":{\"0\":{\"type\":\"luks2\",\"key_size\":64,\"kdf\":{\"type\":\"argon2id\",\"time\":4,\"memory\":1048576,\"cpus\":4,\"salt\":\"YQ==\"}}},\"segments\":{\"0\":{\"type\":\"crypt\",\"encryption\":\"aes-xts-plain64\"}},\"digests\":{}}"].concat(),
        ],
        "netlink_audit" => vec![message(1000, 0, 1, &[1, 0, 0, 0].repeat(11)), message(1013, 2, 1, &[4, 0, 0, 0].repeat(260))],
        "netlink_link" => vec![attributes(16, &[0; 16], &[(3, b"vnet0\0"), (18, &nested(&[(1, b"bridge\0"), (2, &nested(&[(5, &[0, 0, 0, 0])]))]))])],
        "netlink_nft" => vec![
            attributes(0x0a00, &[1, 0, 0, 0], &[(1, b"nat\0"), (2, &[0; 4])]),
            attributes(0x0a03, &[7, 0, 0, 0], &[(1, b"nat\0"), (3, b"out\0"), (4, &nested(&[(1, &[0, 0, 0, 1]), (2, &[0; 4])])), (5, &[0, 0, 0, 1])]),
            attributes(0x0a06, &[7, 0, 0, 0], &[(1, b"nat\0"), (2, b"out\0"), (4, &nested(&[(1, &nested(&[(1, b"meta\0"), (2, &nested(&[(1, &[0, 0, 0, 1]), (2, &[0, 0, 0, 6])]))]))]))]),
        ],
        "recording" => vec![b"\x05x\n".to_vec(), b"\x20<domain type='kvm'/>".to_vec()],
        _ => vec![],
    }
}

fn nested(attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut payload = vec![];
    attributes.iter().for_each(|(kind, value)| push_attribute(&mut payload, *kind, value));
    payload
}

fn attributes(kind: u16, header: &[u8], attributes: &[(u16, &[u8])]) -> Vec<u8> {
    message(kind, 2, 1, &[header, &nested(attributes)].concat())
}
