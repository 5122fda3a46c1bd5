//! Rust text told apart into code, comments and strings, without parsing: enough for laws about words and braces.

/// Three views of one text. Each has the length and the line breaks of the original, so an offset into one is an offset
/// into all; what belongs to another view is blank.
pub struct Scan {
    /// Neither comment nor the inside of a literal (its quotes stay).
    pub code: String,
    /// Comments with their marks.
    pub comments: String,
    /// The insides of string literals: byte offset where the text begins, and the text as written.
    pub strings: Vec<(usize, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// Splits a text. What is unterminated goes on to the end.
pub fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut parts = vec![Part::Code; bytes.len()];
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (part, from, to, end) = if rest.starts_with(b"//") {
            let end = at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            (Part::Comment, at, end, end)
        } else if rest.starts_with(b"/*") {
            let end = at + block_comment(rest);
            (Part::Comment, at, end, end)
        } else if let Some((from, to, end)) = literal(bytes, at) {
            (Part::Literal, from, to, end)
        } else {
            at += 1;
            continue;
        };
        parts[from..to].fill(part);
        if part == Part::Literal && bytes.get(to) == Some(&b'"') {
            strings.push((from, String::from_utf8_lossy(&bytes[from..to]).into_owned()));
        }
        at = end;
    }
    let view = |wanted| {
        let keep = |(&b, &p): (&u8, &Part)| if b == b'\n' || p == wanted { b } else { b' ' };
        let kept: Vec<u8> = bytes.iter().zip(&parts).map(keep).collect();
        String::from_utf8_lossy(&kept).into_owned()
    };
    Scan { code: view(Part::Code), comments: view(Part::Comment), strings }
}

/// The length of a comment that may hold others.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// A string or character that begins here: where its inside begins and ends, and where it ends itself.
fn literal(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    match bytes[at] {
        b'"' => Some(quoted(bytes, at + 1, b'"')),
        // 'a' and '\n' are characters; 'a without a closing quote is a lifetime.
        b'\'' if bytes.get(at + 1) == Some(&b'\\') => Some(quoted(bytes, at + 1, b'\'')),
        b'\'' => {
            let width = utf8_width(*bytes.get(at + 1)?);
            (bytes.get(at + 1 + width) == Some(&b'\'')).then_some((at + 1, at + 1 + width, at + 2 + width))
        }
        b'r' if !word_before(bytes, at) => raw(bytes, at),
        _ => None,
    }
}

/// `r"…"` and `r#"…"#`, also after a `b` or `c`; not `r#name`.
fn raw(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let hashes = bytes[at + 1..].iter().take_while(|&&b| b == b'#').count();
    let from = at + 2 + hashes;
    if bytes.get(from - 1) != Some(&b'"') {
        return None;
    }
    let close = |i: &usize| {
        bytes[*i] == b'"' && bytes[i + 1..].iter().take(hashes).filter(|&&b| b == b'#').count() == hashes
    };
    let to = (from..bytes.len()).find(close).unwrap_or(bytes.len());
    Some((from, to, (to + 1 + hashes).min(bytes.len())))
}

fn quoted(bytes: &[u8], from: usize, quote: u8) -> (usize, usize, usize) {
    let mut at = from;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    let to = at.min(bytes.len());
    (from, to, (to + 1).min(bytes.len()))
}

fn utf8_width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// Is the byte before part of a longer word? `b` and `c` alone are prefixes of a literal.
fn word_before(bytes: &[u8], at: usize) -> bool {
    let word = |i: usize| bytes.get(i).is_some_and(|&b| is_word(b));
    match at.checked_sub(1) {
        Some(i) if matches!(bytes[i], b'b' | b'c') => i.checked_sub(1).is_some_and(word),
        Some(i) => word(i),
        None => false,
    }
}

/// Could this byte stand inside an identifier?
pub fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// Where the word stands, whole.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let edge = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_none_or(|&b| !is_word(b));
        edge(at.checked_sub(1)) && edge(Some(at + word.len()))
    })
}

/// The 1-based line of a byte offset.
pub fn line(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|&&b| b == b'\n').count() + 1
}

/// From an offset, the first `{` outside of round and square brackets, and just past its partner; none if a `;`
/// comes first.
pub fn body(code: &str, from: usize) -> Option<(usize, usize)> {
    let (mut nested, mut open, mut depth) = (0i32, None, 0i32);
    for (i, b) in code.bytes().enumerate().skip(from) {
        match b {
            b'(' | b'[' if open.is_none() => nested += 1,
            b')' | b']' if open.is_none() => nested -= 1,
            b';' if open.is_none() && nested == 0 => return None,
            b'{' if open.is_some() || nested == 0 => {
                open = open.or(Some(i));
                depth += 1;
            }
            b'}' if open.is_some() => {
                depth -= 1;
                if depth == 0 {
                    return Some((open?, i + 1));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let s = scan("a /* b /* c */ d */ e // f\n\"g\\\"h\" 'i' '\\'' &'j k r#\"l\"m\"# br\"n\" r#fn o'é'");
        let code: String = s.code.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, "a e \" \" ' ' ' ' &'j k r#\" \"# br\" \" r#fn o' '");
        let inside: Vec<&str> = s.strings.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!(inside, ["g\\\"h", "l\"m", "n"]);
        assert!(s.comments.contains("/* b /* c */ d */") && s.comments.contains("// f"));
    }

    #[test]
    fn views_keep_offsets_and_lines() {
        let text = "x\n\"é\n\" // é\ny";
        let s = scan(text);
        assert_eq!((s.code.len(), s.comments.len()), (text.len(), text.len()));
        assert_eq!(line(&s.code, s.code.find('y').unwrap()), 4);
    }

    #[test]
    fn unterminated_text_ends() {
        for text in ["\"abc", "/* /* */", "r#\"x\"", "'\\", "b'", "r###", "\"\\"] {
            scan(text);
        }
    }

    #[test]
    fn finds_words_and_bodies() {
        assert_eq!(words("fn f fnord _fn fn", "fn").collect::<Vec<_>>(), [0, 15]);
        assert_eq!(body("fn f(a: [u8; 2]) -> X { {} } z", 0), Some((22, 28)));
        assert_eq!(body("fn f(); fn g() {}", 0), None);
    }
}
