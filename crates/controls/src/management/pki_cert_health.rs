//! The certificates of libvirt, VNC and migration are valid, strong, and for this host.
//!
//! ## Why
//! An expired certificate stops management and migration at once, and what people do then is to turn verification off. A
//! weak one can be forged; one for another name trains people to ignore the warning. The CA's private key on a host makes
//! whoever is root there an administrator of all of them.
//!
//! ## Where
//! Every certificate and revocation list below `/etc/pki/CA`, `/etc/pki/libvirt`, `/etc/pki/qemu` and `/etc/pki/libvirt-*`, at the
//! time of the recording: valid, and for 30 days more; RSA of 2048 bits or more, or an elliptic curve of 256; no MD5 or
//! SHA-1 in the signature; where it names uses, `serverAuth` for a server's and `clientAuth` for a client's; a server's name
//! is this host's; the issuer is a CA that lies here. A revocation list is not stale. No private key lies in `/etc/pki/CA`.
//! Signatures are not verified here.
//!
//! ## Fix
//! Issue a new certificate (`certtool`, libvirt's docs/kbase/tlscerts.rst) and restart the daemon, or
//! `virt-admin server-update-tls`. Move the CA's key to a machine without a network.
//!
//! ## Undo
//! Put the former file back while it is still valid.
//!
//! Ten days are left:
//! ```fails
//! -- etc/pki/libvirt/servercert.pem --
//! -----BEGIN CERTIFICATE-----
//! MIIB/DCCAaGgAwIBAgIBAzAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJCUjEQMA4G
//! A1UEChMHRXhhbXBsZTEXMBUGA1UEAxMORXhhbXBsZSBLVk0gQ0EwHhcNMjYwMTAx
//! MDAwMDAwWhcNMjYxMjAxMDAwMDAwWjA6MQswCQYDVQQGEwJCUjEQMA4GA1UEChMH
//! RXhhbXBsZTEZMBcGA1UEAxMQa3ZtMS5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEG
//! CCqGSM49AwEHA0IABEdkRvJc6Z6KyqZ3fG496CDcrKiSPeS9G+LSCF3b4WONGj4N
//! JW8aIFKXmqnIrO+K6TeK/l2ps2Wmbog4fb+PdeCjgZkwgZYwDAYDVR0TAQH/BAIw
//! ADAhBgNVHREEGjAYghBrdm0xLmV4YW1wbGUubmV0hwTAAAIBMBMGA1UdJQQMMAoG
//! CCsGAQUFBwMBMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQU3lTHA4dhIsoIf1Hh
//! AvZLtnD0vQwwHwYDVR0jBBgwFoAU79uJFs0wpUdqkVeCuOjDH7yF6XswCgYIKoZI
//! zj0EAwIDSQAwRgIhAP1TbH3zFU6okTw6BINT6yM32tBixswOShP81xqI8APeAiEA
//! lsdC6Fo8Qu36MFaJydlWjjntYsNShstP5p9Cl1ZV0zM=
//! -----END CERTIFICATE-----
//! ```
//! A client's certificate, for another host:
//! ```fails
//! -- etc/pki/libvirt/servercert.pem --
//! -----BEGIN CERTIFICATE-----
//! MIIB1zCCAX2gAwIBAgIBBDAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJCUjEQMA4G
//! A1UEChMHRXhhbXBsZTEXMBUGA1UEAxMORXhhbXBsZSBLVk0gQ0EwHhcNMjYwMTAx
//! MDAwMDAwWhcNNDAwMTAxMDAwMDAwWjA7MQswCQYDVQQGEwJCUjEQMA4GA1UEChMH
//! RXhhbXBsZTEaMBgGA1UEAxMRb3RoZXIuZXhhbXBsZS5uZXQwWTATBgcqhkjOPQIB
//! BggqhkjOPQMBBwNCAARHZEbyXOmeisqmd3xuPegg3Kyokj3kvRvi0ghd2+FjjRo+
//! DSVvGiBSl5qpyKzviuk3iv5dqbNlpm6IOH2/j3Xgo3UwczAMBgNVHRMBAf8EAjAA
//! MBMGA1UdJQQMMAoGCCsGAQUFBwMCMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQU
//! 3lTHA4dhIsoIf1HhAvZLtnD0vQwwHwYDVR0jBBgwFoAU79uJFs0wpUdqkVeCuOjD
//! H7yF6XswCgYIKoZIzj0EAwIDSAAwRQIhAKOsHKE4lNGXfAb0H0w4TAO43qz/tY2H
//! UHNWBZezf6d1AiBgg5XKCzOVwB02jaPCqUpW6ImjJ2Z31uWVYPrfo2kXSw==
//! -----END CERTIFICATE-----
//! ```
//! ```fails
//! -- etc/pki/CA/private/cakey.pem mode=0600 inode --
//! ```
//! ```fails
//! -- etc/pki/CA/cacert.pem --
//! -----BEGIN CERTIFICATE-----
//! MIIB/DCCAaGgAwIBAgIBAjAKBggqhkjOPQQDAjA4MQswCQYDVQQGEwJCUjEQMA4G
//! A1UEChMHRXhhbXBsZTEXMBUGA1UEAxMORXhhbXBsZSBLVk0gQ0EwHhcNMjYwMTAx
//! MDAwMDAwWhcNNDAwMTAxMDAwMDAwWjA6MQswCQYDVQQGEwJCUjEQMA4GA1UEChMH
//! RXhhbXBsZTEZMBcGA1UEAxMQa3ZtMS5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEG
//! CCqGSM49AwEHA0IABEdkRvJc6Z6KyqZ3fG496CDcrKiSPeS9G+LSCF3b4WONGj4N
//! JW8aIFKXmqnIrO+K6TeK/l2ps2Wmbog4fb+PdeCjgZkwgZYwDAYDVR0TAQH/BAIw
//! ADAhBgNVHREEGjAYghBrdm0xLmV4YW1wbGUubmV0hwTAAAIBMBMGA1UdJQQMMAoG
//! CCsGAQUFBwMBMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQU3lTHA4dhIsoIf1Hh
//! AvZLtnD0vQwwHwYDVR0jBBgwFoAU79uJFs0wpUdqkVeCuOjDH7yF6XswCgYIKoZI
//! zj0EAwIDSQAwRgIhAKavJ9e21UY6EWBOIjhGE7J2k2pPIADmPbKf0lgqi/3hAiEA
//! gC4Xl7pR5V9mN9x7/McdwPmmVVK1sIQKAZRnB/dklsY=
//! -----END CERTIFICATE-----
//! ```
use formats::x509::{self, AlternativeName, Certificate};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Key,
    recording::Body,
};

