//! From x509-parser's view of a certificate or revocation list to facts.

use std::net::IpAddr;

use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, KeyUsage, ParsedExtension},
    prelude::FromDer,
    public_key::PublicKey,
    revocation_list::CertificateRevocationList,
    signature_algorithm::SignatureAlgorithm,
    x509::{AlgorithmIdentifier, SubjectPublicKeyInfo},
};

use super::{AlternativeName, Certificate, RevocationList, dn};
use crate::{Malformed, Span};

/// Signature algorithms by object identifier (RFC 8017, 5758, 8410).
const SIGNATURES: [(&str, &str); 15] = [
    ("1.2.840.113549.1.1.2", "RSA-MD2"),
    ("1.2.840.113549.1.1.4", "RSA-MD5"),
    ("1.2.840.113549.1.1.5", "RSA-SHA1"),
    ("1.2.840.113549.1.1.14", "RSA-SHA224"),
    ("1.2.840.113549.1.1.11", "RSA-SHA256"),
    ("1.2.840.113549.1.1.12", "RSA-SHA384"),
    ("1.2.840.113549.1.1.13", "RSA-SHA512"),
    ("1.2.840.10045.4.1", "ECDSA-SHA1"),
    ("1.2.840.10045.4.3.2", "ECDSA-SHA256"),
    ("1.2.840.10045.4.3.3", "ECDSA-SHA384"),
    ("1.2.840.10045.4.3.4", "ECDSA-SHA512"),
    ("1.2.840.10040.4.3", "DSA-SHA1"),
    ("2.16.840.1.101.3.4.3.2", "DSA-SHA256"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
];
/// Hashes by object identifier, for RSA-PSS parameters.
const HASHES: [(&str, &str); 4] = [
    ("1.3.14.3.2.26", "SHA1"),
    ("2.16.840.1.101.3.4.2.1", "SHA256"),
    ("2.16.840.1.101.3.4.2.2", "SHA384"),
    ("2.16.840.1.101.3.4.2.3", "SHA512"),
];
/// Curves by object identifier, with their bits (RFC 5480, 5639).
const CURVES: [(&str, u32); 8] = [
    ("1.2.840.10045.3.1.1", 192),
    ("1.3.132.0.33", 224),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.10", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.11", 384),
];

fn named<T: Copy>(table: &[(&str, T)], id: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == id).map(|(_, value)| *value)
}

pub(super) fn certificate(der: &[u8], span: Span) -> Result<Certificate, Malformed> {
    let (_, certificate) = X509Certificate::from_der(der)
        .map_err(|_| Malformed::at(span.start as usize, "no X.509 certificate in DER"))?;
    let (key_algorithm, key_bits) = key(certificate.public_key());
    let mut facts = Certificate {
        span,
        subject: dn::write(certificate.subject()),
        issuer: dn::write(certificate.issuer()),
        serial: certificate.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        key_algorithm,
        key_bits,
        signature: signature(&certificate.signature_algorithm),
        is_ca: false,
        path_length: None,
        key_usages: None,
        extended_key_usages: None,
        alternative_names: Vec::new(),
        self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
        unknown_critical: Vec::new(),
    };
    for extension in certificate.extensions().iter() {
        let understood = apply(extension.parsed_extension(), &mut facts);
        if extension.critical && !understood {
            facts.unknown_critical.push(extension.oid.to_id_string());
        }
    }
    Ok(facts)
}

