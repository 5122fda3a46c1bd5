//! From a VM's disk to its image and back, in the time of a search and not of a walk over all VMs.

use formats::{
    image::{
        chain::{Chain, Link, Problem, Why},
        name,
    },
    libvirt::domain,
};
use model::{
    evidence::{Evidence, Image, View, local_path},
    fact::{Key, Missing},
};

/// Where images are kept without anybody having said so: libvirt's default pool, Nova's base images.
const USUAL: [&str; 2] = ["/var/lib/libvirt/images", "/var/lib/nova/instances/_base"];

/// Every disk, of every VM and in either XML, whose source is this image.
pub(crate) fn disks<'a>(
    evidence: &'a Evidence,
    image: &'a Image,
) -> impl Iterator<Item = (&'a View, &'a domain::Disk)> {
    let vms = image.vms.iter().filter_map(|uuid| evidence.vm(uuid));
    let views = vms.flat_map(|vm| [vm.configured.ok(), vm.live.ok()]).flatten();
    let disks = views.flat_map(|view| {
        view.domain.devices.iter().flat_map(move |all| all.disks.iter().map(move |disk| (view, disk)))
    });
    disks.filter(|(_, disk)| local_path(disk) == Some(image.path.as_str()))
}

/// True where an administrator keeps images: in the directory of the image itself or below it, in a pool, or where a VM's
/// XML has one.
pub(crate) fn kept_here(evidence: &Evidence, image: &Image, path: &str) -> bool {
    let path = name::simplify(path);
    let below = |directory: &str| {
        path.strip_prefix(directory.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
    };
    let own = folder(&image.path);
    let pools = evidence.pools.iter().filter_map(|pool| pool.target());
    let folder = folder(&path);
    (own.len() > 1 && below(own)) || USUAL.into_iter().chain(pools).any(below) || has_images(evidence, folder)
}

/// True where some VM's XML names an image right in this directory.
fn has_images(evidence: &Evidence, folder: &str) -> bool {
    let first = evidence.images.partition_point(|image| image.path.as_str() < folder);
    let below = |image: &&Image| image.path.starts_with(folder);
    evidence
        .images
        .iter()
        .skip(first)
        .take_while(below)
        .take(64)
        .any(|image| self::folder(&image.path) == folder)
}

/// A path up to its last slash and with it.
fn folder(path: &str) -> &str {
    path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default()
}

/// The recording key of a link's file.
pub(crate) fn key(link: &Link) -> Key {
    link.path.trim_start_matches('/').into()
}

/// The recording key of the file that names a link.
pub(crate) fn overlay_key(chain: &Chain, link: &Link) -> Option<Key> {
    chain.links.get(link.overlay?).map(key)
}

/// The first file of the chain that is there and could not be read: nobody knows what it says.
pub(crate) fn unread(chain: &Chain) -> Option<Missing> {
    chain.links.iter().find_map(|link| {
        let why = link.problems.iter().find_map(|problem| match problem {
            Problem::NotOpened(Why::Unreadable(why)) => Some(why.as_str()),
            _ => None,
        });
        Some(Missing { key: key(link), why: why?.into() })
    })
}

/// All files an image leads to.
///
/// # Errors
/// [`Missing`] where one of them is there and could not be read.
pub(crate) fn chain(image: &Image) -> Result<&Chain, Missing> {
    let chain = image.chain.required()?;
    unread(chain).map_or(Ok(chain), Err)
}

/// Whether the disks of every VM are known.
///
/// # Errors
/// [`Missing`] where the XML of some VM could not be read: it may name any image.
pub(crate) fn all_vms_read(evidence: &Evidence) -> Result<(), Missing> {
    // What stands for the disks of such a VM has no path, and sorts behind everything that has one.
    let last = evidence.images.last().filter(|image| !image.path.starts_with('/'));
    last.map_or(Ok(()), |image| image.chain.known().map(|_| ()))
}