use crate::private_keys;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("issue a new certificate and restart the daemon; keep the CA's private key off the host"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Certificates are valid and strong",
        pt: "Os certificados são válidos e fortes",
        id: "Sertifikat sah dan kuat",
    },
    why: "An expired or forged certificate ends with verification turned off.",
    references: &["libvirt docs/kbase/tlscerts.rst", "libvirt tools/virt-pki-validate.c", "RFC 5280, 4.2.1"],
};

/// How long a certificate must be valid still, in seconds: 30 days.
const AHEAD: i64 = 30 * 24 * 60 * 60;

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    let mut certificates = vec![];
    let below = evidence.recording.entries.range("etc/pki/".to_owned().."etc/pki0".to_owned());
    for (key, entry) in below.filter(|(key, _)| key.ends_with(".pem") && !key.ends_with("key.pem")) {
        if matches!(entry.body, Body::StatOnly | Body::Absent) {
            continue;
        }
        let file = evidence.bytes(key).and_then(x509::parse);
        let bundle = file.required()?;
        let stale = bundle.revocation_lists.iter().filter(|list| list.next_update.is_some_and(|due| due < now(evidence)));
        wrong.extend(stale.map(|list| Cite::bytes(file.key(), list.span, "the revocation list is stale")));
        certificates.extend(bundle.certificates.iter().map(|found| (file.key().clone(), found.clone())));
    }
    let authorities: Vec<&str> =
        certificates.iter().filter(|(_, found)| found.is_ca).map(|(_, found)| found.subject.as_str()).collect();
    for (key, certificate) in &certificates {
        let faults = faults(evidence, key, certificate, &authorities);
        if faults.is_empty() {
            right.push(Cite::bytes(key, certificate.span, format!("{}: valid and strong", certificate.subject)));
        }
        wrong.extend(faults.into_iter().map(|fault| Cite::bytes(key, certificate.span, format!("{}: {fault}", certificate.subject))));
    }
    for key in private_keys::keys(evidence)?.into_iter().filter(|key| key.starts_with("etc/pki/CA/")) {
        // What can't be looked at at all may be anything.
        evidence.stat(key).known()?;
        wrong.push(Cite::whole(&key.into(), "the CA's private key lies on the host"));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there are no certificates"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn now(evidence: &Evidence) -> i64 {
    evidence.recording.collected_at
}

