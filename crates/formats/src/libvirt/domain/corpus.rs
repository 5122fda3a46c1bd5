//! Every XML document of a folder of real ones: read, or refused with a reason, and how fast.

use std::{fs, path::PathBuf};

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

/// Nanoseconds this thread has run: the machine may be shared.
fn cpu() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn best_of_ten(what: &str, documents: &[Vec<u8>], mut f: impl FnMut(&[u8])) {
    let mut best = u64::MAX;
    for _ in 0..10 {
        let start = cpu();
        for _ in 0..100 {
            documents.iter().for_each(|d| f(d));
        }
        best = best.min((cpu() - start) / (100 * documents.len().max(1) as u64));
    }
    println!("{what}: {best} ns of CPU a document");
}

/// `cargo test --release -p formats -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement"]
fn speed_of_a_typical_domain() {
    let typical = |(path, bytes): (PathBuf, Vec<u8>)| {
        let kvm = path.components().any(|c| c.as_os_str() == "domain-kvm");
        (kvm && (2800..3200).contains(&bytes.len())).then_some(bytes)
    };
    let typical: Vec<_> = documents().into_iter().filter_map(typical).collect();
    println!("{} documents of about 3 KB", typical.len());
    best_of_ten("bare tree", &typical, |d| {
        std::hint::black_box(roxmltree::Document::parse(std::str::from_utf8(d).unwrap()).is_ok());
    });
    best_of_ten("bounded tree", &typical, |d| {
        std::hint::black_box(xml::parse(d).is_ok());
    });
    best_of_ten("whole domain", &typical, |d| {
        std::hint::black_box(Domain::parse(d).is_ok());
    });
}
