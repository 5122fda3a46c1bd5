//! Images: what a disk's chain reaches, walked over the recording by the same code that walked the host.

use std::{cell::RefCell, collections::BTreeMap};

use formats::image::{Format, chain};

use super::{Reader, Vm};
use crate::{
    fact::{Fact, Key},
    recording::{Body, Entry, Stat},
    subject::{Kind, Subject},
};

/// An image that a disk names, with everything behind it.
#[derive(Debug)]
pub struct Image {
    /// Absolute path; `disks of NAME` for whatever images a VM has whose XML could not be read.
    pub path: String,
    /// Recording key.
    pub key: Key,
    /// Its inode.
    pub stat: Fact<Stat>,
    /// The format its disks declare.
    pub declared: Option<Format>,
    /// It and all files it leads to, the image itself first.
    pub chain: Fact<chain::Chain>,
    /// UUIDs of the VMs whose disks name it.
    pub vms: Vec<String>,
}

impl Image {
    /// The image as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { kind: Kind::Image, name: self.path.clone(), id: self.path.clone(), vms: self.vms.clone() }
    }
}

/// What the walker needs of a recorded image.
///
/// # Errors
/// Why there is none, in the walker's words.
pub fn opened(entry: &Entry) -> Result<chain::Opened, chain::Why> {
    match (&entry.body, &entry.stat) {
        (Body::Text(_) | Body::Bytes(_), Some(stat)) => Ok(chain::Opened {
            head: entry.body.bytes().unwrap_or_default().to_vec(),
            size: stat.size,
            identity: (device_number(&stat.device), stat.inode),
        }),
        (Body::Absent, _) => Err(chain::Why::Missing),
        (Body::Unreadable(why), _) if why.starts_with("it is a ") => Err(chain::Why::NotRegular(why.clone())),
        (Body::Unreadable(why) | Body::NotCollected(why), _) => Err(chain::Why::Unreadable(why.clone())),
        _ => Err(chain::Why::Unreadable("not collected".to_owned())),
    }
}

/// `major:minor` as one number.
fn device_number(device: &str) -> u64 {
    let part = |text: &str| text.parse::<u64>().unwrap_or(0);
    device.split_once(':').map_or(0, |(major, minor)| part(major) << 32 | part(minor))
}

pub(super) fn derive(
    reader: &Reader,
    starts: impl Iterator<Item = (String, Option<Format>, Vec<String>)>,
) -> Vec<Image> {
    starts
        .map(|(path, declared, vms)| {
            let key: Key = path.trim_start_matches('/').into();
            let chain = walk(reader, &path, declared, &key);
            Image { stat: reader.stat(&key).map(Clone::clone), path, key, declared, chain, vms }
        })
        .collect()
}

/// What stands for the images of a VM whose XML could not be read, so that they are unknown and not overlooked.
pub(super) fn of_unread(vm: &Vm) -> Option<Image> {
    let (configured, live) = (vm.configured.known(), vm.live.known());
    if matches!(configured, Ok(Some(_))) || matches!(live, Ok(Some(_))) {
        return None;
    }
    let missing = configured.err().or(live.err())?;
    Some(Image {
        path: format!("disks of {}", vm.name),
        stat: Fact::Unreadable(missing.key.clone(), missing.why.clone()),
        chain: Fact::Unreadable(missing.key.clone(), missing.why),
        key: missing.key,
        declared: None,
        vms: vec![vm.uuid.clone()],
    })
}

fn walk(reader: &Reader, path: &str, declared: Option<Format>, key: &Key) -> Fact<chain::Chain> {
    // A file of the chain nobody looked at makes the whole of it unknown, rather than look like a missing file.
    let skipped: RefCell<BTreeMap<String, String>> = RefCell::default();
    let chain = chain::walk(&chain::Node { path, declared }, |path| {
        let key = path.trim_start_matches('/');
        match reader.entry(key) {
            Fact::Known(entry, _) => opened(entry),
            Fact::Absent(_) => Err(chain::Why::Missing),
            Fact::Unreadable(_, why) | Fact::NotCollected(_, why) => {
                skipped.borrow_mut().insert(key.to_owned(), why.to_string());
                Err(chain::Why::Unreadable(why.to_string()))
            }
        }
    });
    match skipped.into_inner().into_iter().next() {
        Some((key, why)) => Fact::NotCollected(key.as_str().into(), why.into()),
        None => Fact::Known(chain, key.clone()),
    }
}
