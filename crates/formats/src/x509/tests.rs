//! What no certificate tool makes: keys by their first bytes, broken files, and noise.

use proptest::prelude::*;

use super::*;

/// A self-issued Ed25519 certificate, `C=BR,O=Rig,CN=admin`, made once with `openssl req -x509`.
const PEM: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBbTCCAR+gAwIBAgIUC8shAAoHEDD9zKm98VIpPMuG9fgwBQYDK2VwMCsxCzAJ\n\
BgNVBAYTAkJSMQwwCgYDVQQKDANSaWcxDjAMBgNVBAMMBWFkbWluMCAXDTI2MTEy\n\
MTIzMzUyNFoYDzIwODEwODI0MjMzNTI0WjArMQswCQYDVQQGEwJCUjEMMAoGA1UE\n\
CgwDUmlnMQ4wDAYDVQQDDAVhZG1pbjAqMAUGAytlcAMhAHL7c+8viS1H8h40CmBk\n\
4Aw/iV7vPtlPnkuoxEVzsZXio1MwUTAdBgNVHQ4EFgQUwwBPzzb+5OTYV8H+cydn\n\
UOmbAnMwHwYDVR0jBBgwFoAUwwBPzzb+5OTYV8H+cydnUOmbAnMwDwYDVR0TAQH/\n\
BAUwAwEB/zAFBgMrZXADQQDlL2FEfCDDum00KB6+oXhtgsq285mVZZ50fBDLTFdZ\n\
tT31PVqA15fj9MZ/tt4iJLB29VuvXAcqOgeYyyI+xIoE\n\
-----END CERTIFICATE-----\n\n";

#[test]
fn a_name_is_in_the_certificates_own_order() {
    let bundle = parse(PEM.as_bytes()).unwrap();
    assert_eq!(bundle.certificates[0].subject, "C=BR,O=Rig,CN=admin");
    let certificate = &bundle.certificates[0];
    assert!(certificate.self_issued && PEM[certificate.span.range()].starts_with("-----BEGIN"));
    assert_eq!((certificate.key_algorithm.as_str(), certificate.key_bits), ("Ed25519", Some(256)));
}

#[test]
fn pem_is_read_through_comments_and_odd_lines() {
    let noisy = format!("subject: x\r\n{}junk", PEM.replace('\n', "\r\n"));
    let one_line = {
        let body: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")
    };
    for text in [noisy, one_line] {
        assert_eq!(parse(text.as_bytes()).unwrap().certificates.len(), 1, "{text}");
    }
}

#[test]
fn files_are_bounded() {
    assert!(parse(&vec![b' '; MAX_BYTES + 1]).is_err());
    assert_eq!(parse(PEM.repeat(64).as_bytes()).unwrap().certificates.len(), 64);
    assert!(parse(PEM.repeat(65).as_bytes()).unwrap_err().why.contains("64"));
    assert!(parse(b"").is_err() && parse(b"hello").is_err() && parse(&[0x30, 0x82]).is_err());
}

#[test]
fn a_broken_block_among_good_ones_is_told() {
    let text = format!("{PEM}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let bundle = parse(text.as_bytes()).unwrap();
    assert_eq!((bundle.certificates.len(), bundle.broken.len()), (1, 1));
    assert_eq!(bundle.broken[0].offset, PEM.len());
}

#[test]
fn private_keys_are_told_by_any_label() {
    for label in
        ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"]
    {
        // In two halves, or this file itself would seem to hold a key.
        let text = format!("x\n-----{} {label}-----\nAA==\n", "BEGIN");
        assert!(contains_private_key(text.as_bytes()), "{label}");
    }
    assert!(contains_private_key(format!("-----{} PGP PRIVATE KEY BLOCK-----", "BEGIN").as_bytes()));
    assert!(!contains_private_key(PEM.as_bytes()));
    assert!(!contains_private_key(b"-----BEGIN PUBLIC KEY-----\nPRIVATE KEY"));
}

#[test]
fn der_keys_are_told_by_their_first_elements() {
    let keys: [&[u8]; 5] = [
        &[0x30, 0x06, 2, 1, 0, 2, 1, 9],
        &[0x30, 0x05, 2, 1, 1, 4, 0],
        &[0x30, 0x08, 2, 1, 0, 0x30, 3, 6, 1, 42],
        &[0x30, 0x11, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13, 5, 0, 4, 0],
        &[0x30, 0x10, 2, 1, 3, 0x30, 0x0b, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1],
    ];
    for key in keys {
        assert!(contains_private_key(key), "{key:x?}");
    }
    // A certificate's shape, and a key cut before it shows itself.
    assert!(!contains_private_key(&[0x30, 0x08, 0x30, 2, 6, 0, 0x30, 2, 6, 0]));
    assert!((0..5).all(|len| !contains_private_key(&keys[0][..len])));
}

proptest! {
    #[test]
    fn noise_never_panics(noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let block = pem::blocks(PEM.as_bytes()).next().unwrap();
        let mut der = block.der.unwrap();
        for (at, byte) in noise {
            let at = at.index(der.len());
            der[at] = byte;
        }
        der.truncate(cut.index(der.len()) + 1);
        let _ = parse(&der);
        let _ = facts::revocation_list(&der, Span::default());
    }
}
