//! Distinguished names as GnuTLS writes them: `gnutls_x509_crt_get_dn`, which libvirt uses (`virNetTLSContext…`).
//!
//! RFC 4514's escapes, but in the certificate's own order, with GnuTLS's names of attributes (`lib/x509/common.c`).
//! What it has no name for is written by number, with the value's DER bytes in hexadecimal.

use x509_parser::{asn1_rs::Tag, x509::AttributeTypeAndValue, x509::X509Name};

/// The string types that GnuTLS takes for an attribute; a value of another is written in hexadecimal.
type Types = &'static [Tag];
const PRINTABLE: Types = &[Tag::PrintableString];
const IA5: Types = &[Tag::Ia5String];
const DIRECTORY: Types = &[
    Tag::Utf8String,
    Tag::PrintableString,
    Tag::T61String,
    Tag::BmpString,
    Tag::UniversalString,
    Tag::Ia5String,
];
/// Attributes that GnuTLS names, by object identifier.
const NAMES: [(&str, &str, Types); 30] = [
    ("1.3.6.1.5.5.7.9.2", "placeOfBirth", DIRECTORY),
    ("1.3.6.1.5.5.7.9.3", "gender", PRINTABLE),
    ("1.3.6.1.5.5.7.9.4", "countryOfCitizenship", PRINTABLE),
    ("1.3.6.1.5.5.7.9.5", "countryOfResidence", PRINTABLE),
    ("2.5.4.6", "C", PRINTABLE),
    ("2.5.4.9", "street", DIRECTORY),
    ("2.5.4.12", "title", DIRECTORY),
    ("2.5.4.10", "O", DIRECTORY),
    ("2.5.4.11", "OU", DIRECTORY),
    ("2.5.4.3", "CN", DIRECTORY),
    ("2.5.4.7", "L", DIRECTORY),
    ("2.5.4.8", "ST", DIRECTORY),
    ("2.5.4.13", "description", DIRECTORY),
    ("2.5.4.5", "serialNumber", PRINTABLE),
    ("2.5.4.20", "telephoneNumber", PRINTABLE),
    ("2.5.4.4", "surName", DIRECTORY),
    ("2.5.4.43", "initials", DIRECTORY),
    ("2.5.4.44", "generationQualifier", DIRECTORY),
    ("2.5.4.42", "givenName", DIRECTORY),
    ("2.5.4.65", "pseudonym", DIRECTORY),
    ("2.5.4.46", "dnQualifier", PRINTABLE),
    ("2.5.4.17", "postalCode", DIRECTORY),
    ("2.5.4.41", "name", DIRECTORY),
    ("2.5.4.15", "businessCategory", DIRECTORY),
    ("0.9.2342.19200300.100.1.25", "DC", IA5),
    ("0.9.2342.19200300.100.1.1", "UID", DIRECTORY),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionOfIncorporationLocalityName", DIRECTORY),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionOfIncorporationStateOrProvinceName", DIRECTORY),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionOfIncorporationCountryName", PRINTABLE),
    ("1.2.840.113549.1.9.1", "EMAIL", IA5),
];

/// The name as GnuTLS writes it.
pub(super) fn write(name: &X509Name<'_>) -> String {
    let mut text = String::new();
    for rdn in name.iter_rdn() {
        if !text.is_empty() {
            text.push(',');
        }
        for (index, attribute) in rdn.iter().enumerate() {
            if index > 0 {
                text.push('+');
            }
            push_attribute(&mut text, attribute);
        }
    }
    text
}

fn push_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    let id = attribute.attr_type().to_id_string();
    let value = attribute.attr_value();
    let tag = value.header.tag();
    let known = NAMES.iter().find(|(known, ..)| *known == id);
    text.push_str(known.map_or(&id, |(_, name, _)| name));
    text.push('=');
    let readable = known.filter(|(_, _, types)| types.contains(&tag)).and_then(|_| decode(tag, value.data));
    match readable {
        Some(value) => push_escaped(text, &value),
        None => {
            let header = header_bytes(tag, value.data.len());
            text.push_str(&hex(&[&header, value.data].concat()));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    std::iter::once("#".to_owned()).chain(bytes.iter().map(|byte| format!("{byte:02x}"))).collect()
}

/// The DER header of a primitive value: names hold nothing else.
fn header_bytes(tag: Tag, length: usize) -> Vec<u8> {
    let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
    let mut header = vec![u8::try_from(tag.0).unwrap_or(0x1f)];
    if length >= 0x80 {
        header.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
    }
    header.extend(if length == 0 { vec![0] } else { digits });
    header
}

/// The characters of a value; `None` if there is a NUL among them or they are not what their type says.
fn decode(tag: Tag, data: &[u8]) -> Option<String> {
    let text = match tag {
        Tag::BmpString => {
            let units = data.chunks_exact(2).map(|pair| pair.iter().fold(0, |n, b| n << 8 | u16::from(*b)));
            char::decode_utf16(units).collect::<Result<String, _>>().unwrap_or_else(|_| hex(data))
        }
        // GnuTLS has no characters for these, and takes their hexadecimal form for the text.
        Tag::UniversalString => hex(data),
        Tag::T61String if !data.is_ascii() => hex(data),
        _ => std::str::from_utf8(data).ok()?.to_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

fn push_escaped(text: &mut String, value: &str) {
    for (at, character) in value.char_indices() {
        let edge = (at == 0 && matches!(character, ' ' | '#')) || (at + 1 == value.len() && character == ' ');
        if edge || matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            text.push('\\');
        }
        text.push(character);
    }
}
