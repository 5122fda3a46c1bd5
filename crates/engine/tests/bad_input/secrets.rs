//! Secrets, in every place one may stand: no byte of them is in the recording or in any report, and nothing moves.

use controls::Selection;
use host::source::Memory;
use model::{evidence::Evidence, profile::Profile, recording::Recording};
use testkit::memory;

use super::{base, bytes_of, with};

/// Every secret holds this word, so that one search finds them all.
const WORD: &str = "hunter2";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nhunter2hunter2\n-----END PRIVATE KEY-----\n";

/// Nothing of the word is in what is stored or printed.
#[track_caller]
fn is_clean(what: &str, machine: &Memory) -> Recording {
    let recording = memory::record(machine);
    let holds = |text: &str| text.to_ascii_lowercase().contains(WORD);
    for (key, entry) in &recording.entries {
        let body = entry.body.bytes().map(String::from_utf8_lossy);
        assert!(!body.is_some_and(|body| holds(&body)), "{what}: /{key} holds the secret: {entry:?}");
    }
    let json = serde_json::to_string(&recording).unwrap();
    assert!(!holds(&json), "{what}: the recording holds the secret");
    let evidence = Evidence::of(recording.clone());
    let report = engine::check(&evidence, &Selection::default(), &Profile::default());
    assert!(!holds(&serde_json::to_string(&report).unwrap()), "{what}: the report holds the secret");
    assert!(!holds(&engine::sarif::of(&report).to_string()), "{what}: SARIF holds the secret");
    recording
}

/// Masked, and of the same length.
#[track_caller]
fn in_place(what: &str, key: &str, bytes: impl Into<Vec<u8>>) {
    let bytes = bytes.into();
    let recording = is_clean(what, &with(&base(), key, bytes.clone()));
    let masked = recording.entries[key].body.bytes().map(<[u8]>::len);
    assert_eq!(masked, Some(bytes.len()), "{what}: the length changed");
}

#[test]
fn passwords_in_both_xmls() {
    for key in memory::VM {
        let text = String::from_utf8(bytes_of(&base(), key)).unwrap();
        let devices = |more: &str| text.replacen("</devices>", &format!("{more}</devices>"), 1);
        let qemu = |arguments: &str| {
            let namespace = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";
            text.replacen(
                "</devices>",
                &format!("</devices><qemu:commandline {namespace}>{arguments}</qemu:commandline>"),
                1,
            )
        };
        for (what, document) in [
            ("VNC", devices("<graphics type='vnc' passwd='hunter2' passwdValidTo='2027-01-01T00:00:00'/>")),
            ("SPICE", devices("<graphics type=\"spice\" passwd = \"hunter2\"/>")),
            ("in a comment", devices("<!-- <graphics type='vnc' passwd='hunter2'/> -->")),
            ("in CDATA", devices("<description><![CDATA[<graphics passwd='hunter2'/>]]></description>")),
            ("cut", devices("<graphics passwd='hunter2'/>").split_inclusive("hunter2").next().unwrap().to_owned()),
            ("on two lines", devices("<graphics\npasswd\n=\n'hunter2'/>")),
            ("SEV", text.replacen("<devices>", "<launchSecurity type='sev'><session>hunter2</session></launchSecurity><devices>", 1)),
            ("cookies", devices("<disk type='network'><source protocol='https'><cookies><cookie name='a'>hunter2</cookie></cookies></source></disk>")),
            ("a secret object", qemu("<qemu:arg value='-object'/><qemu:arg value='secret,id=a,data=hunter2'/>")),
            ("a JSON object", qemu("<qemu:arg value='-object'/><qemu:arg value='{\"qom-type\":\"secret\",\"data\":\"hunter2\"}'/>")),
            ("password=", qemu("<qemu:arg value='-spice'/><qemu:arg value='port=1,password=hunter2'/>")),
            ("an environment", qemu("<qemu:env name='API_TOKEN' value='hunter2'/>")),
            ("a URL", qemu("<qemu:arg value='-drive'/><qemu:arg value='file=ssh://joe:hunter2@192.0.2.1/x'/>")),
            ("fw_cfg in an argument", qemu("<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/a,string=hunter2'/>")),
            ("fw_cfg", text.replacen("<devices>", "<sysinfo type='fwcfg'><entry name='opt/com.coreos/config'>hunter2</entry></sysinfo><devices>", 1)),
            ("OEM strings", text.replacen("<devices>", "<sysinfo type='smbios'><oemStrings><entry>io.systemd.credential:passwd=hunter2</entry></oemStrings></sysinfo><devices>", 1)),
        ] {
            in_place(&format!("{key}: {what}"), key, document);
        }
    }
}

