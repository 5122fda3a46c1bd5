//! Recordings that are damaged or made to harm: cut, flipped, bombs, of another schema, of wrong types.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "the lints spare tests, but not the functions they share"
)]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use host::{
    collect::{self, Options},
    source::{Memory, Source},
    store::{self, Error},
};
use model::{
    evidence::Evidence,
    recording::{Body, Entry, Recording},
};
use serde_json::{Value, json};

struct File(PathBuf);

impl File {
    fn new(bytes: &[u8]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let file = Self(
            std::env::temp_dir().join(format!("baluarte-recordings-{}-{number}.zst", std::process::id())),
        );
        fs::write(&file.0, bytes).unwrap();
        file
    }

    fn of(json: &Value) -> Self {
        Self::new(&zstd::encode_all(json.to_string().as_bytes(), 1).unwrap())
    }

    /// Loads in bounded time; an error names the file.
    fn load(&self) -> Result<Recording, Error> {
        let start = Instant::now();
        let loaded = store::load(&self.0);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        if let Err(error) = &loaded {
            assert!(error.to_string().contains(self.0.to_str().unwrap()), "{error}");
        }
        loaded
    }

    #[track_caller]
    fn is_refused(&self, what: &str) -> String {
        self.load().expect_err(what).to_string()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A recording with something of each kind in it.
fn sample() -> Recording {
    let mut memory = Memory::default();
    let mut put = |key: &str, body: Body| memory.entries.insert(key.to_owned(), Entry { stat: None, body });
    put("etc/libvirt/qemu.conf", Body::Text("vnc_tls = 1\n".repeat(50)));
    put("etc/libvirt/qemu/a.xml", Body::Text("<domain type='kvm'><name>a</name></domain>".into()));
    put("var/lib/a.img", Body::Bytes(vec![0xff; 100]));
    put("proc/cmdline", Body::Text("quiet".into()));
    let source: Arc<dyn Source> = Arc::new(memory);
    collect::collect(&source, &Options::default(), |_, _| ())
}

fn sample_json() -> Value {
    serde_json::to_value(sample()).unwrap()
}

#[test]
fn cut_at_every_length() {
    let file = File::new(b"");
    store::save(&file.0, &sample()).unwrap();
    let whole = fs::read(&file.0).unwrap();
    assert_eq!(File::new(&whole).load().unwrap(), sample_at(&whole));
    for length in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        let why = File::new(&whole[..length]).is_refused(&format!("cut at {length}"));
        assert!(why.contains("not a recording, or is damaged"), "{length}: {why}");
    }
    let why = File::new(&[whole.as_slice(), b"more"].concat()).is_refused("something behind it");
    assert!(why.contains("damaged"), "{why}");
}

fn sample_at(packed: &[u8]) -> Recording {
    serde_json::from_slice(&zstd::decode_all(packed).unwrap()).unwrap()
}

#[test]
fn flipped_bits_are_noticed() {
    let file = File::new(b"");
    store::save(&file.0, &sample()).unwrap();
    let whole = fs::read(&file.0).unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..300 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let bit = random as usize % (whole.len() * 8);
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A checksum stands behind the frame: what loads all the same is what was saved.
        if let Ok(loaded) = File::new(&flipped).load() {
            assert_eq!(loaded, sample_at(&whole), "bit {bit}: another recording, and nobody noticed");
        }
    }
}

/// A zstd frame (RFC 8878) of `blocks` blocks of 128 KiB of one byte: four bytes each.
fn bomb(blocks: usize, byte: u8, before: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    let header = |last: u32, kind: u32, size: u32| (last | kind << 1 | size << 3).to_le_bytes()[..3].to_vec();
    frame.extend(header(0, 0, u32::try_from(before.len()).unwrap()));
    frame.extend(before);
    for number in 0..blocks {
        frame.extend(header(u32::from(number + 1 == blocks), 1, 128 << 10));
        frame.push(byte);
    }
    frame
}

#[test]
fn bombs_are_refused_in_bounded_memory() {
    // 3 GiB: of zeros, of blanks before or within the JSON, and of a string that never ends.
    for (what, byte, before) in [
        ("zeros", 0, b"".as_slice()),
        ("blanks", b' ', b""),
        ("blanks inside", b' ', b"{\"schema\":1,"),
        ("a string", b'a', b"{\"schema\":1,\"tool\":\""),
        ("a list", b'[', b"{\"schema\":1,\"tool\":"),
    ] {
        let packed = bomb(24_576, byte, before);
        assert!(packed.len() < 200_000);
        let resident = peak();
        let why = File::new(&packed).is_refused(what);
        assert!(why.contains("unpacks to more than"), "{what}: {why}");
        let grown = peak().saturating_sub(resident);
        assert!(grown < 400 << 10, "{what}: {grown} KiB for a file of {} bytes", packed.len());
    }
    // A window of 2 GiB, asked for in 6 bytes.
    File::new(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]).is_refused("a huge window");
}

