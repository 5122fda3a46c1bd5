//! Two virtual machines that hardly differ to their users: one neglected, one put right.
//!
//! Both are emulated by TCG, 64 MiB, without a guest operating system: what is tested is the host's side.
//! Both want the bridge [`BRIDGE`].

use std::path::Path;

/// The bridge that the domains' interfaces join; make it with
/// [`PrivateLibvirt::add_bridge`](crate::libvirt::PrivateLibvirt::add_bridge).
pub const BRIDGE: &str = "virbr-b0";

/// A machine as found in the wild: i440FX with IDE, UHCI, Cirrus, RTL8139, E1000 and a serial port; VNC on
/// every address without a password; no security label; a custom QEMU argument (which taints it, and does
/// nothing); an image without a declared format, raw; no network filter; default memory balloon.
///
/// `seclabel type='none'` turns off what confines by label (SELinux, AppArmor) and no more: the DAC driver
/// still gives QEMU its user.
#[must_use]
pub fn neglected(name: &str, image: &Path) -> String {
    format!(
        "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <source file='{image}'/>
      <target dev='hda' bus='ide'/>
    </disk>
    <controller type='usb' model='piix3-uhci'/>
    <interface type='bridge'>
      <source bridge='{BRIDGE}'/>
      <model type='rtl8139'/>
    </interface>
    <interface type='bridge'>
      <source bridge='{BRIDGE}'/>
      <model type='e1000'/>
    </interface>
    <serial type='pty'/>
    <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
    <video><model type='cirrus'/></video>
  </devices>
  <seclabel type='none'/>
  <qemu:commandline>
    <qemu:arg value='-global'/>
    <qemu:arg value='isa-fdc.fdtypeA=none'/>
  </qemu:commandline>
</domain>
",
        name = escape(name),
        image = escape(&image.to_string_lossy()),
    )
}

/// The same machine put right: q35 with virtio alone, no USB and no balloon; VNC on a private UNIX socket;
/// a dynamic DAC label; a qcow2 image that says so; no custom argument; libvirt's `clean-traffic` filter
/// with its address declared (192.0.2.2, RFC 5737), so that no address is learned.
///
/// Starting it takes a second more than the other: `clean-traffic` forks some 126 processes.
#[must_use]
pub fn put_right(name: &str, image: &Path) -> String {
    format!(
        "<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{image}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <controller type='usb' model='none'/>
    <interface type='bridge'>
      <source bridge='{BRIDGE}'/>
      <model type='virtio'/>
      <filterref filter='clean-traffic'>
        <parameter name='IP' value='192.0.2.2'/>
      </filterref>
    </interface>
    <console type='pty'><target type='virtio'/></console>
    <graphics type='vnc'><listen type='socket'/></graphics>
    <video><model type='virtio'/></video>
    <memballoon model='none'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'/>
</domain>
",
        name = escape(name),
        image = escape(&image.to_string_lossy()),
    )
}

/// A machine that nobody could start without regret, and that the tests only define: each element opens another wall.
/// `shared` is a disk that another machine writes too, `foreign` an image whose backing file is none of its business.
#[must_use]
pub fn worse(name: &str, shared: &Path, foreign: &Path) -> String {
    format!(
        "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{name}</name>
  <memory unit='MiB' dumpCore='on'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <features><acpi/><kvm><hidden state='on'/></kvm></features>
  <on_crash>coredump-destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='unsafe' error_policy='ignore'/>
      <source file='{shared}'/>
      <target dev='vda' bus='virtio'/>
      <shareable/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{foreign}'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <source protocol='nbd' name='export'><host name='192.0.2.9' port='10809'/></source>
      <target dev='vdc' bus='virtio'/>
    </disk>
    <controller type='usb' model='qemu-xhci'/>
    <filesystem type='mount' accessmode='passthrough'><source dir='/'/><target dir='host'/></filesystem>
    <interface type='bridge' trustGuestRxFilters='yes'>
      <mac address='52:54:00:00:00:09'/>
      <source bridge='{BRIDGE}'/>
      <model type='virtio'/>
    </interface>
    <serial type='tcp'>
      <source mode='bind' host='0.0.0.0' service='4555'/>
      <protocol type='raw'/>
    </serial>
    <graphics type='vnc' port='5907' websocket='5707' sharePolicy='ignore' passwd='secret12'>
      <listen type='address' address='0.0.0.0'/>
    </graphics>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1d6b'/><product id='0x0002'/></source></hostdev>
    <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0x00' function='0x0'/></source></hostdev>
    <shmem name='exchange'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>
    <memballoon model='none'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-gdb'/>
    <qemu:arg value='tcp::1234'/>
  </qemu:commandline>
</domain>
",
        name = escape(name),
        shared = escape(&shared.to_string_lossy()),
        foreign = escape(&foreign.to_string_lossy()),
    )
}

/// Text made fit for an XML attribute in single quotes, or for an element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_escaped() {
        for xml in [neglected("a&b", Path::new("/x/it's<.img")), put_right("a&b", Path::new("/x/it's<.img"))]
        {
            assert!(xml.contains("<name>a&amp;b</name>"), "{xml}");
            assert!(xml.contains("<source file='/x/it&apos;s&lt;.img'/>"), "{xml}");
        }
    }
}
