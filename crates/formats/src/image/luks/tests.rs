//! LUKS headers made by hand, and the JSON reader against serde_json.

use proptest::prelude::*;

use super::*;

/// A LUKS1 header with key slot 3 in use, every secret byte `0xEE`.
fn luks1() -> Vec<u8> {
    let mut head = vec![0_u8; LUKS1_BYTES];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"LUKS\xba\xbe\x00\x01");
    put(8, b"aes");
    put(40, b"xts-plain64");
    put(72, b"sha256");
    put(104, &4096_u32.to_be_bytes());
    put(108, &64_u32.to_be_bytes());
    put(112, &[0xEE; 52]);
    put(168, b"6f1c2a54-uuid");
    for slot in 0..8 {
        put(208 + slot * 48, &0xDEAD_u32.to_be_bytes());
        put(208 + slot * 48 + 8, &[0xEE; 32]);
    }
    put(208 + 3 * 48, &0x00AC_71F3_u32.to_be_bytes());
    put(208 + 3 * 48 + 4, &1234_u32.to_be_bytes());
    head
}

const JSON: &str = r#"{"keyslots":{"0":{"type":"luks2","key_size":64,"af":{"type":"luks1","stripes":4000,"hash":"sha256"},
"area":{"type":"raw","offset":"32768","size":"258048","encryption":"aes-xts-plain64","key_size":64},
"kdf":{"type":"argon2id","time":4,"memory":32768,"cpus":1,"salt":"c2FsdHNhbHQ="}},
"1":{"type":"luks2","key_size":32,"kdf":{"type":"pbkdf2","hash":"sha512","iterations":1000,"salt":"c2FsdHNhbHQ="}}},
"tokens":{"0":{"type":"clevis","keyslots":["1"],"jwe":{"type":"c2FsdHNhbHQ=","ciphertext":"c2FsdHNhbHQ="}}},
"segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0","encryption":"aes-xts-plain64",
"sector_size":4096}},"digests":{"0":{"type":"pbkdf2","keyslots":["0","1"],"segments":["0"],"hash":"sha256",
"iterations":1000,"salt":"c2FsdHNhbHQ=","digest":"c2FsdHNhbHQ="}},
"config":{"json_size":"12288","keyslots_size":"16744448","requirements":{"mandatory":["online-reencrypt"]}}}"#;

fn luks2(json: &str) -> Vec<u8> {
    let mut head = vec![0_u8; 16384];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"LUKS\xba\xbe\x00\x02");
    put(8, &16384_u64.to_be_bytes());
    put(16, &7_u64.to_be_bytes());
    put(24, b"label");
    put(104, &[0xEE; 64]);
    put(168, b"uuid");
    put(448, &[0xEE; 64]);
    put(4096, json.as_bytes());
    let mut second = head.clone();
    second[..6].copy_from_slice(b"SKUL\xba\xbe");
    [head, second].concat()
}

#[test]
fn luks1_facts_and_mask() {
    let mut head = luks1();
    let before = parse(&head).unwrap();
    assert_eq!(
        (before.segments[0].cipher.value.as_str(), before.segments[0].mode.as_str()),
        ("aes", "xts-plain64")
    );
    assert_eq!((before.segments[0].offset.value, before.key_bytes.value), (4096 * 512, 64));
    let kdf = Kdf::Pbkdf2 { hash: "sha256".to_owned(), iterations: 1234 };
    let slots: Vec<_> = before.keyslots.iter().map(|slot| (slot.id, slot.kdf.value.clone())).collect();
    assert_eq!(slots, [(3, kdf)]);
    head.extend([0xEE; 100]);
    mask(&mut head);
    assert!(!head.contains(&0xEE));
    assert_eq!(parse(&head).unwrap(), before);
}

#[test]
fn luks2_facts_and_mask() {
    let mut head = luks2(JSON);
    let before = parse(&head).unwrap();
    assert_eq!(before.tokens, ["clevis"]);
    assert_eq!(before.requirements, ["online-reencrypt"]);
    assert_eq!(before.second, SecondCopy::Found(7));
    assert_eq!(before.segments[0].sector_size, 4096);
    assert_eq!((before.key_bytes.value, &head[before.key_bytes.span.range()]), (64, &b"64"[..]));
    let argon = Kdf::Argon2 { variant: "argon2id".to_owned(), time: 4, memory: 32768, cpus: 1 };
    assert_eq!(before.keyslots[0].kdf.value, argon);
    assert_eq!(before.keyslots[1].kdf.value, Kdf::Pbkdf2 { hash: "sha512".to_owned(), iterations: 1000 });
    let length = head.len();
    mask(&mut head);
    assert_eq!(head.len(), length);
    assert!(!head.contains(&0xEE) && !head.windows(8).any(|w| w == b"c2FsdHNh"));
    assert_eq!(parse(&head).unwrap(), before);
    let end = 4096 + JSON.len();
    assert!(serde_json::from_slice::<serde_json::Value>(&head[4096..end]).is_ok());
}

#[test]
fn broken_json_is_refused_and_masked_away() {
    for json in [
        "",
        "[]",
        "{",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1} x",
        "{\"a\":tru}",
        "{\"a\":\"\\x\"}",
    ] {
        let mut head = luks2(json);
        assert!(parse(&head).is_err(), "{json}");
        mask(&mut head);
        assert!(head[4096..16384].iter().all(|b| *b == 0), "{json}");
    }
    let deep = format!("{}1{}", "{\"a\":".repeat(1000), "}".repeat(1000));
    assert!(parse(&luks2(&deep)).unwrap_err().why.contains("too deep"));
}

#[test]
fn a_key_with_escapes_does_not_smuggle_a_salt_out() {
    let mut head = luks2(r#"{"x":{"sal\u0074":"c2FsdHNhbHQ=","hash/salt":"c2FsdHNhbHQ="}}"#);
    mask(&mut head);
    assert!(!head.windows(8).any(|w| w == b"c2FsdHNh"));
}

#[test]
fn a_header_cut_anywhere_is_an_error_or_the_same() {
    let (one, two) = (luks1(), luks2(JSON));
    for len in 0..one.len() {
        assert!(parse(&one[..len]).is_err(), "{len}");
    }
    for len in (0..16384).step_by(7) {
        assert!(parse(&two[..len]).is_err(), "{len}");
    }
    assert_eq!(parse(&two[..16384]).unwrap().second, SecondCopy::NotRead);
}

proptest! {
    #[test]
    fn json_is_accepted_as_serde_json_does(text in r#"\{("a"|"b"|:|,|\{|\}|\[|\]|1|-2\.5|null|true|"x\\n"| |"\\u00e9"){0,12}\}"#) {
        let ours = json::read(text.as_bytes(), 0).is_ok();
        prop_assert_eq!(ours, serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn nothing_panics(noise in prop::collection::vec((0_usize..8192, any::<u8>()), 0..20), cut in 0_usize..40_000) {
        for mut head in [luks1(), luks2(JSON)] {
            for (at, byte) in &noise {
                if let Some(old) = head.get_mut(*at) {
                    *old = *byte;
                }
            }
            head.truncate(cut);
            let before = parse(&head);
            mask(&mut head);
            if let Ok(before) = before {
                prop_assert_eq!(parse(&head), Ok(before));
            }
        }
    }
}
