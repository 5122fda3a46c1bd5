//! Disks: what backs them, how they are encrypted, shared and limited.

use roxmltree::Node;

use super::{Address, Alias, Boot, Seclabel};
use crate::libvirt::element::{Leaf, Place, Read, Text, child, element};

element! {
    /// A disk.
    Disk {
        attributes {
            /// `type`: file, block, network, volume, nvme, vhostuser …
            kind: Text = "type",
            /// `device`: disk, cdrom, floppy, lun.
            device: Text = "device",
            /// `model`: virtio, virtio-transitional …
            model: Text = "model",
            /// `snapshot`: internal, external, no, manual.
            snapshot: Text = "snapshot",
            /// `sgio`: filtered, unfiltered (SCSI commands of a lun).
            sgio: Text = "sgio",
            /// `rawio`: yes gives the process CAP_SYS_RAWIO.
            rawio: Text = "rawio",
        }
        one {
            /// Format, caching, error policy.
            driver: DiskDriver = "driver",
            /// What backs it.
            source: Box<Source> = "source",
            /// What backs the backing, as far as said.
            backing: Chain = "backingStore",
            /// A running block job's target.
            mirror: Box<Mirror> = "mirror",
            /// Encryption, in the old place.
            encryption: Box<Encryption> = "encryption",
            /// Authentication, in the old place.
            auth: Box<Auth> = "auth",
            /// Where the guest sees it.
            target: DiskTarget = "target",
            /// I/O limits.
            iotune: Box<Iotune> = "iotune",
            /// The guest can't write.
            readonly: Place = "readonly",
            /// Several guests may open it.
            shareable: Place = "shareable",
            /// Changes are dropped at power-off.
            transient: Place = "transient",
            /// Serial number.
            serial: Leaf = "serial",
            /// World wide name.
            wwn: Leaf = "wwn",
            /// SCSI vendor.
            vendor: Leaf = "vendor",
            /// SCSI product.
            product: Leaf = "product",
            /// Boot order.
            boot: Boot = "boot",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// `<driver>` of a disk.
    DiskDriver {
        attributes {
            /// `name`: qemu.
            name: Text = "name",
            /// `type`: raw, qcow2 …; unsaid means raw unless probing was allowed.
            kind: Text = "type",
            /// `cache`: none, writeback, unsafe …
            cache: Text = "cache",
            /// `error_policy`: stop, report, ignore, enospace.
            error_policy: Text = "error_policy",
            /// `rerror_policy`: the same for reads.
            rerror_policy: Text = "rerror_policy",
            /// `io`: native, threads, io_uring.
            io: Text = "io",
            /// `discard`: unmap, ignore.
            discard: Text = "discard",
            /// `detect_zeroes`: off, on, unmap.
            detect_zeroes: Text = "detect_zeroes",
            /// `copy_on_read`.
            copy_on_read: Text = "copy_on_read",
            /// `iothread` it runs on.
            iothread: Text = "iothread",
            /// `queues`.
            queues: Text = "queues",
            /// `iommu`: DMA through the guest's IOMMU.
            iommu: Text = "iommu",
        }
    }

    /// What backs a disk, a layer of it, or firmware variables.
    Source {
        attributes {
            /// `file`: a path.
            file: Text = "file",
            /// `dev`: a block device.
            dev: Text = "dev",
            /// `dir`: a directory shown as a FAT disk.
            dir: Text = "dir",
            /// `protocol`: nbd, rbd, iscsi, http …
            protocol: Text = "protocol",
            /// `name`: the image at the server.
            name: Text = "name",
            /// `pool` of a volume.
            pool: Text = "pool",
            /// `volume`.
            volume: Text = "volume",
            /// `mode` of an iSCSI volume: host, direct.
            mode: Text = "mode",
            /// `type`: pci for nvme, unix for vhostuser.
            kind: Text = "type",
            /// `path` of a vhostuser socket.
            path: Text = "path",
            /// `namespace` of an nvme disk.
            namespace: Text = "namespace",
            /// `managed`: libvirt unbinds the nvme device.
            managed: Text = "managed",
            /// `tls`: yes, no.
            tls: Text = "tls",
            /// `tlsHostname`: the name expected in the certificate.
            tls_hostname: Text = "tlsHostname",
            /// `query` of a URL.
            query: Text = "query",
            /// `startupPolicy`: mandatory, requisite, optional.
            startup_policy: Text = "startupPolicy",
            /// `index` of a layer.
            index: Text = "index",
            /// `fdgroup`: opened by somebody else.
            fdgroup: Text = "fdgroup",
        }
        one {
            /// Encryption.
            encryption: Box<Encryption> = "encryption",
            /// Authentication to the server.
            auth: Box<Auth> = "auth",
            /// Persistent SCSI reservations.
            reservations: Reservations = "reservations",
            /// The nvme's PCI address.
            address: Box<Address> = "address",
            /// TLS checks of a URL.
            ssl: Ssl = "ssl",
            /// A server-side snapshot.
            snapshot: NamedSnapshot = "snapshot",
            /// A server's configuration file.
            config: ConfigFile = "config",
            /// HTTP cookies: a secret, so its place only.
            cookies: Place = "cookies",
            /// Known hosts of ssh.
            known_hosts: KnownHosts = "knownHosts",
        }
        many {
            /// Servers.
            hosts: Host = "host",
            /// Labels of this source alone.
            seclabels: Seclabel = "seclabel",
        }
    }

    /// A server.
    Host {
        attributes {
            /// `name` or address.
            name: Text = "name",
            /// `port`.
            port: Text = "port",
            /// `transport`: tcp, rdma, unix.
            transport: Text = "transport",
            /// `socket`: path for unix.
            socket: Text = "socket",
        }
    }

    /// Encryption of a disk.
    Encryption {
        attributes {
            /// `format`: luks, luks2, luks-any; qcow and default are broken.
            format: Text = "format",
            /// `engine`: qemu, librbd.
            engine: Text = "engine",
        }
        one {
            /// The cipher, when created.
            cipher: Cipher = "cipher",
        }
        many {
            /// Its keys.
            secrets: SecretRef = "secret",
        }
    }

    /// The cipher of an encrypted disk.
    Cipher {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `size` of the key in bits.
            size: Text = "size",
            /// `mode`.
            mode: Text = "mode",
            /// `hash`.
            hash: Text = "hash",
        }
    }

    /// A reference to a libvirt secret; never the secret.
    SecretRef {
        attributes {
            /// `type`: passphrase, ceph, iscsi …
            kind: Text = "type",
            /// `uuid` of the secret.
            uuid: Text = "uuid",
            /// `usage` name of the secret.
            usage: Text = "usage",
        }
    }

    /// Authentication to a storage server.
    Auth {
        attributes {
            /// `username`.
            username: Text = "username",
        }
        one {
            /// The secret.
            secret: SecretRef = "secret",
        }
    }

    /// Persistent SCSI reservations.
    Reservations {
        attributes {
            /// `managed`: libvirt runs the helper.
            managed: Text = "managed",
        }
        one {
            /// The helper's socket.
            source: SocketPath = "source",
        }
    }

    /// A socket.
    SocketPath {
        attributes {
            /// `type`: unix.
            kind: Text = "type",
            /// `path`.
            path: Text = "path",
            /// `mode`: client.
            mode: Text = "mode",
        }
    }

    /// TLS checks of an https source.
    Ssl {
        attributes {
            /// `verify`: no accepts any certificate.
            verify: Text = "verify",
        }
    }

    /// A snapshot at a storage server.
    NamedSnapshot {
        attributes {
            /// `name`.
            name: Text = "name",
        }
    }

    /// A configuration file of a storage client.
    ConfigFile {
        attributes {
            /// `file`.
            file: Text = "file",
        }
    }

    /// Known hosts of an ssh source.
    KnownHosts {
        attributes {
            /// `path`.
            path: Text = "path",
        }
    }

    /// Where the guest sees a disk.
    DiskTarget {
        attributes {
            /// `dev`: vda, sda, hdc …
            dev: Text = "dev",
            /// `bus`: virtio, scsi, ide, sata, usb, fdc, sd.
            bus: Text = "bus",
            /// `tray`: open, closed.
            tray: Text = "tray",
            /// `removable`.
            removable: Text = "removable",
        }
    }

    /// I/O limits of a disk.
    Iotune {
        one {
            /// Bytes a second, both ways.
            total_bytes_sec: Leaf = "total_bytes_sec",
            /// Bytes read a second.
            read_bytes_sec: Leaf = "read_bytes_sec",
            /// Bytes written a second.
            write_bytes_sec: Leaf = "write_bytes_sec",
            /// Operations a second, both ways.
            total_iops_sec: Leaf = "total_iops_sec",
            /// Reads a second.
            read_iops_sec: Leaf = "read_iops_sec",
            /// Writes a second.
            write_iops_sec: Leaf = "write_iops_sec",
            /// Disks of a group share the limit.
            group_name: Leaf = "group_name",
        }
    }

    /// The target of a running copy.
    Mirror {
        attributes {
            /// `type` of its source.
            kind: Text = "type",
            /// `job`: copy, active-commit.
            job: Text = "job",
            /// `ready`.
            ready: Text = "ready",
            /// `file`, old spelling.
            file: Text = "file",
        }
        one {
            /// Its format.
            format: Format = "format",
            /// What backs it.
            source: Box<Source> = "source",
        }
    }

    /// One layer below a disk's source.
    BackingStore {
        attributes {
            /// `type` of its source; none ends the chain.
            kind: Text = "type",
            /// `index`.
            index: Text = "index",
        }
        one {
            /// Its format.
            format: Format = "format",
            /// What backs it.
            source: Box<Source> = "source",
        }
    }

    /// An image format.
    Format {
        attributes {
            /// `type`: raw, qcow2 …
            kind: Text = "type",
        }
    }
}
/// The nested `<backingStore>` elements of a disk, unrolled: the first is right below the disk's source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Where the outermost stands.
    pub at: Place,
    /// The layers, top down; an empty last one says that the chain ends there.
    pub layers: Vec<BackingStore>,
}

impl Read for Chain {
    fn read(node: Node<'_, '_>) -> Self {
        let mut new = Self { at: Place::read(node), layers: Vec::new() };
        let mut next = Some(node);
        while let Some(layer) = next {
            new.layers.push(BackingStore::read(layer));
            next = child(layer, "backingStore");
        }
        new
    }
}
