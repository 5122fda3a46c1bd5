//! What the guest shares with the host or with other guests: directories, memory, sockets, host-backed stores.

use super::{Address, Alias, PathAttribute};
use crate::libvirt::element::{Leaf, Place, Quantity, Text, element};

element! {
    /// Memory shared between guests.
    Shmem {
        attributes {
            /// `name`: guests that say the same share it.
            name: Text = "name",
            /// `role`: master, peer.
            role: Text = "role",
        }
        one {
            /// What it is.
            model: ShmemModel = "model",
            /// Its size.
            size: Quantity = "size",
            /// The ivshmem server's socket.
            server: PathAttribute = "server",
            /// Interrupts through the server.
            msi: Place = "msi",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// The model of shared memory.
    ShmemModel {
        attributes {
            /// `type`: ivshmem, ivshmem-plain, ivshmem-doorbell.
            kind: Text = "type",
        }
    }

    /// A host socket.
    Vsock {
        attributes {
            /// `model`: virtio.
            model: Text = "model",
        }
        one {
            /// Its address.
            cid: Cid = "cid",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// The address of a host socket.
    Cid {
        attributes {
            /// `auto`: chosen by libvirt.
            auto: Text = "auto",
            /// `address`: the context id.
            address: Text = "address",
        }
    }

    /// A host directory shown to the guest.
    Filesystem {
        attributes {
            /// `type`: mount, template, file, block, ram, bind, volume.
            kind: Text = "type",
            /// `accessmode`: passthrough, mapped, squash.
            accessmode: Text = "accessmode",
            /// `model`: virtio.
            model: Text = "model",
            /// `fmode` of new files.
            fmode: Text = "fmode",
            /// `dmode` of new directories.
            dmode: Text = "dmode",
        }
        one {
            /// What serves it.
            driver: FilesystemDriver = "driver",
            /// The virtiofs daemon.
            binary: FilesystemBinary = "binary",
            /// What is shown.
            source: FilesystemSource = "source",
            /// Its tag or mount point.
            target: FilesystemTarget = "target",
            /// The guest can't write.
            readonly: Place = "readonly",
            /// User ids are mapped.
            idmap: Place = "idmap",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// What serves a shared directory.
    FilesystemDriver {
        attributes {
            /// `type`: path, handle, virtiofs, loop, nbd, ploop, mtp.
            kind: Text = "type",
            /// `format`.
            format: Text = "format",
            /// `wrpolicy`.
            wrpolicy: Text = "wrpolicy",
            /// `queue`.
            queue: Text = "queue",
        }
    }

    /// The virtiofs daemon.
    FilesystemBinary {
        attributes {
            /// `path`.
            path: Text = "path",
            /// `xattr`.
            xattr: Text = "xattr",
        }
        one {
            /// Its sandbox.
            sandbox: Sandbox = "sandbox",
            /// Its cache.
            cache: CacheMode = "cache",
        }
    }

    /// The sandbox of a virtiofs daemon.
    Sandbox {
        attributes {
            /// `mode`: namespace, chroot.
            mode: Text = "mode",
        }
    }

    /// A cache.
    CacheMode {
        attributes {
            /// `mode`.
            mode: Text = "mode",
        }
    }

    /// What a shared directory shows.
    FilesystemSource {
        attributes {
            /// `dir`.
            dir: Text = "dir",
            /// `file`.
            file: Text = "file",
            /// `dev`.
            dev: Text = "dev",
            /// `name`.
            name: Text = "name",
            /// `pool` of a volume.
            pool: Text = "pool",
            /// `volume`.
            volume: Text = "volume",
            /// `socket` of a virtiofs daemon started by somebody else.
            socket: Text = "socket",
        }
    }

    /// The tag or mount point of a shared directory.
    FilesystemTarget {
        attributes {
            /// `dir`.
            dir: Text = "dir",
        }
    }

    /// A memory module.
    MemoryDevice {
        attributes {
            /// `model`: dimm, nvdimm, virtio-pmem, virtio-mem, sgx-epc.
            model: Text = "model",
            /// `access`: shared, private.
            access: Text = "access",
            /// `discard`.
            discard: Text = "discard",
        }
        one {
            /// What backs it.
            source: MemoryDeviceSource = "source",
            /// Its size.
            target: MemoryDeviceTarget = "target",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// What backs a memory module.
    MemoryDeviceSource {
        one {
            /// A host file.
            path: Leaf = "path",
            /// It is persistent memory.
            pmem: Place = "pmem",
        }
    }

    /// The guest's side of a memory module.
    MemoryDeviceTarget {
        one {
            /// Its size.
            size: Quantity = "size",
            /// Its NUMA node.
            node: Leaf = "node",
            /// The guest can't write.
            readonly: Place = "readonly",
        }
    }

    /// A persistent store for kernel oopses.
    Pstore {
        attributes {
            /// `backend`: acpi-erst.
            backend: Text = "backend",
        }
        one {
            /// The host file.
            path: Leaf = "path",
            /// Its size.
            size: Quantity = "size",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// NVRAM of pSeries.
    NvramDevice {
        one {
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }
}
