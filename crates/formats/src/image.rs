//! Disk images: format probing, qcow2 and LUKS headers, the backing-chain walker.
