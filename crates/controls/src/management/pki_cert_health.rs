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
use formats::x509;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    recording::Body,
};

use crate::{certificates::faults, private_keys};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "issue a new certificate and restart the daemon; keep the CA's private key off the host",
        ),
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
        let stale = bundle
            .revocation_lists
            .iter()
            .filter(|list| list.next_update.is_some_and(|due| due < evidence.recording.collected_at));
        wrong.extend(stale.map(|list| Cite::bytes(file.key(), list.span, "the revocation list is stale")));
        certificates.extend(bundle.certificates.iter().map(|found| (file.key().clone(), found.clone())));
    }
    let authorities: Vec<&str> = certificates
        .iter()
        .filter(|(_, found)| found.is_ca)
        .map(|(_, found)| found.subject.as_str())
        .collect();
    for (key, certificate) in &certificates {
        let faults = faults(evidence, key, certificate, &authorities);
        if faults.is_empty() {
            right.push(Cite::bytes(
                key,
                certificate.span,
                format!("{}: valid and strong", certificate.subject),
            ));
        }
        wrong.extend(
            faults
                .into_iter()
                .map(|fault| Cite::bytes(key, certificate.span, format!("{}: {fault}", certificate.subject))),
        );
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
