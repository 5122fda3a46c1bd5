//! The model of one rich domain, the status file, and hostile variants of both.

use super::*;
use crate::libvirt::TextOption as _;

const RICH: &str = r#"<!-- generated -->
<domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>a&amp;<!-- cut -->b</name>
  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
  <metadata><x:name xmlns:x='urn:x'>no</x:name><name>no</name></metadata>
  <memory unit='MiB' dumpCore='on'>2048</memory>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF.fd</loader></os>
  <features><acpi/><smm state='on'/><hyperv><vendor_id state='on' value='x'/></hyperv></features>
  <launchSecurity type='sev' kernelHashes='yes'><policy>0x0007</policy><session>AAAA</session></launchSecurity>
  <seclabel type='none' model='dac'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/a.qcow2'><seclabel model='selinux' relabel='no'/>
        <encryption format='luks'><secret type='passphrase' uuid='u'/></encryption></source>
      <backingStore type='file'><format type='raw'/><source file='/b'/><backingStore/></backingStore>
      <target dev='vda' bus='virtio'/><shareable/>
    </disk>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/>
      <filterref filter='clean-traffic'><parameter name='IP' value='10.0.0.1'/></filterref></interface>
    <hostdev mode='subsystem' type='pci' managed='yes'><source>
      <address domain='0x0000' bus='0x02' slot='0x00' function='0x1'/></source><rom bar='off'/></hostdev>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>
    <graphics type='vnc' port='-1' passwd='hunter2' listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>
  </devices>
  <qemu:commandline><qemu:arg value='-s'/><qemu:env name='A' value='B'/></qemu:commandline>
  <x:commandline xmlns:x='urn:other'><x:arg value='-no'/></x:commandline>
</domain>
"#;

#[test]
fn a_rich_domain_reads_whole() {
    let d = Domain::parse(RICH.as_bytes()).unwrap();
    assert!(d.is_qemu());
    assert_eq!(d.name.said(), Some("a&b"));
    assert_eq!(d.memory.as_ref().unwrap().bytes(), Some(2 << 30));
    assert!(d.memory.unwrap().dump_core.is("on"));
    let os = d.os.unwrap();
    assert!(os.kind.unwrap().machine.is("pc-q35-7.2") && os.loader.unwrap().path.is("/usr/share/OVMF.fd"));
    let features = d.features.unwrap();
    assert!(features.acpi.is_some() && features.smm.unwrap().is_on() && features.pmu.is_none());
    let sev = d.launch_security.unwrap();
    assert_eq!((sev.policy_bits(), sev.session.is_some(), sev.dh_cert), (Some(7), true, None));
    let devices = d.devices.unwrap();
    let disk = &devices.disks[0];
    assert_eq!(disk.backing.as_ref().unwrap().layers.len(), 2);
    let source = disk.source.as_ref().unwrap();
    assert_eq!(source.seclabels[0].relabel.flag(), Some(false));
    assert!(source.encryption.as_ref().unwrap().secrets[0].uuid.is("u"));
    let filter = devices.interfaces[0].filterref.as_ref().unwrap();
    assert!(filter.filter.is("clean-traffic") && filter.parameters[0].value.is("10.0.0.1"));
    assert_eq!(devices.hostdevs[0].pci().as_deref(), Some("0000:02:00.1"));
    assert_eq!(devices.hostdevs[1].usb_ids(), Some((0x1234, 0xbeef)));
}

#[test]
fn spans_point_at_their_bytes() {
    let d = Domain::parse(RICH.as_bytes()).unwrap();
    let devices = d.devices.unwrap();
    let graphics = &devices.graphics[0];
    assert_eq!(&RICH[graphics.passwd.unwrap().range()], "hunter2");
    assert_eq!(&RICH[graphics.listen.as_ref().unwrap().span.range()], "0.0.0.0");
    assert!(RICH[graphics.at.span.range()].ends_with("</graphics>"));
    assert!(RICH[graphics.at.open.range()].ends_with("listen='0.0.0.0'>"));
    assert_eq!(&RICH[d.uuid.unwrap().text.unwrap().span.range()], "c7a5fdbd-edaf-9455-926a-d65c16db1809");
    assert_eq!(&RICH[devices.disks[0].shareable.unwrap().span.range()], "<shareable/>");
    assert!(!format!("{:?}", devices.graphics).contains("hunter2"));
}

