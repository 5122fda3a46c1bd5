//! The VM as QEMU's command line. What a snapshot is restored into must be this same machine.
use crate::request::{Iommu, Mac};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Memory of the guest in MiB.
pub const MEMORY: u64 = 2048;
/// What a VM takes of the host at its worst, in MiB: its memory, 1 GiB of translated code at most, QEMU.
pub const NEEDED: u64 = 2600;

/// Where the disks and the memory are.
#[derive(Debug, Clone)]
pub enum Storage {
    /// Of the image, thrown away.
    Boot,
    /// Into a snapshot's folder.
    Save(PathBuf),
    /// Of a snapshot's folder, thrown away: many may run of one.
    Restore(PathBuf),
}

/// One VM.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The folder of the kernel, the initramfs and the disk.
    pub image: PathBuf,
    /// The folder of the run: sockets, the share, the console.
    pub run: PathBuf,
    /// Disks and memory.
    pub storage: Storage,
    /// The security module.
    pub mac: Mac,
    /// The IOMMU.
    pub iommu: Iommu,
    /// A TPM; its socket is [`Machine::tpm_socket`].
    pub tpm: bool,
    /// The agent makes the hypervisor's state at boot.
    pub prepare: bool,
    /// The console is the terminal that we were started at.
    pub terminal: bool,
    /// More of the kernel's command line.
    pub append: String,
}

impl Machine {
    /// QEMU's monitor.
    #[must_use]
    pub fn monitor_socket(&self) -> PathBuf {
        self.run.join("vm/qmp.sock")
    }
    /// The agent's port.
    #[must_use]
    pub fn port_socket(&self) -> PathBuf {
        self.run.join("vm/port.sock")
    }
    /// swtpm's control channel.
    #[must_use]
    pub fn tpm_socket(&self) -> PathBuf {
        self.run.join("vm/tpm.sock")
    }

