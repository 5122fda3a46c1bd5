//! Distinguished names as GnuTLS writes them: `gnutls_x509_crt_get_dn`, which libvirt uses (`virNetTLSContext…`).
//!
//! RFC 4514's escapes, but in the certificate's own order, with GnuTLS's names of attributes (`lib/x509/common.c`).
//! What it has no name for is written by number, with the value's DER bytes in hexadecimal.

use x509_parser::{asn1_rs::Tag, x509::AttributeTypeAndValue, x509::X509Name};

/// Attributes that GnuTLS names, by object identifier.
const NAMES: [(&str, &str); 30] = [
    ("1.3.6.1.5.5.7.9.2", "placeOfBirth"),
    ("1.3.6.1.5.5.7.9.3", "gender"),
    ("1.3.6.1.5.5.7.9.4", "countryOfCitizenship"),
    ("1.3.6.1.5.5.7.9.5", "countryOfResidence"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "street"),
    ("2.5.4.12", "title"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.13", "description"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.20", "telephoneNumber"),
    ("2.5.4.4", "surName"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.15", "businessCategory"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionOfIncorporationLocalityName"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionOfIncorporationStateOrProvinceName"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionOfIncorporationCountryName"),
    ("1.2.840.113549.1.9.1", "EMAIL"),
];

/// The name as GnuTLS writes it; `None` where GnuTLS gives an error.
pub(super) fn write(name: &X509Name<'_>) -> Option<String> {
    let mut text = String::new();
    for rdn in name.iter_rdn() {
        if !text.is_empty() {
            text.push(',');
        }
        for (index, attribute) in rdn.iter().enumerate() {
            if index > 0 {
                text.push('+');
            }
            push_attribute(&mut text, attribute)?;
        }
    }
    Some(text)
}

fn push_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) -> Option<()> {
    let id = attribute.attr_type().to_id_string();
    let value = attribute.attr_value();
    match NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => {
            text.push_str(name);
            text.push('=');
            let value = decode(value.header.tag(), value.data)?;
            if value.contains('\0') {
                return None;
            }
            push_escaped(text, &value);
        }
        None => {
            text.push_str(&id);
            text.push_str("=#");
            let header = header_bytes(value.header.tag(), value.data.len());
            text.extend(header.iter().chain(value.data).map(|byte| format!("{byte:02x}")));
        }
    }
    Some(())
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

/// The characters of a value. What GnuTLS can't print of a known attribute it writes in hexadecimal.
fn decode(tag: Tag, data: &[u8]) -> Option<String> {
    let hex = || format!("#{}", data.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    match tag {
        Tag::BmpString => {
            let units = data.chunks_exact(2).map(|pair| pair.iter().fold(0, |n, b| n << 8 | u16::from(*b)));
            Some(char::decode_utf16(units).collect::<Result<String, _>>().unwrap_or_else(|_| hex()))
        }
        Tag::UniversalString => Some(hex()),
        Tag::T61String if !data.is_ascii() => Some(hex()),
        _ => std::str::from_utf8(data).ok().map(str::to_owned),
    }
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
