//! Limits and placement: memory, CPU, block I/O, NUMA, cgroup.

use crate::libvirt::element::{Leaf, Quantity, Text, element};

element! {
    /// Number of virtual CPUs.
    Vcpu {
        attributes {
            /// `placement`: static, auto.
            placement: Text = "placement",
            /// `cpuset`: host CPUs allowed.
            cpuset: Text = "cpuset",
            /// `current`: CPUs at boot.
            current: Text = "current",
        }
        text {
            /// The most it can have.
            text
        }
    }

    /// Cgroup placement.
    Resource {
        one {
            /// `<partition>`: the cgroup path.
            partition: Leaf = "partition",
        }
    }

    /// Memory limits of the emulator process.
    Memtune {
        one {
            /// Hard limit; killed over it.
            hard_limit: Quantity = "hard_limit",
            /// Soft limit.
            soft_limit: Quantity = "soft_limit",
            /// Memory plus swap.
            swap_hard_limit: Quantity = "swap_hard_limit",
            /// Guaranteed.
            min_guarantee: Quantity = "min_guarantee",
        }
    }

    /// CPU limits and pinning.
    Cputune {
        one {
            /// Proportional weight.
            shares: Leaf = "shares",
            /// Period of a CPU's quota, microseconds.
            period: Leaf = "period",
            /// Quota of each virtual CPU, microseconds.
            quota: Leaf = "quota",
            /// Period of the whole domain's quota.
            global_period: Leaf = "global_period",
            /// Quota of the whole domain.
            global_quota: Leaf = "global_quota",
            /// Quota of the emulator threads.
            emulator_quota: Leaf = "emulator_quota",
            /// Quota of the I/O threads.
            iothread_quota: Leaf = "iothread_quota",
            /// Where the emulator threads may run.
            emulatorpin: CpuPin = "emulatorpin",
        }
        many {
            /// Where virtual CPUs may run.
            vcpupins: CpuPin = "vcpupin",
            /// Where I/O threads may run.
            iothreadpins: CpuPin = "iothreadpin",
        }
    }

    /// Where a thread may run.
    CpuPin {
        attributes {
            /// `vcpu` it speaks of.
            vcpu: Text = "vcpu",
            /// `iothread` it speaks of.
            iothread: Text = "iothread",
            /// `cpuset`: host CPUs.
            cpuset: Text = "cpuset",
        }
    }

    /// Block I/O limits.
    Blkiotune {
        one {
            /// Proportional weight.
            weight: Leaf = "weight",
        }
        many {
            /// Limits by host device.
            devices: BlkioDevice = "device",
        }
    }

    /// Block I/O limits of a host device.
    BlkioDevice {
        one {
            /// The device.
            path: Leaf = "path",
            /// Proportional weight.
            weight: Leaf = "weight",
            /// Bytes read a second.
            read_bytes_sec: Leaf = "read_bytes_sec",
            /// Bytes written a second.
            write_bytes_sec: Leaf = "write_bytes_sec",
            /// Reads a second.
            read_iops_sec: Leaf = "read_iops_sec",
            /// Writes a second.
            write_iops_sec: Leaf = "write_iops_sec",
        }
    }

    /// NUMA placement.
    Numatune {
        one {
            /// Of all memory.
            memory: NumaMemory = "memory",
        }
    }

    /// NUMA placement of memory.
    NumaMemory {
        attributes {
            /// `mode`: strict, preferred, interleave, restrictive.
            mode: Text = "mode",
            /// `nodeset`.
            nodeset: Text = "nodeset",
            /// `placement`.
            placement: Text = "placement",
        }
    }

    /// A security label of the process, or of one source.
    Seclabel {
        attributes {
            /// `type`: dynamic, static, none.
            kind: Text = "type",
            /// `model`: selinux, apparmor, dac, none.
            model: Text = "model",
            /// `relabel`: yes, no.
            relabel: Text = "relabel",
            /// `labelskip`: yes if labelling failed (status only).
            labelskip: Text = "labelskip",
        }
        one {
            /// The label.
            label: Leaf = "label",
            /// What a dynamic label is made from.
            baselabel: Leaf = "baselabel",
            /// The label of its images (live only).
            imagelabel: Leaf = "imagelabel",
        }
    }
}