    /// The command. QEMU dies with the thread that starts it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "qemu-system-x86_64"]);
        qemu.args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]);
        qemu.args(["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max", "-smp", "2"]);
        qemu.arg("-m").arg(MEMORY.to_string());
        let memory = |folder: &Path, share: &str| {
            format!(
                "memory-backend-file,id=ram,size={MEMORY}M,mem-path={},share={share}",
                comma(&folder.join("ram"))
            )
        };
        let machine = "q35,kernel-irqchip=off";
        match &self.storage {
            Storage::Boot => qemu.args(["-machine", machine]),
            Storage::Save(to) => {
                qemu.arg("-object").arg(memory(to, "on"));
                qemu.arg("-machine").arg(format!("{machine},memory-backend=ram"))
            }
            // Mapped private: what the guest writes never reaches the file, so that clones are free.
            Storage::Restore(from) => {
                qemu.arg("-object").arg(memory(from, "off")).args(["-incoming", "defer"]);
                qemu.arg("-machine").arg(format!("{machine},memory-backend=ram"))
            }
        };
        self.kernel(&mut qemu);
        self.channels(&mut qemu);
        self.disks(&mut qemu);
        self.devices(&mut qemu);
        qemu
    }

    fn kernel(&self, qemu: &mut Command) {
        // `selinux=` and, alone, `apparmor=` do nothing in Debian's kernel, or the wrong thing; `security=` decides.
        let security = match self.mac {
            Mac::Selinux => "security=selinux enforcing=1",
            Mac::Apparmor => "security=apparmor",
            Mac::None => "security=none apparmor=0",
        };
        let iommu = match self.iommu {
            Iommu::Intel => " intel_iommu=on iommu.passthrough=0 iommu.strict=1",
            Iommu::Amd => " iommu.passthrough=0 iommu.strict=1",
            Iommu::None => "",
        };
        let prepare = if self.prepare { " lab.prepare=1" } else { "" };
        let append = format!(
            "console=ttyS0 panic=-1 quiet loglevel=4 audit=1 audit_backlog_limit=8192 {security}{iommu} \
             random.trust_cpu=on rcupdate.rcu_expedited=1 no_timer_check tsc=reliable systemd.show_status=0{prepare} {}",
            self.append
        );
        qemu.arg("-kernel").arg(self.image.join("vmlinuz"));
        qemu.arg("-initrd").arg(self.image.join("initrd.gz"));
        qemu.arg("-append").arg(append.trim_end());
    }

    fn channels(&self, qemu: &mut Command) {
        if self.terminal {
            qemu.args(["-chardev", "stdio,id=console,signal=off"]);
        } else {
            let file = comma(&self.run.join("out/console"));
            qemu.arg("-chardev").arg(format!("file,id=console,path={file}"));
        }
        qemu.args(["-serial", "chardev:console"]);
        let socket = |path: PathBuf| format!("path={},server=on,wait=off", comma(&path));
        qemu.arg("-qmp").arg(format!("unix:{},server=on,wait=off", comma(&self.monitor_socket())));
        qemu.arg("-fsdev").arg(format!("local,id=lab,path={},security_model=none", comma(&self.run)));
        device(qemu, "virtio-9p-pci,fsdev=lab,mount_tag=lab,bus=pcie.0,addr=4");
        device(qemu, "virtio-serial-pci,id=serial,bus=pcie.0,addr=13");
        qemu.arg("-chardev").arg(format!("socket,id=port,{}", socket(self.port_socket())));
        device(qemu, "virtserialport,chardev=port,name=lab.cmd");
    }

    fn disks(&self, qemu: &mut Command) {
        let (root, data) = match &self.storage {
            Storage::Boot => {
                let root = format!("file={},format=raw,snapshot=on", comma(&self.image.join("root.img")));
                (root, format!("file={},format=raw", comma(&self.run.join("vm/data.img"))))
            }
            Storage::Save(folder) | Storage::Restore(folder) => {
                let once = if matches!(self.storage, Storage::Restore(_)) { ",snapshot=on" } else { "" };
                let file = |name: &str| format!("file={},format=qcow2{once}", comma(&folder.join(name)));
                (file("root.qcow2"), file("data.qcow2"))
            }
        };
        for (id, file, address) in [("root", root, 2), ("data", data, 3)] {
            qemu.arg("-drive").arg(format!("{file},if=none,id={id},cache=unsafe,aio=threads,discard=unmap"));
            device(qemu, &format!("virtio-blk-pci,drive={id},bus=pcie.0,addr={address}"));
        }
    }

    /// Devices to pass through, behind each kind of port: a root port (with ACS), a switch (without), a conventional bridge.
    fn devices(&self, qemu: &mut Command) {
        match self.iommu {
            Iommu::Intel => device(qemu, "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on"),
            Iommu::Amd => device(qemu, "amd-iommu,intremap=on,device-iotlb=on"),
            Iommu::None => {}
        }
        qemu.args(["-object", "rng-random,filename=/dev/urandom,id=rng"]);
        device(qemu, "virtio-rng-pci,rng=rng,bus=pcie.0,addr=5");
        if self.tpm {
            qemu.arg("-chardev").arg(format!("socket,id=tpm,path={}", comma(&self.tpm_socket())));
            qemu.args(["-tpmdev", "emulator,id=tpm0,chardev=tpm"]);
            device(qemu, "tpm-crb,tpmdev=tpm0");
        }
        for one in [
            "pcie-root-port,id=port1,chassis=1,slot=1,bus=pcie.0,addr=8",
            "e1000e,bus=port1,mac=52:54:00:1a:b0:01",
            // Empty: an NVMe is plugged in here after a restore, since QEMU can't save one.
            "pcie-root-port,id=port2,chassis=2,slot=2,bus=pcie.0,addr=9",
            "nvme-subsys,id=subsystem,nqn=lab0",
            "pcie-root-port,id=port3,chassis=3,slot=3,bus=pcie.0,addr=10",
            "x3130-upstream,id=switch,bus=port3",
            "xio3130-downstream,id=down0,bus=switch,chassis=4,slot=0",
            "e1000e,bus=down0,mac=52:54:00:1a:b0:02",
            "xio3130-downstream,id=down1,bus=switch,chassis=5,slot=1",
            "e1000e,bus=down1,mac=52:54:00:1a:b0:03",
            "pcie-pci-bridge,id=bridge,bus=pcie.0,addr=11",
            "pci-testdev,bus=bridge,addr=1,membar=4096",
            "e1000,bus=bridge,addr=2,mac=52:54:00:1a:b0:04",
            "edu,bus=pcie.0,addr=12",
        ] {
            device(qemu, one);
        }
    }
}

/// The NVMe controller with two virtual functions, for `device_add`. It has no namespace: QEMU 7.2 takes none later.
#[must_use]
pub fn nvme() -> serde_json::Value {
    serde_json::json!({
        "driver": "nvme", "id": "nvme0", "serial": "LABNVME1", "bus": "port2", "subsys": "subsystem",
        "sriov_max_vfs": 2, "sriov_vq_flexible": 4, "sriov_vi_flexible": 2, "max_ioqpairs": 8, "msix_qsize": 10
    })
}

fn device(qemu: &mut Command, what: &str) {
    qemu.args(["-device", what]);
}

/// A path as a value among QEMU's options, where a comma is written twice.
fn comma(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}