/// Takes an extension into the facts; false if it is not understood.
fn apply(extension: &ParsedExtension<'_>, facts: &mut Certificate) -> bool {
    match extension {
        ParsedExtension::BasicConstraints(constraints) => {
            facts.is_ca = constraints.ca;
            facts.path_length = constraints.path_len_constraint;
        }
        ParsedExtension::KeyUsage(usage) => facts.key_usages = Some(key_usages(usage)),
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let flags = [
                (usage.any, "anyExtendedKeyUsage"),
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
                (usage.code_signing, "codeSigning"),
                (usage.email_protection, "emailProtection"),
                (usage.time_stamping, "timeStamping"),
                (usage.ocsp_signing, "OCSPSigning"),
            ];
            let known = flags.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned());
            let other = usage.other.iter().map(|id| id.to_id_string());
            facts.extended_key_usages = Some(known.chain(other).collect());
        }
        ParsedExtension::SubjectAlternativeName(names) => {
            facts.alternative_names = names.general_names.iter().map(alternative_name).collect();
        }
        // Name and policy constraints are the verifier's business; that they are here is no cause for alarm.
        ParsedExtension::NameConstraints(_)
        | ParsedExtension::CertificatePolicies(_)
        | ParsedExtension::PolicyConstraints(_)
        | ParsedExtension::InhibitAnyPolicy(_)
        | ParsedExtension::PolicyMappings(_) => {}
        _ => return false,
    }
    true
}

fn key_usages(usage: &KeyUsage) -> Vec<String> {
    let flags = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    flags.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned()).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> AlternativeName {
    match name {
        GeneralName::DNSName(dns) => AlternativeName::Dns((*dns).to_owned()),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(four), _) => AlternativeName::Ip(IpAddr::from(four)),
            (_, Ok(six)) => AlternativeName::Ip(IpAddr::from(six)),
            _ => AlternativeName::Other("an address of neither 4 nor 16 bytes".to_owned()),
        },
        GeneralName::URI(_) => AlternativeName::Other("uri".to_owned()),
        GeneralName::RFC822Name(_) => AlternativeName::Other("email".to_owned()),
        GeneralName::DirectoryName(_) => AlternativeName::Other("directory name".to_owned()),
        _ => AlternativeName::Other("other".to_owned()),
    }
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> (String, Option<u32>) {
    let id = info.algorithm.algorithm.to_id_string();
    match id.as_str() {
        "1.2.840.113549.1.1.1" => ("RSA".to_owned(), rsa_bits(info)),
        "1.2.840.113549.1.1.10" => ("RSA-PSS".to_owned(), rsa_bits(info)),
        "1.2.840.10045.2.1" => {
            let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            ("EC".to_owned(), curve.and_then(|oid| named(&CURVES, &oid.to_id_string())))
        }
        "1.2.840.10040.4.1" => ("DSA".to_owned(), None),
        "1.3.101.112" => ("Ed25519".to_owned(), Some(256)),
        "1.3.101.113" => ("Ed448".to_owned(), Some(456)),
        _ => (id, None),
    }
}

/// Bits of an RSA modulus without its leading zeros.
fn rsa_bits(info: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    // The key structure is the same for RSA-PSS, which x509-parser leaves alone.
    let key = match info.parsed() {
        Ok(PublicKey::RSA(key)) => key,
        _ => x509_parser::public_key::RSAPublicKey::from_der(&info.subject_public_key.data).ok()?.1,
    };
    let digits = key.modulus.iter().skip_while(|byte| **byte == 0);
    let first = digits.clone().next()?;
    let bytes = u32::try_from(digits.count()).ok()?;
    bytes.checked_mul(8)?.checked_sub(first.leading_zeros())
}

fn signature(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let id = algorithm.algorithm.to_id_string();
    if let Some(name) = named(&SIGNATURES, &id) {
        return name.to_owned();
    }
    match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => {
            let hash = parameters.hash_algorithm_oid().to_id_string();
            format!("RSA-PSS-{}", named(&HASHES, &hash).unwrap_or(&hash))
        }
        _ => id,
    }
}

pub(super) fn revocation_list(der: &[u8], span: Span) -> Result<RevocationList, Malformed> {
    let (_, list) = CertificateRevocationList::from_der(der)
        .map_err(|_| Malformed::at(span.start as usize, "no X.509 revocation list in DER"))?;
    Ok(RevocationList {
        span,
        issuer: dn::write(list.issuer()),
        this_update: list.last_update().timestamp(),
        next_update: list.next_update().map(|time| time.timestamp()),
        revoked: list.iter_revoked_certificates().count(),
    })
}