/// `VmHWM` of this process, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn other_schemas() {
    for schema in [json!(2), json!(u32::MAX), json!(u64::MAX)] {
        let mut value = sample_json();
        value["schema"] = schema.clone();
        value["tool"] = json!("baluarte 9.9");
        value["entries"] = json!("of another shape");
        let why = File::of(&value).is_refused("newer");
        assert!(why.contains("baluarte 9.9") && why.contains(&schema.to_string()), "{why}");
    }
    for schema in [json!(-1), json!("1"), json!(null), json!(1.5), json!([1])] {
        let mut value = sample_json();
        value["schema"] = schema;
        File::of(&value).is_refused("no number");
    }
    let mut value = sample_json();
    value["schema"] = json!(0);
    // No release ever wrote schema 0.
    File::of(&value).is_refused("schema 0");
}

#[test]
fn wrong_types_and_unknown_fields() {
    let whole = sample_json();
    for field in whole.as_object().unwrap().keys() {
        for wrong in [json!(null), json!(-7), json!("x"), json!([1]), json!({"a": 1}), json!(1e300)] {
            let mut value = whole.clone();
            if value[field].is_string() && wrong.is_string() || field == "collected_at" && wrong == json!(-7)
            {
                continue;
            }
            value[field] = wrong;
            File::of(&value).is_refused(field);
        }
        let mut value = whole.clone();
        value.as_object_mut().unwrap().remove(field);
        File::of(&value).is_refused(field);
    }
    for body in [
        json!({"text": 7}),
        json!({"bytes": "not base64!"}),
        json!({"names": [7]}),
        json!("texts"),
        json!({"text": "a", "link": "b"}),
    ] {
        let mut value = whole.clone();
        value["entries"]["etc/libvirt/qemu.conf"]["body"] = body;
        File::of(&value).is_refused("body");
    }
    // A later release of the same schema may add a field; to refuse it would be to refuse every such recording.
    let mut value = whole;
    value["weather"] = json!("fine");
    assert!(File::of(&value).load().is_ok());
}

#[test]
fn not_a_recording_at_all() {
    for (what, bytes) in [
        ("empty", vec![]),
        ("text", b"a text".to_vec()),
        ("JSON that is not packed", sample_json().to_string().into_bytes()),
        ("another JSON", zstd::encode_all(b"[1,2]".as_slice(), 1).unwrap()),
        ("deep", zstd::encode_all("[".repeat(1_000_000).as_bytes(), 1).unwrap()),
        (
            "deep inside",
            zstd::encode_all(format!("{{\"schema\":1,\"x\":{}", "[".repeat(1_000_000)).as_bytes(), 1)
                .unwrap(),
        ),
        ("twice the same field", zstd::encode_all(b"{\"schema\":1,\"schema\":1}".as_slice(), 1).unwrap()),
    ] {
        File::new(&bytes).is_refused(what);
    }
    assert!(store::load(std::env::temp_dir().as_path()).is_err());
}

#[test]
fn hostile_keys_derive_no_harm() {
    let mut value = sample_json();
    let text = |text: &str| json!({"body": {"text": text}});
    for key in [
        "",
        "/",
        "..",
        "proc//comm",
        "proc/4294967296/comm",
        "proc/1/fd/\u{202e}",
        "netns/18446744073709551616/x",
        "netns/7/netlink/link",
        "proc/7/comm/",
        "etc/libvirt/qemu/.xml",
        "a\u{0}b",
    ] {
        value["entries"][key] = text("x");
    }
    value["entries"]["var/lib/a.img"] = json!({
        "body": {"bytes": "UUZJ+wAAAAP//////////w=="},
        "stat": {"mode": u32::MAX, "uid": 0, "gid": 0, "size": u64::MAX, "mtime": i64::MIN, "device": "99999999999999999999:-1"},
    });
    value["entries"]["etc/libvirt/qemu"] =
        json!({"body": {"names": ["a.xml", "../../shadow.xml", "", "/.xml", "b/c.xml"]}});
    value["entries"]["etc/libvirt/qemu/a.xml"] = text(
        "<domain type='kvm'><name>a</name><devices><disk type='file'><source file='/var/lib/a.img'/><target dev='a'/></disk></devices></domain>",
    );
    value["collected_at"] = json!(i64::MAX);
    let recording = File::of(&value).load().unwrap();
    let evidence = Evidence::of(recording);
    assert!(!evidence.vms.is_empty());
}
