//! Disk images: inode, masked header, and the whole backing chain by our own walker. Nothing is opened that a header names
//! as `json:`, a URL, or under `/dev`, `/proc` or `/sys`.

use formats::image::{self, Format, chain};
use model::recording::{Body, Entry};

use crate::recorder::Recorder;

/// `S_IFMT` of inode(7).
const TYPE: u32 = 0o170_000;
/// `S_IFREG` of inode(7).
const REGULAR: u32 = 0o100_000;

pub(super) fn chain(recorder: &mut Recorder, path: &str, declared: Option<&str>) {
    let declared = declared.and_then(Format::from_driver);
    let start = chain::Node { path, declared };
    chain::walk(&start, |name| open(recorder, name, name == path));
}

/// Reads as much of an image's head as its header needs, writes the masked head down, and gives it to the walker. A name
/// that comes out of an image leads to nothing but a regular file, whatever links it goes through: a guest may have
/// written it.
fn open(recorder: &mut Recorder, path: &str, trusted: bool) -> Result<chain::Opened, chain::Why> {
    let key = path.trim_start_matches('/');
    if !trusted
        && let Ok(stat) = recorder.source.stat(key)
        && stat.mode & TYPE != REGULAR
    {
        let body = Body::Unreadable("it is a device or directory, not a file".to_owned());
        return model::evidence::opened(recorder.keep(key, Entry { stat: Some(stat), body }));
    }
    let entry = match recorder.source.read(key, image::FIRST_READ) {
        Ok(mut content) => {
            let size = content.stat.size;
            // A longer head may tell of more: the inner LUKS header of a qcow2 image lies behind its first cluster.
            for _ in 0..4 {
                let needed = image::head_needed(&content.bytes, size);
                match recorder.source.read_at(key, 0, needed) {
                    Ok(more) if needed > content.bytes.len() && more.len() > content.bytes.len() => {
                        content.bytes = more
                    }
                    _ => break,
                }
            }
            image::mask_head(image::probe(&content.bytes, size), &mut content.bytes);
            Entry { stat: Some(content.stat), body: Body::of(content.bytes) }
        }
        Err(error) => recorder.refused(key, &error),
    };
    let entry = recorder.keep(key, entry);
    model::evidence::opened(entry)
}

/// The directories above an image: who can enter them can reach it.
pub(super) fn parents(path: &str) -> Vec<String> {
    let key = path.trim_start_matches('/');
    key.match_indices('/').filter_map(|(at, _)| key.get(..at)).map(str::to_owned).collect()
}
