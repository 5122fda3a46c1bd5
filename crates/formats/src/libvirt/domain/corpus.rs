//! Every XML document of a folder of real ones: read, or refused with a reason, and how fast.

use std::{fs, path::PathBuf, time::Instant};

use super::*;

/// Every `.xml` under `$BALUARTE_DATA/domain-xml`; empty, with a note, when the variable is unset.
pub(in crate::libvirt) fn documents() -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(root) = std::env::var("BALUARTE_DATA") else {
        println!("skipped: BALUARTE_DATA is not set");
        return Vec::new();
    };
    let mut folders = vec![PathBuf::from(root).join("domain-xml")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "xml") {
                found.push((path.clone(), fs::read(path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

/// The folders are named by the root element.
fn other_root(path: &std::path::Path) -> bool {
    let folder = path.parent().and_then(|p| p.file_name()).unwrap().to_string_lossy().into_owned();
    !(folder == "domain" || folder == "domstatus" || folder.starts_with("domain-"))
}

#[test]
fn every_document_reads_or_says_why() {
    let (mut read, mut refused) = (0, 0);
    for (path, bytes) in documents() {
        match Domain::parse(&bytes) {
            Ok(_) => read += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.why.is_empty() && error.offset <= bytes.len());
                assert!(other_root(&path), "{}: {error}", path.display());
            }
        }
    }
    println!("read {read}, refused {refused}");
}

/// `cargo test --release -p formats -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement"]
fn speed_of_a_typical_domain() {
    let all = documents();
    let typical: Vec<_> = all
        .iter()
        .filter(|(path, bytes)| {
            (2800..3200).contains(&bytes.len()) && path.components().any(|c| c.as_os_str() == "domain-kvm")
        })
        .collect();
    let bytes: usize = typical.iter().map(|(_, b)| b.len()).sum();
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..100 {
            for (_, document) in &typical {
                std::hint::black_box(Domain::parse(document).ok());
            }
        }
        let each = start.elapsed() / 100 / u32::try_from(typical.len().max(1)).unwrap();
        println!("{} documents, {} bytes each: {each:?}", typical.len(), bytes / typical.len().max(1));
    }
}