#[test]
fn both_spellings_of_passthrough_are_read() {
    let d = Domain::parse(RICH.as_bytes()).unwrap();
    assert_eq!(d.qemu_commandline.len(), 1);
    assert!(d.qemu_commandline[0].args[0].value.is("-s") && d.qemu_commandline[0].env[0].name.is("A"));
    let other = "<domain type='kvm'><commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'>\
        <arg value='-gdb'/></commandline><override xmlns='http://libvirt.org/schemas/domain/qemu/1.0'>\
        <device alias='a'><frontend><property name='p' type='string' value='v'/></frontend></device></override>\
        <q:deprecation xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0' behavior='crash'/>\
        <capabilities xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><add capability='c'/></capabilities>\
        <commandline><arg value='-not-in-the-namespace'/></commandline></domain>";
    let d = Domain::parse(other.as_bytes()).unwrap();
    assert_eq!(d.qemu_commandline.len(), 1);
    assert!(d.qemu_commandline[0].args[0].value.is("-gdb"));
    let frontend = d.qemu_override[0].devices[0].frontend.as_ref().unwrap();
    assert!(frontend.properties[0].name.is("p"));
    assert!(d.qemu_deprecation[0].behavior.is("crash"));
    assert!(d.qemu_capabilities[0].add[0].capability.is("c"));
}

#[test]
fn status_files_give_the_live_domain() {
    let text = format!(
        "<domstatus state='running' reason='booted' pid='42'><taint flag='high-privileges'/>\
         <monitor path='/m' type='unix'/><qemuCaps><flag name='kvm'/></qemuCaps>{}</domstatus>",
        RICH.trim_start_matches("<!-- generated -->")
    );
    let status = DomStatus::parse(text.as_bytes()).unwrap();
    assert_eq!(status.pid.number(), Some(42));
    assert!(status.state.is("running") && status.taints[0].flag.is("high-privileges"));
    assert!(status.monitor.unwrap().path.is("/m"));
    assert_eq!(status.capabilities.unwrap().flags.len(), 1);
    assert_eq!(status.domain, Some(Domain::parse(text.as_bytes()).unwrap()));
}

#[test]
fn other_roots_are_refused_with_a_reason() {
    let why = |text: &str| Domain::parse(text.as_bytes()).unwrap_err().why.into_owned();
    assert_eq!(why("<network/>"), "root element is <network>, not <domain> or <domstatus>");
    assert_eq!(why("<domstatus/>"), "<domstatus> holds no <domain>");
    assert!(why("<domstatus><x:domain xmlns:x='urn:x'/></domstatus>").contains("no <domain>"));
    assert!(why("<domain xmlns='urn:x'/>").contains("namespace"));
    assert!(why("<domain/><domain/>").contains("unknown token"));
    assert!(DomStatus::parse(b"<domain/>").is_err());
}

#[test]
fn truncations_and_flipped_bytes_never_panic() {
    for end in 0..RICH.trim_end().len() {
        assert!(Domain::parse(&RICH.as_bytes()[..end]).is_err());
    }
    for at in 0..RICH.len() {
        for byte in [0, b'<', b'>', b'"', b'&', 0xff] {
            let mut bytes = RICH.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = Domain::parse(&bytes);
        }
    }
}

#[test]
fn numbers_and_units_are_libvirts() {
    let quantity = |text: &str| Domain::parse(text.as_bytes()).unwrap().memory.unwrap().bytes();
    assert_eq!(quantity("<domain><memory>1</memory></domain>"), Some(1024));
    assert_eq!(quantity("<domain><memory unit='KB'>1</memory></domain>"), Some(1000));
    assert_eq!(quantity("<domain><memory unit='G'> 1\n</memory></domain>"), Some(1 << 30));
    assert_eq!(quantity("<domain><memory unit='E'>99</memory></domain>"), None);
    assert_eq!(quantity("<domain><memory unit='é'>1</memory></domain>"), None);
    let address = |a: &str| {
        Domain::parse(
        format!("<domain><devices><hostdev type='pci'><source><address {a}/></source></hostdev></devices></domain>")
            .as_bytes(),
    )
    .unwrap()
    .devices
    .unwrap()
    .hostdevs[0]
        .pci()
    };
    assert_eq!(address("bus='010' slot='9'").as_deref(), Some("0000:08:09.0"));
    assert_eq!(address("bus='x' slot='9'"), None);
    assert_eq!(address("bus='300' slot='9'"), None);
    assert_eq!(address(""), None);
}
