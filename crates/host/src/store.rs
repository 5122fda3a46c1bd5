//! Recordings on disk: zstd-compressed JSON with a schema version, written atomically and readable by the owner alone.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use model::recording::{Recording, SCHEMA};
use thiserror::Error;

/// Largest recording that is unpacked: 2 GiB of JSON, some 10,000 busy VMs.
const LIMIT: u64 = 2 << 30;
/// What any file may unpack to, however small, and how often its own size beyond that: a recording of ten thousand VMs
/// that are all alike packs to a hundredth, a bomb to a thirty-thousandth.
const SMALL: u64 = 64 << 20;
const RATIO: u64 = 256;

/// Why a recording could not be read or written.
#[derive(Debug, Error)]
pub enum Error {
    /// The file could not be read or written.
    #[error("{0}")]
    File(PathBuf, #[source] io::Error),
    /// It is not a recording, or a damaged one.
    #[error("{0} is not a recording, or is damaged: {1}")]
    Damaged(PathBuf, String),
    /// It was written by a newer version.
    #[error(
        "{path} has schema {found}; this version reads schema {SCHEMA} and older: judge it with the version that wrote it ({tool})"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u64,
        /// Who wrote it.
        tool: String,
    },
}

/// Reads a recording.
///
/// # Errors
/// [`Error`]; a recording of a newer schema is refused whole.
pub fn load(path: &Path) -> Result<Recording, Error> {
    let file = |error| Error::File(path.to_owned(), error);
    let damaged = |error: &dyn std::fmt::Display| Error::Damaged(path.to_owned(), error.to_string());
    let packed = fs::File::open(path).map_err(file)?;
    let size = packed.metadata().map_err(file)?.len();
    let limit = SMALL.saturating_add(size.saturating_mul(RATIO)).min(LIMIT);
    let mut json = Vec::new();
    let unpack = zstd::Decoder::new(packed).map_err(file)?;
    unpack.take(limit + 1).read_to_end(&mut json).map_err(|error| damaged(&error))?;
    if json.len() as u64 > limit {
        return Err(damaged(&format!("it unpacks to more than {limit} bytes")));
    }
    /// What every schema has.
    #[derive(serde::Deserialize)]
    struct Head {
        schema: u64,
        #[serde(default)]
        tool: String,
    }
    let head: Head = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
    if head.schema > u64::from(SCHEMA) {
        return Err(Error::Newer { path: path.to_owned(), found: head.schema, tool: head.tool });
    }
    if head.schema == 0 {
        return Err(damaged(&"there is no schema 0"));
    }
    serde_json::from_slice(&json).map_err(|error| damaged(&error))
}

/// Writes a recording: to a new file beside it with mode 0600, synced, then renamed over it.
///
/// # Errors
/// [`Error::File`]; what was there before is then untouched.
pub fn save(path: &Path, recording: &Recording) -> Result<(), Error> {
    let beside = path.with_file_name(format!(
        ".{}.{}",
        path.file_name().unwrap_or_default().to_string_lossy(),
        std::process::id()
    ));
    write(&beside, recording).and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // The half-written file is of no use to anybody; that it could not be removed is not the news.
        let _ = fs::remove_file(&beside);
        Error::File(path.to_owned(), error)
    })
}

fn write(path: &Path, recording: &Recording) -> io::Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut packed = zstd::Encoder::new(file, 3)?;
    // A flipped bit would otherwise be another recording, and nobody would know.
    packed.include_checksum(true)?;
    serde_json::to_writer(io::BufWriter::new(&mut packed), recording)?;
    let mut file = packed.finish()?;
    file.flush()?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect;
    use crate::source::Memory;
    use std::sync::Arc;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("baluarte-store-{}-{name}", std::process::id()))
    }

    #[test]
    fn what_is_saved_is_what_is_loaded() {
        let recording = collect::collect(
            &(Arc::new(Memory::default()) as Arc<_>),
            &collect::Options::default(),
            |_, _| (),
        );
        let path = place("same");
        save(&path, &recording).unwrap();
        assert_eq!(load(&path).unwrap(), recording);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn newer_damaged_and_missing_recordings_say_so() {
        let path = place("bad");
        for (json, expected) in [
            (r#"{"schema":99,"tool":"baluarte 9.9"}"#, "schema 99"),
            (r#"{"schema":1"#, "damaged"),
            (r#"{"schema":1}"#, "missing field"),
        ] {
            fs::write(&path, zstd::encode_all(json.as_bytes(), 1).unwrap()).unwrap();
            let error = load(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        fs::write(&path, "plain text").unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("damaged"));
        fs::remove_file(&path).unwrap();
        assert!(matches!(load(&path), Err(Error::File(..))));
    }
}