#[test]
fn passwords_in_libvirts_configuration() {
    let text = String::from_utf8(bytes_of(&base(), "etc/libvirt/qemu.conf")).unwrap();
    for line in [
        "vnc_password = \"hunter2\"",
        "vnc_password=\"hunter2\"",
        "#vnc_password = \"hunter2\"",
        "# vnc_password = 'hunter2'",
        "  \tspice_password\t=\t'hunter2' # hunter2",
        "vnc_password = \"\"\"a\nhunter2\"\"\"",
        "vnc_password = \"a\nhunter2\"",
        "vnc_password = \"never closed hunter2",
        "vnc_password = [ \"a\",\n  \"hunter2\" ]",
        "vnc_password =\n\"hunter2\"",
        "vnc_password\n= \"hunter2\"",
        "vnc_password \"hunter2\"",
        "vnc_password: \"hunter2\"",
        "vnc_password == \"hunter2\"",
        "vnc_passwrd = \"hunter2\"",
        "vnc_passwd = \"hunter2\"",
        "VNC_PASSWORD = \"hunter2\"",
        "vnc_password = hunter2",
        "vnc_password = \"a\" \"hunter2\"",
        "rdp_password = \"hunter2\"\r",
        "vnc_password = \"\u{e9}hunter2\"",
        "vnc_password = \"one\"\nvnc_password = \"hunter2\"",
    ] {
        in_place(line, "etc/libvirt/qemu.conf", format!("{text}{line}\n"));
        in_place(line, "etc/libvirt/qemu.conf", format!("{line}\n{text}"));
        in_place(line, "etc/libvirt/qemu.conf", [format!("{line}\n").as_bytes(), b"\xff"].concat());
    }
}

#[test]
fn sasl_and_accounts() {
    let mut machine = base();
    for key in ["etc/libvirt/passwd.db", "etc/libvirt/qemu_passwd.db", "etc/sasldb2", "etc/libvirt/krb5.tab"]
    {
        machine = with(&machine, key, "hunter2");
    }
    is_clean("SASL databases", &machine);
    for (key, text) in [
        ("etc/sasl2/libvirt.conf", "mech_list: plain\nsql_passwd: hunter2\n"),
        ("etc/sasl2/qemu.conf", "mech_list: plain\nldapdb_pw: hunter2\n"),
        ("etc/sasl2/qemu.conf", "#sql_passwd: hunter2\n"),
        ("etc/passwd", "root:hunter2hash:0:0:root:/root:/bin/bash\n"),
        ("etc/group", "wheel:hunter2hash:10:alice\n"),
    ] {
        in_place(key, key, text);
    }
}

#[test]
fn libvirts_secrets() {
    let uuid = "c2a5b0c6-9f0c-4a39-9a4e-1f6e5d3b2a10";
    let machine = with(&base(), &format!("etc/libvirt/secrets/{uuid}.base64"), "aHVudGVyMg== hunter2");
    let xml =
        format!("<secret ephemeral='no' private='yes'><uuid>{uuid}</uuid><value>hunter2</value></secret>");
    let machine = with(&machine, &format!("etc/libvirt/secrets/{uuid}.xml"), xml);
    let recording = is_clean("secrets", &machine);
    assert!(
        recording.entries.contains_key(&format!("etc/libvirt/secrets/{uuid}.base64")),
        "that it is there is a fact"
    );
}

