//! Image headers made by hand, where `qemu-img` is too much.

/// Bytes of a qcow2 header of version 3 (QEMU `docs/interop/qcow2.txt`).
const HEADER: usize = 112;
/// Cluster size: 64 KiB.
const CLUSTER: usize = 1 << 16;

/// A qcow2 image of 1 GiB without data. Words: `backing=NAME`, `format=DRIVER` of it, `crypt=METHOD`, `datafile=NAME`.
///
/// # Errors
/// A word that is none of these.
pub fn qcow2(words: &str) -> Result<Vec<u8>, String> {
    let (mut backing, mut format, mut crypt, mut data_file) = ("", "", 0_u32, "");
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("backing", name)) => backing = name,
            Some(("format", driver)) => format = driver,
            Some(("crypt", method)) => crypt = method.parse().map_err(|_| format!("{word}: not a number"))?,
            Some(("datafile", name)) => data_file = name,
            _ => return Err(format!("{word}: not a word of a qcow2 image")),
        }
    }
    let mut extensions = vec![];
    for (kind, text) in [(0xE279_2ACA_u32, format), (0x4441_5441, data_file)] {
        if !text.is_empty() {
            extensions.extend(kind.to_be_bytes());
            extensions.extend(u32::try_from(text.len()).unwrap_or(0).to_be_bytes());
            extensions.extend(text.as_bytes());
            extensions.resize(extensions.len().next_multiple_of(8), 0);
        }
    }
    extensions.extend([0; 8]);
    let name_at = if backing.is_empty() { 0 } else { HEADER + extensions.len() };
    let cluster = |number: usize| (number * CLUSTER) as u64;
    let mut image = b"QFI\xfb".to_vec();
    image.extend(3_u32.to_be_bytes());
    image.extend((name_at as u64).to_be_bytes());
    image.extend(u32::try_from(backing.len()).unwrap_or(0).to_be_bytes());
    image.extend(16_u32.to_be_bytes());
    image.extend((1_u64 << 30).to_be_bytes());
    image.extend(crypt.to_be_bytes());
    image.extend(2_u32.to_be_bytes());
    image.extend(cluster(3).to_be_bytes());
    image.extend(cluster(1).to_be_bytes());
    image.extend(1_u32.to_be_bytes());
    image.extend([0; 12]);
    image.extend(u64::from(!data_file.is_empty()).wrapping_mul(4).to_be_bytes());
    image.extend([0; 16]);
    image.extend(4_u32.to_be_bytes());
    image.extend(u32::try_from(HEADER).unwrap_or(0).to_be_bytes());
    image.resize(HEADER, 0);
    image.extend(extensions);
    image.extend(backing.as_bytes());
    image.resize(CLUSTER * 4, 0);
    Ok(image)
}
