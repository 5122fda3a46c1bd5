//! Secrets are masked where they stand, with as many `x`, before anything is written down.

/// Keys of libvirt's configuration files that hold a password (`qemu.conf`).
const PASSWORDS: [&str; 3] = ["vnc_password", "spice_password", "rdp_password"];

/// A process's or the kernel's arguments.
pub(super) fn arguments(bytes: &mut Vec<u8>) {
    formats::kernel::argv::mask_argv(bytes);
}

/// libvirt's XML.
pub(super) fn xml(bytes: &mut Vec<u8>) {
    formats::libvirt::secrets::mask(bytes);
}

/// A libvirt configuration file: every assignment of a password, also the ones that do not count and the ones in
/// comments. A scan rather than a parse, so that a file libvirt refuses leaks nothing either.
pub(super) fn libvirt_conf(bytes: &mut Vec<u8>) {
    for key in PASSWORDS {
        let mut from = 0;
        while let Some(at) = find(bytes, from, key.as_bytes()) {
            from = at + key.len();
            let rest = bytes.get(from..).unwrap_or_default();
            let blank = |byte: &&u8| byte.is_ascii_whitespace();
            let gap = rest.iter().take_while(blank).count();
            if rest.get(gap) != Some(&b'=') {
                continue;
            }
            let start = from + gap + 1;
            from = value_end(bytes, start);
            for byte in bytes.get_mut(start..from).unwrap_or_default() {
                if !matches!(byte, b'"' | b'\'' | b'\n' | b'\r' | b' ' | b'\t') {
                    *byte = b'x';
                }
            }
        }
    }
}

/// The end of the value that starts at `start`: its closing quotes, or the end of the line.
fn value_end(bytes: &[u8], start: usize) -> usize {
    let blank = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let open = start + blank;
    let value = bytes.get(open..).unwrap_or_default();
    let line = || find(bytes, open, b"\n");
    let end = if value.starts_with(b"\"\"\"") { find(bytes, open + 3, b"\"\"\"") } else { line() };
    end.unwrap_or(bytes.len())
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|part| part == what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_go_and_everything_else_stays() {
        for (text, expected) in [
            ("vnc_password = \"s3cret\"\nvnc_tls = 1\n", "vnc_password = \"xxxxxx\"\nvnc_tls = 1\n"),
            ("#vnc_password = \"XYZ12345\"\n", "#vnc_password = \"xxxxxxxx\"\n"),
            ("spice_password=\"\"\"two\nlines\"\"\"\nuser = \"root\"", "spice_password=\"\"\"xxx\nxxxxx\"\"\"\nuser = \"root\""),
            ("vnc_password = \"never closed", "vnc_password = \"xxxxx xxxxxx"),
            ("vnc_password_file = 1", "vnc_password_file = 1"),
            ("rdp_password = 'a' # b", "rdp_password = 'x' x x"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            libvirt_conf(&mut bytes);
            assert_eq!(String::from_utf8_lossy(&bytes), expected);
        }
    }
}