#[test]
fn private_keys_under_any_name() {
    for key in [
        "etc/pki/libvirt/private/serverkey.pem",
        "etc/pki/libvirt/servercert.pem",
        "etc/pki/CA/cacert.pem",
        "etc/pki/CA/private/cakey.pem",
        "etc/pki/qemu/everything.pem",
        "etc/pki/libvirt-vnc/server-cert.pem",
        "etc/pki/libvirt-vnc/server.key",
        "etc/libvirt/old.conf",
        "etc/ssh/sshd_config.d/99-key.conf",
        "etc/modprobe.d/key.conf",
        "etc/libvirt/qemu/key.xml",
    ] {
        is_clean(key, &with(&base(), key, KEY));
        let late = format!("{}\n{KEY}", "a line of a certificate\n".repeat(1000));
        is_clean(key, &with(&base(), key, late));
        let huge = format!("{}\n{KEY}", "a line of a certificate\n".repeat(250_000));
        is_clean(key, &with(&base(), key, huge));
    }
}

#[test]
fn what_qemu_was_told() {
    for arguments in [
        "-object\0secret,id=a,data=hunter2\0",
        "-object\0secret,id=a,data=hunter2,,hunter2\0",
        "-object\0{\"qom-type\":\"secret\",\"id\":\"a\",\"data\":\"hunter2\"}\0",
        "-spice\0port=5900,password=hunter2\0",
        "-drive\0file=ssh://joe:hunter2@192.0.2.1/x\0",
        "-drive\0file=rbd:a/b:id=c:key=hunter2:x=y\0",
        "-drive\0file=json:{\"driver\":\"https\",\"password\":\"hunter2\"}\0",
        "-drive\0file=json:{\"driver\":\"https\",, \"password\" : \"hunter2\"}\0",
        "json:{\"driver\":\"https\",\"proxy-password\":\"hunter2\"}\0",
        "-blockdev\0{\"driver\":\"https\",\"cookie\":\"hunter2\"}\0",
        "-iscsi\0user=a,password=hunter2\0",
        "-fw_cfg\0name=opt/a,string=hunter2\0",
        "-smbios\0type=11,value=hunter2\0",
        "--passphrase\0hunter2\0",
        "-append\0root=/dev/vda password=hunter2\0",
    ] {
        in_place(
            arguments,
            "proc/4242/cmdline",
            [bytes_of(&base(), "proc/4242/cmdline").as_slice(), arguments.as_bytes()].concat(),
        );
    }
}

#[test]
fn what_the_kernel_was_told() {
    for key in ["proc/cmdline", "etc/kernel/cmdline"] {
        for word in [
            "password=hunter2",
            "root=x passwd=hunter2",
            "nfs=a:hunter2 token=hunter2",
            "luks.passphrase=hunter2",
        ] {
            let word = word.replace("nfs=a:hunter2 ", "");
            in_place(&word, key, format!("quiet audit=1 {word} ro\n"));
        }
    }
    in_place_of_grub("GRUB_CMDLINE_LINUX=\"quiet password=hunter2\"\n");
    in_place_of_grub("GRUB_CMDLINE_LINUX='password=hunter2'\n");
}

#[track_caller]
fn in_place_of_grub(line: &str) {
    in_place(line, "etc/default/grub", line);
}

#[test]
fn salts_and_data_of_images() {
    let mut luks = b"LUKS\xba\xbe\0\x01".to_vec();
    luks.resize(592, 0);
    luks[8..11].copy_from_slice(b"aes");
    for (at, text) in [(112, "hunter2digest"), (132, "hunter2salt"), (208 + 8, "hunter2slot")] {
        luks[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    luks.resize(4096, 0);
    luks[3000..3007].copy_from_slice(b"hunter2");
    let raw = [b"hunter2 is the data of a guest ".repeat(100), vec![0; 4096]].concat();
    let mut qcow2 = testkit::images::qcow2("crypt=2").unwrap();
    let end = qcow2.len();
    qcow2[end - 100..end - 93].copy_from_slice(b"hunter2");
    for (what, image) in [("LUKS1", luks), ("raw", raw), ("qcow2", qcow2)] {
        is_clean(what, &with(&base(), "var/lib/libvirt/images/web1.qcow2", image));
    }
}
