//! What is wrong with a certificate of this host, as far as it tells.

use formats::x509::{AlternativeName, Certificate};
use model::{evidence::Evidence, fact::Key};

/// How long a certificate must be valid still, in seconds: 30 days.
const AHEAD: i64 = 30 * 24 * 60 * 60;

/// Its faults, one line each; `authorities` are the names of the CAs whose certificates lie here.
pub(crate) fn faults(
    evidence: &Evidence,
    key: &Key,
    certificate: &Certificate,
    authorities: &[&str],
) -> Vec<String> {
    let now = evidence.recording.collected_at;
    let base = key.rsplit('/').next().unwrap_or_default();
    let mut faults = vec![];
    let left = certificate.not_after - now;
    if left < 0 {
        faults.push("it has expired".to_owned());
    } else if left < AHEAD {
        faults.push(format!("it expires in {} days", left / (24 * 60 * 60)));
    }
    if certificate.not_before > now {
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
        (true, _) => Some(format!(
            "its key is weak: {} {}",
            certificate.key_algorithm,
            certificate.key_bits.unwrap_or(0)
        )),
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
    let mut dns = names
        .clone()
        .filter_map(|name| if let AlternativeName::Dns(name) = name { Some(name) } else { None })
        .peekable();
    if dns.peek().is_some() {
        return dns.any(|name| fits(name));
    }
    // GnuTLS looks at the common name where there is no DNS name.
    let common = certificate.subject.split(',').find_map(|part| part.strip_prefix("CN="));
    let address = names.clone().any(|name| matches!(name, AlternativeName::Ip(_)));
    wanted.is_empty() || address || common.is_some_and(fits)
}
