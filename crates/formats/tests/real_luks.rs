//! LUKS containers made by `cryptsetup` on plain files, read here and by `cryptsetup luksDump`: the facts must agree.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test's own functions, which the lints' exception for tests does not cover"
)]

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use formats::image::{Facts, facts, head_needed, luks, mask_head, probe};
use serde_json::Value;

/// Makes a container with one pass phrase, hands it to `check`, and takes it away. Masking is checked on the way.
fn with_container(name: &str, options: &[&str], check: impl FnOnce(&str, luks::Header)) {
    if Command::new("cryptsetup").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: cryptsetup is not installed");
        return;
    }
    let path = std::env::temp_dir().join(format!("baluarte-luks-{name}-{}", std::process::id()));
    fs::File::create(&path).unwrap().set_len(32 << 20).unwrap();
    let text = path.to_str().unwrap();
    cryptsetup(&[&["luksFormat", "-q", "--key-file=-"], options, &[text]].concat());
    let bytes = fs::read(&path).unwrap();
    let size = bytes.len() as u64;
    let mut head = bytes[..head_needed(&bytes[..4096], size)].to_vec();
    let format = probe(&head, size);
    let header = match facts(format, &head, size) {
        Ok(Facts::Luks(header)) => *header,
        other => panic!("{other:?}"),
    };
    let secrets = secrets(text, header.version.value);
    mask_head(format, &mut head);
    assert_eq!(luks::parse(&head).as_ref(), Ok(&header), "masking changed the facts");
    for secret in &secrets {
        assert!(
            bytes.windows(secret.len()).any(|window| window == secret),
            "the test looks for the wrong bytes"
        );
        assert!(!head.windows(secret.len()).any(|window| window == secret), "a salt or digest is left");
    }
    check(text, header);
    fs::remove_file(&path).unwrap();
}

fn cryptsetup(arguments: &[&str]) -> String {
    let mut command = Command::new("cryptsetup");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"pass phrase");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn dump_json(path: &str) -> Value {
    serde_json::from_str(&cryptsetup(&["luksDump", "--dump-json-metadata", path])).unwrap()
}

/// The line of a dump that begins with `name`, after its colon.
fn field(dump: &str, name: &str) -> String {
    let line = dump.lines().find(|line| line.trim_start().starts_with(name));
    line.unwrap_or_else(|| panic!("{name}: {dump}")).split_once(':').unwrap().1.trim().to_owned()
}

/// Salts and digests as they stand in the file, by the tool's own account.
fn secrets(path: &str, version: u16) -> Vec<Vec<u8>> {
    if version == 1 {
        let hex = field(&cryptsetup(&["luksDump", path]), "MK digest:");
        return vec![hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()];
    }
    let json = dump_json(path);
    let digest = &json["digests"]["0"];
    let secrets = [&json["keyslots"]["0"]["kdf"]["salt"], &digest["salt"], &digest["digest"]];
    // json-c may write a slash with a backslash before it: what is before the first one is enough.
    let longest =
        |value: &Value| value.as_str().unwrap().split('/').max_by_key(|part| part.len()).unwrap().to_owned();
    secrets.map(|value| longest(value).into_bytes()).to_vec()
}

#[test]
fn luks1() {
    let options =
        ["--type=luks1", "--pbkdf-force-iterations=1000", "--cipher=aes-cbc-essiv:sha256", "--key-size=256"];
    with_container("one", &options, |path, header| {
        let dump = cryptsetup(&["luksDump", path]);
        assert_eq!(header.version.value, 1);
        assert_eq!(header.segments[0].cipher.value, field(&dump, "Cipher name:"));
        assert_eq!(header.segments[0].mode, field(&dump, "Cipher mode:"));
        assert_eq!(header.hash.value, field(&dump, "Hash spec:"));
        assert_eq!((header.key_bytes.value * 8).to_string(), field(&dump, "MK bits:"));
        assert_eq!((header.segments[0].offset.value / 512).to_string(), field(&dump, "Payload offset:"));
        assert_eq!(header.uuid.value, field(&dump, "UUID:"));
        let luks::Kdf::Pbkdf2 { iterations, .. } = header.keyslots[0].kdf.value else { panic!("not PBKDF2") };
        assert_eq!((header.keyslots.len(), iterations.to_string()), (1, field(&dump, "Iterations:")));
    });
}

fn check_luks2(path: &str, header: &luks::Header) {
    let (json, dump) = (dump_json(path), cryptsetup(&["luksDump", path]));
    assert_eq!(header.version.value, 2);
    assert_eq!(header.uuid.value, field(&dump, "UUID:"));
    assert_eq!(header.sequence.value.to_string(), field(&dump, "Epoch:"));
    assert_eq!(header.second, luks::SecondCopy::Found(header.sequence.value));
    let (ours, theirs) = (&header.segments[0], &json["segments"]["0"]);
    assert_eq!(format!("{}-{}", ours.cipher.value, ours.mode), theirs["encryption"]);
    assert_eq!(ours.sector_size, theirs["sector_size"]);
    assert_eq!(ours.offset.value.to_string(), theirs["offset"]);
    assert_eq!(header.hash.value, json["digests"]["0"]["hash"]);
    assert_eq!(header.keyslots.len(), json["keyslots"].as_object().unwrap().len());
    assert_eq!(header.key_bytes.value, json["keyslots"]["0"]["key_size"]);
    let kdf = &json["keyslots"]["0"]["kdf"];
    match &header.keyslots[0].kdf.value {
        luks::Kdf::Pbkdf2 { hash, iterations } => {
            assert_eq!((&kdf["type"], &kdf["hash"]), (&Value::from("pbkdf2"), &Value::from(hash.as_str())));
            assert_eq!(*iterations, kdf["iterations"]);
        }
        luks::Kdf::Argon2 { variant, time, memory, cpus } => {
            assert_eq!(*variant, kdf["type"]);
            assert_eq!((*time, *memory, *cpus), {
                let number = |key: &str| kdf[key].as_u64().unwrap();
                (number("time"), number("memory"), number("cpus"))
            });
        }
        luks::Kdf::Other { name } => panic!("{name}"),
    }
}

#[test]
fn luks2_pbkdf2() {
    let options = ["--type=luks2", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000", "--sector-size=4096"];
    with_container("two", &options, |path, header| {
        check_luks2(path, &header);
        assert_eq!(header.segments[0].sector_size, 4096);
        assert!(matches!(header.keyslots[0].kdf.value, luks::Kdf::Pbkdf2 { iterations: 1000, .. }));
    });
}

#[test]
fn luks2_argon2id() {
    let options = [
        "--type=luks2",
        "--pbkdf=argon2id",
        "--pbkdf-force-iterations=4",
        "--pbkdf-memory=1024",
        "--label=rig",
    ];
    with_container("argon", &options, |path, header| {
        check_luks2(path, &header);
        assert_eq!(header.label.value, "rig");
        assert!(matches!(header.keyslots[0].kdf.value, luks::Kdf::Argon2 { time: 4, memory: 1024, .. }));
    });
}
