//! Facts of X.509 certificates and revocation lists, out of PEM or DER files, and whether a file holds a private key.
//!
//! Nothing is verified here: no signature, no chain. A distinguished name is written as GnuTLS writes it, for
//! libvirt's `tls_allowed_dn_list` compares that text (`virt-pki-query-dn` prints it).

mod dn;
mod facts;
mod pem;
mod private;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{Malformed, Span};

pub use private::contains_private_key;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Most certificates and revocation lists of one file.
pub const MAX_OBJECTS: usize = 64;

/// What a certificate says. Times are UNIX seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its place in the file: the PEM block from `-----BEGIN`, or the DER bytes.
    pub span: Span,
    /// Subject, in the certificate's order, as GnuTLS writes it.
    pub subject: String,
    /// Issuer, likewise.
    pub issuer: String,
    /// Serial number in hexadecimal, two digits a byte.
    pub serial: String,
    /// Not valid before.
    pub not_before: i64,
    /// Not valid after.
    pub not_after: i64,
    /// `RSA`, `EC`, `Ed25519`, `Ed448`, `DSA`, `RSA-PSS`, or an object identifier.
    pub key_algorithm: String,
    /// Bits of the key: of the modulus, or of the curve's field. `None` where not known.
    pub key_bits: Option<u32>,
    /// Signature algorithm with its hash, as `RSA-SHA256` or `ECDSA-SHA384`, or an object identifier.
    pub signature: String,
    /// Basic constraints say that it may issue certificates.
    pub is_ca: bool,
    /// Most certificates under it in a chain, if limited.
    pub path_length: Option<u32>,
    /// Key usages by their names in RFC 5280, 4.2.1.3; `None` without the extension: all are allowed.
    pub key_usages: Option<Vec<String>>,
    /// Extended key usages (`serverAuth`, `clientAuth` …, or object identifiers); `None` without the extension.
    pub extended_key_usages: Option<Vec<String>>,
    /// Names it is for.
    pub alternative_names: Vec<AlternativeName>,
    /// Issuer and subject are the same bytes. The signature is not verified.
    pub self_issued: bool,
    /// Critical extensions that are not understood here, or that are broken, by object identifier.
    pub unknown_critical: Vec<String>,
}

/// A subject alternative name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlternativeName {
    /// A DNS name, maybe with a wildcard.
    Dns(String),
    /// An address.
    Ip(std::net::IpAddr),
    /// Another kind, by its name.
    Other(String),
}

/// What a revocation list says. Times are UNIX seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationList {
    /// Its place in the file.
    pub span: Span,
    /// Issuer, as GnuTLS writes it.
    pub issuer: String,
    /// When it was made.
    pub this_update: i64,
    /// When the next one is due; after that it is stale.
    pub next_update: Option<i64>,
    /// Number of revoked certificates.
    pub revoked: usize,
}

/// All that a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Certificates in file order.
    pub certificates: Vec<Certificate>,
    /// Revocation lists in file order.
    pub revocation_lists: Vec<RevocationList>,
    /// The file holds a private key: encrypted or not.
    pub private_key: bool,
    /// Blocks that should be one of these and can't be read.
    pub broken: Vec<Malformed>,
}

/// Reads a PEM file, of which blocks with other labels and text between them are passed over, or one DER certificate
/// or revocation list.
///
/// # Errors
/// A file over [`MAX_BYTES`], with more than [`MAX_OBJECTS`] objects, or with nothing readable in it that is a
/// certificate, a revocation list, or a private key. A broken block among good ones is told in [`Bundle::broken`].
pub fn parse(bytes: &[u8]) -> Result<Bundle, Malformed> {
    if bytes.len() > MAX_BYTES {
        return Err(Malformed::at(MAX_BYTES, "a certificate file of over 1 MiB is not read"));
    }
    let mut bundle = Bundle { private_key: contains_private_key(bytes), ..Bundle::default() };
    if bytes.first() == Some(&0x30) {
        read_der(bytes, &mut bundle);
    } else {
        for block in pem::blocks(bytes) {
            if bundle.certificates.len() + bundle.revocation_lists.len() + bundle.broken.len() == MAX_OBJECTS
            {
                return Err(Malformed::at(block.span.start as usize, "more than 64 certificates"));
            }
            read_block(&block, &mut bundle);
        }
    }
    let empty = bundle.certificates.is_empty() && bundle.revocation_lists.is_empty() && !bundle.private_key;
    match bundle.broken.first() {
        Some(broken) if empty => Err(broken.clone()),
        None if empty => Err(Malformed::at(0, "no certificate, neither PEM nor DER")),
        _ => Ok(bundle),
    }
}

fn read_der(bytes: &[u8], bundle: &mut Bundle) {
    let span = Span::new(0, bytes.len());
    match facts::certificate(bytes, span) {
        Ok(certificate) => bundle.certificates.push(certificate),
        Err(broken) => match facts::revocation_list(bytes, span) {
            Ok(list) => bundle.revocation_lists.push(list),
            Err(_) if bundle.private_key => {}
            Err(_) => bundle.broken.push(broken),
        },
    }
}

fn read_block(block: &pem::Block<'_>, bundle: &mut Bundle) {
    let broken = |why: &str| Malformed::at(block.span.start as usize, format!("{}: {why}", block.label));
    let der = match block.label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CRL" => match &block.der {
            Some(der) => der,
            None => return bundle.broken.push(broken("not base64")),
        },
        _ => return,
    };
    if block.label == "X509 CRL" {
        match facts::revocation_list(der, block.span) {
            Ok(list) => bundle.revocation_lists.push(list),
            Err(error) => bundle.broken.push(broken(&error.why)),
        }
        return;
    }
    match facts::certificate(der, block.span) {
        Ok(certificate) => bundle.certificates.push(certificate),
        Err(error) => bundle.broken.push(broken(&error.why)),
    }
}
