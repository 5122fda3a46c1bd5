//! CPU, memory backing and confidential computing.

use crate::libvirt::element::{Leaf, Place, Text, TextOption as _, element};

element! {
    /// The guest's CPU.
    Cpu {
        attributes {
            /// `mode`: custom, host-model, host-passthrough, maximum.
            mode: Text = "mode",
            /// `match`: minimum, exact, strict.
            match_: Text = "match",
            /// `check`: none, partial, full.
            check: Text = "check",
            /// `migratable`.
            migratable: Text = "migratable",
        }
        one {
            /// The model.
            model: CpuModel = "model",
            /// The vendor.
            vendor: Leaf = "vendor",
            /// Sockets, cores, threads.
            topology: Topology = "topology",
            /// NUMA cells.
            numa: Numa = "numa",
        }
        many {
            /// Features.
            features: CpuFeature = "feature",
        }
    }

    /// The model of a CPU.
    CpuModel {
        attributes {
            /// `fallback`.
            fallback: Text = "fallback",
            /// `vendor_id`.
            vendor_id: Text = "vendor_id",
        }
        text {
            /// Its name.
            text
        }
    }

    /// A CPU feature.
    CpuFeature {
        attributes {
            /// `name`: vmx, svm, md-clear …
            name: Text = "name",
            /// `policy`: force, require, optional, disable, forbid.
            policy: Text = "policy",
        }
    }

    /// Sockets, cores, threads.
    Topology {
        attributes {
            /// `sockets`.
            sockets: Text = "sockets",
            /// `dies`.
            dies: Text = "dies",
            /// `cores`.
            cores: Text = "cores",
            /// `threads`.
            threads: Text = "threads",
        }
    }

    /// NUMA cells.
    Numa {
        many {
            /// Each.
            cells: NumaCell = "cell",
        }
    }

    /// A NUMA cell.
    NumaCell {
        attributes {
            /// `id`.
            id: Text = "id",
            /// `cpus`.
            cpus: Text = "cpus",
            /// `memory`.
            memory: Text = "memory",
            /// `memAccess`: shared, private.
            mem_access: Text = "memAccess",
        }
    }

    /// How guest memory is backed.
    MemoryBacking {
        one {
            /// Huge pages.
            hugepages: Hugepages = "hugepages",
            /// Out of same-page merging.
            nosharepages: Place = "nosharepages",
            /// Never swapped.
            locked: Place = "locked",
            /// What backs it.
            source: MemorySource = "source",
            /// Shared with other processes, or private.
            access: MemoryAccess = "access",
            /// When.
            allocation: MemoryAllocation = "allocation",
            /// Dropped at shutdown without being written.
            discard: Place = "discard",
        }
    }

    /// Huge pages.
    Hugepages {
        many {
            /// By size.
            pages: Hugepage = "page",
        }
    }

    /// A size of huge pages.
    Hugepage {
        attributes {
            /// `size`.
            size: Text = "size",
            /// `unit`.
            unit: Text = "unit",
            /// `nodeset`.
            nodeset: Text = "nodeset",
        }
    }

    /// What backs memory.
    MemorySource {
        attributes {
            /// `type`: anonymous, file, memfd.
            kind: Text = "type",
        }
    }

    /// Who sees memory.
    MemoryAccess {
        attributes {
            /// `mode`: shared, private.
            mode: Text = "mode",
        }
    }

    /// When memory is taken.
    MemoryAllocation {
        attributes {
            /// `mode`: immediate, ondemand.
            mode: Text = "mode",
        }
    }

    /// Confidential computing.
    LaunchSecurity {
        attributes {
            /// `type`: sev, sev-snp, s390-pv, tdx.
            kind: Text = "type",
            /// `kernelHashes`: yes measures kernel, initrd and command line.
            kernel_hashes: Text = "kernelHashes",
            /// `authorKey` of SNP.
            author_key: Text = "authorKey",
            /// `vcek` of SNP.
            vcek: Text = "vcek",
        }
        one {
            /// Policy bits.
            policy: Leaf = "policy",
            /// Position of the C bit.
            cbitpos: Leaf = "cbitpos",
            /// Address bits lost.
            reduced_phys_bits: Leaf = "reducedPhysBits",
            /// Session blob: never kept.
            session: Place = "session",
            /// Owner's Diffie-Hellman key: never kept.
            dh_cert: Place = "dhCert",
            /// ID block of SNP.
            id_block: Leaf = "idBlock",
            /// ID authentication of SNP.
            id_auth: Leaf = "idAuth",
            /// Host data of SNP.
            host_data: Leaf = "hostData",
        }
    }
}

impl MemoryBacking {
    /// True if another process can map the guest's memory.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.access.as_ref().is_some_and(|a| a.mode.is("shared"))
    }
}

impl LaunchSecurity {
    /// The policy as a number: SEV API table 2, or SNP firmware ABI table 9.
    #[must_use]
    pub fn policy_bits(&self) -> Option<u64> {
        self.policy.number()
    }
}
