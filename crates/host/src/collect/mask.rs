//! Secrets are masked where they stand, with as many `x`, before anything is written down.

#![expect(clippy::ptr_arg, reason = "they are handed over as what Recorder::masked takes")]

use std::ops::Range;

/// Parts of a setting's name that make its value a password, misspelt ones among them: libvirt ignores `vnc_passwrd`, and
/// its value is a password all the same. `_pw` is how SASL's plugins abbreviate it (`ldapdb_pw`).
const TELLTALES: [&[u8]; 5] = [b"pass", b"pasw", b"psw", b"pwd", b"_pw"];
/// Switches and names of files (libvirt's and SASL's), which are no secrets.
const HARMLESS: [&[u8]; 3] = [b"vnc_password_file", b"pwcheck_method", b"allowplaintext"];

/// A process's arguments.
pub(super) fn arguments(bytes: &mut Vec<u8>) {
    formats::kernel::argv::mask_argv(bytes);
}

/// The kernel's arguments, also where a file sets them: each word as an argument of its own.
pub(super) fn command_line(bytes: &mut Vec<u8>) {
    let between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    bytes.split_mut(between).for_each(formats::kernel::argv::mask_argv);
}

/// libvirt's XML.
pub(super) fn xml(bytes: &mut Vec<u8>) {
    formats::libvirt::secrets::mask(bytes);
}

/// The second field of `/etc/passwd` and `/etc/group`: a hash, where it is not in the shadow file.
pub(super) fn accounts(bytes: &mut Vec<u8>) {
    for line in bytes.split_mut(|byte| *byte == b'\n') {
        let Some(field) = line.split_mut(|byte| *byte == b':').nth(1) else { continue };
        // `x`, `*` and `!` are no hashes, and longer ones that begin so are locked ones.
        let hash =
            if matches!(field, [b'*' | b'!', ..]) { field.get_mut(1..).unwrap_or_default() } else { field };
        if hash.len() > 1 {
            hash.fill(b'x');
        }
    }
}

/// A file of settings, libvirt's or SASL's: every assignment of a password, also the ones that do not count, those in
/// comments, and those with a name or syntax that is wrong. A scan rather than a parse, so that a file nobody can parse
/// leaks nothing either.
pub(super) fn settings(bytes: &mut Vec<u8>) {
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        match password(bytes, at..end) {
            Some(value) => {
                at = value.end.max(end) + 1;
                for byte in bytes.get_mut(value).unwrap_or_default() {
                    if !matches!(byte, b'"' | b'\'' | b'\n' | b'\r' | b' ' | b'\t') {
                        *byte = b'x';
                    }
                }
            }
            None => at = end + 1,
        }
    }
}

/// The value of the password that a line sets.
fn password(bytes: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
    let blanks = part(line.clone()).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let comment = part(line.start + blanks..line.end).first() == Some(&b'#');
    let noise =
        part(line.clone()).iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'#').count();
    let start = line.start + noise;
    let named = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = part(start..line.end).iter().take_while(named).count();
    let word = part(start..start + name).to_ascii_lowercase();
    let tells = |telltale: &&[u8]| word.windows(telltale.len()).any(|part| part == *telltale);
    if !TELLTALES.iter().any(tells) || HARMLESS.contains(&word.as_slice()) {
        return None;
    }
    let value = start + name;
    let sign = part(value..bytes.len()).iter().find(|byte| !byte.is_ascii_whitespace());
    let assigned = matches!(sign, Some(b'=' | b':' | b'"' | b'\''));
    // A sentence in a comment speaks of passwords; a line with a setting's name and a word after it is one gone wrong.
    if !assigned && (comment || !word.contains(&b'_')) {
        return None;
    }
    let open = value
        + part(value..bytes.len())
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b':'))
            .count();
    let end = if comment { line.end } else { value_end(bytes, open) };
    Some(open..end.max(line.end))
}

/// The end of the value that starts at `open`, as `virConfParseValue` finds it: the closing quote or bracket, on whatever
/// line, and at least the end of the line; all the rest where nothing closes it.
fn value_end(bytes: &[u8], open: usize) -> usize {
    let value = bytes.get(open..).unwrap_or_default();
    let close: &[u8] = match value.first() {
        _ if value.starts_with(b"\"\"\"") => b"\"\"\"",
        Some(b'"') => b"\"",
        Some(b'\'') => b"'",
        Some(b'[') => b"]",
        _ => return line_end(bytes, open),
    };
    let closed = find(bytes, open + close.len(), close).map_or(bytes.len(), |at| at + close.len());
    line_end(bytes, closed)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    find(bytes, from, b"\n").unwrap_or(bytes.len())
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|part| part == what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mask: fn(&mut Vec<u8>), cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let mut bytes = text.as_bytes().to_vec();
            mask(&mut bytes);
            assert_eq!(String::from_utf8_lossy(&bytes), *expected);
        }
    }

    #[test]
    fn passwords_go_and_everything_else_stays() {
        check(
            settings,
            &[
                ("vnc_password = \"s3cret\"\nvnc_tls = 1\n", "vnc_password = \"xxxxxx\"\nvnc_tls = 1\n"),
                ("#vnc_password = \"XYZ12345\"\n", "#vnc_password = \"xxxxxxxx\"\n"),
                ("vnc_password = \"a\nb\"\nvnc_tls = 1\n", "vnc_password = \"x\nx\"\nvnc_tls = 1\n"),
                ("vnc_password = \"never closed", "vnc_password = \"xxxxx xxxxxx"),
                ("vnc_password_file = 1", "vnc_password_file = 1"),
                (
                    "# The default VNC password. Only 8 bytes\n# password may be set\nuser = \"root\"\n",
                    "# The default VNC password. Only 8 bytes\n# password may be set\nuser = \"root\"\n",
                ),
                ("sql_passwd: a\nmech_list: plain", "sql_passwd: x\nmech_list: plain"),
                ("pwcheck_method: saslauthd", "pwcheck_method: saslauthd"),
            ],
        );
    }

    #[test]
    fn hashes_and_words_of_the_kernel() {
        check(
            accounts,
            &[(
                "root:x:0:0:root:/root:/bin/bash\nb:$6$ab:1\n\nc:!$6$ab:2\nd::\ne",
                "root:x:0:0:root:/root:/bin/bash\nb:xxxxx:1\n\nc:!xxxxx:2\nd::\ne",
            )],
        );
        check(
            command_line,
            &[
                ("quiet audit=1 password=hunter ro\n", "quiet audit=1 password=****** ro\n"),
                ("GRUB_CMDLINE_LINUX=\"a passwd=b\"\n", "GRUB_CMDLINE_LINUX=\"a passwd=*\"\n"),
            ],
        );
    }
}