fn faults(evidence: &Evidence, key: &Key, certificate: &Certificate, authorities: &[&str]) -> Vec<String> {
    let base = key.rsplit('/').next().unwrap_or_default();
    let mut faults = vec![];
    let left = certificate.not_after - now(evidence);
    if left < 0 {
        faults.push("it has expired".to_owned());
    } else if left < AHEAD {
        faults.push(format!("it expires in {} days", left / (24 * 60 * 60)));
    }
    if certificate.not_before > now(evidence) {
        faults.push("it is not valid yet".to_owned());
    }
    faults.extend(weakness(certificate));
    let (server, client) = (base.starts_with("server"), base.starts_with("client"));
    if base.starts_with("ca") && !certificate.is_ca {
        faults.push("it is no CA".to_owned());
    }
    for (role, wanted) in [(server, "serverAuth"), (client, "clientAuth")] {
        let fits = |usage: &String| usage == wanted || usage == "anyExtendedKeyUsage";
        if role && certificate.extended_key_usages.as_ref().is_some_and(|usages| !usages.iter().any(fits)) {
            faults.push(format!("it is not for {wanted}"));
        }
    }
    if server && !is_named(certificate, &evidence.recording.host_name) {
        faults.push(format!("it is not for {}", evidence.recording.host_name));
    }
    if (server || client) && !authorities.contains(&certificate.issuer.as_str()) {
        faults.push("no CA that lies here issued it".to_owned());
    }
    faults
}

fn weakness(certificate: &Certificate) -> Option<String> {
    let bits = certificate.key_bits.unwrap_or(u32::MAX);
    let weak = match certificate.key_algorithm.as_str() {
        "RSA" | "RSA-PSS" => bits < 2048,
        "DSA" => true,
        _ => bits < 256,
    };
    let broken = ["MD2", "MD5", "SHA1"].iter().any(|hash| certificate.signature.ends_with(hash));
    // A root is trusted for being there, not for its signature.
    match (weak, broken && !certificate.self_issued) {
        (true, _) => Some(format!("its key is weak: {} {}", certificate.key_algorithm, certificate.key_bits.unwrap_or(0))),
        (_, true) => Some(format!("its signature is weak: {}", certificate.signature)),
        _ => None,
    }
}

/// Whether one of its names has this host's first label. Addresses are not compared: the host may have any.
fn is_named(certificate: &Certificate, host: &str) -> bool {
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let wanted = first(host);
    let fits = |name: &str| name.starts_with("*.") || first(name) == wanted;
    let names = certificate.alternative_names.iter();
    let mut dns = names.clone().filter_map(|name| if let AlternativeName::Dns(name) = name { Some(name) } else { None }).peekable();
    if dns.peek().is_some() {
        return dns.any(|name| fits(name));
    }
    // GnuTLS looks at the common name where there is no DNS name.
    let common = certificate.subject.split(',').find_map(|part| part.strip_prefix("CN="));
    let address = names.clone().any(|name| matches!(name, AlternativeName::Ip(_)));
    wanted.is_empty() || address || common.is_some_and(fits)
}
