//! Answers of the kernel over netlink, as streams and as recorded JSON lines.

use formats::netlink::{audit, lines, link, messages, nft};
use serde::{Serialize, de::DeserializeOwned};

use super::{understood, within};

/// What is decoded is written down and read again as the same.
fn kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(objects: &[T]) {
    let Ok(written) = lines::write(objects) else { return };
    let read =
        lines::read::<T>(&written).map(|lines| lines.into_iter().map(|line| line.value).collect::<Vec<_>>());
    assert_eq!(read.as_deref(), Ok(objects));
}

pub(super) fn audit(bytes: &[u8]) {
    understood(bytes, audit::status(bytes));
    if let Some(rules) = understood(bytes, audit::rules(bytes)) {
        kept(&rules);
    }
}

pub(super) fn nft(bytes: &[u8]) {
    if let Some(objects) = understood(bytes, nft::decode(bytes)) {
        kept(&objects);
        for object in &objects {
            if let nft::Object::Rule(rule) = object {
                let _ = (rule.matches(), rule.verdict(), rule.understood());
            }
        }
    }
    understood(bytes, nft::generation(bytes));
    understood(bytes, nft::set_names(bytes));
}

pub(super) fn link(bytes: &[u8]) {
    if let Some(links) = understood(bytes, link::decode(bytes)) {
        kept(&links);
    }
    assert!(messages(bytes).count() <= bytes.len() + 1);
}

pub(super) fn lines(bytes: &[u8]) {
    for line in understood(bytes, lines::read::<nft::Object>(bytes)).into_iter().flatten() {
        within(bytes, line.span);
    }
    understood(bytes, lines::read::<link::Link>(bytes));
    understood(bytes, lines::read::<audit::Rule>(bytes));
    understood(bytes, lines::read::<audit::Status>(bytes));
}
