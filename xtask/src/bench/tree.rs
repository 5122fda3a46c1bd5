//! A generated host: some configuration, and as many domain XMLs as one likes, from five templates.
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Sound and neglected ones, of the kinds one meets: a web server, a Windows desktop, passed-through hardware, an
/// old machine type with QEMU passthrough, a confidential VM on an encrypted image. libvirt's schema accepts each.
const TEMPLATES: [&str; 5] = [
    include_str!("domains/web.xml"),
    include_str!("domains/windows.xml"),
    include_str!("domains/compute.xml"),
    include_str!("domains/legacy.xml"),
    include_str!("domains/vault.xml"),
];

const HOST: &[(&str, &str)] = &[
    ("etc/hostname", "bench\n"),
    (
        "etc/libvirt/libvirtd.conf",
        "unix_sock_group = \"libvirt\"\nunix_sock_rw_perms = \"0770\"\nauth_unix_rw = \"polkit\"\n",
    ),
    ("etc/libvirt/qemu.conf", "user = \"libvirt-qemu\"\ngroup = \"kvm\"\nvnc_listen = \"127.0.0.1\"\n"),
    ("etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication no\n"),
    ("proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro quiet intel_iommu=on\n"),
    ("proc/sys/net/bridge/bridge-nf-call-iptables", "0\n"),
    ("proc/sys/net/ipv4/ip_forward", "0\n"),
];

/// Writes it anew and gives its path.
pub fn write(to: &Path, vms: usize) -> Result<PathBuf> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    for (path, text) in HOST {
        put(&to.join(path), text)?;
    }
    let folder = to.join(DOMAINS);
    std::fs::create_dir_all(&folder)?;
    for (number, template) in (1..=vms).zip(TEMPLATES.iter().cycle()) {
        let (name, text) = domain(number, template);
        std::fs::write(folder.join(format!("{name}.xml")), text)?;
    }
    Ok(to.to_path_buf())
}

/// Where libvirt keeps them.
pub const DOMAINS: &str = "etc/libvirt/qemu";

fn put(path: &Path, text: &str) -> Result<()> {
    std::fs::create_dir_all(path.parent().context("no folder")?)?;
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

/// The name and the XML of one; name, UUID and MAC are its own.
fn domain(number: usize, template: &str) -> (String, String) {
    let [_, .., a, b, c] = (number as u64).to_be_bytes();
    let text = template
        .replace("{n}", &format!("{number:05}"))
        .replace("{uuid}", &format!("b0a1c2d3-0000-4000-8000-{number:012x}"))
        .replace("{mac}", &format!("52:54:00:{a:02x}:{b:02x}:{c:02x}"));
    let name = text.split("<name>").nth(1).and_then(|t| t.split('<').next()).unwrap_or_default();
    (name.to_owned(), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_domain_is_well_formed_and_has_its_own_name_uuid_and_mac() {
        let root = write(&crate::tools::empty_dir("tree"), 25).unwrap();
        let mut seen = HashSet::new();
        for entry in std::fs::read_dir(root.join(DOMAINS)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap();
            let child = |n: &str| document.root_element().children().find(|c| c.has_tag_name(n)).unwrap();
            assert!(seen.insert(child("name").text().unwrap().to_owned()));
            assert!(seen.insert(child("uuid").text().unwrap().to_owned()));
            let mac = document.descendants().find(|d| d.has_tag_name("mac")).unwrap();
            assert!(seen.insert(mac.attribute("address").unwrap().to_owned()));
            assert!(!text.contains('{'));
        }
        assert_eq!(seen.len(), 75);
        assert!(root.join("etc/libvirt/qemu.conf").is_file());
    }
}
