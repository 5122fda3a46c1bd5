//! Edits of XML that many remedies make.

use formats::{Span, Splice, libvirt::Place};

/// A whole attribute with the white space before it, from the bytes of its value: what to cut to remove it.
pub(crate) fn attribute(bytes: &[u8], value: Span) -> Option<Span> {
    let (start, end) = (value.start as usize, value.end as usize);
    let quote = start.checked_sub(1)?;
    if bytes.get(quote) != bytes.get(end) {
        return None;
    }
    let before = bytes.get(..quote)?;
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    let skip = |part: &[u8]| part.len() - part.iter().rev().take_while(blank).count();
    let equals = skip(before).checked_sub(1).filter(|at| before.get(*at) == Some(&b'='))?;
    let name_end = skip(before.get(..equals)?);
    let name = before.get(..name_end)?.iter().rev().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let first = skip(before.get(..name_end.checked_sub(name)?)?);
    (name > 0).then(|| Span::new(first, end + 1))
}

/// Adds a child at the beginning of an element called `name`.
pub(crate) fn insert(element: Place, name: &str, child: &str) -> Splice {
    let end = element.open.end as usize;
    if element.open.end == element.span.end {
        // An element without content is one tag, closed by `/>`.
        return Splice::new(end.saturating_sub(2)..end, format!(">{child}</{name}>"));
    }
    Splice::new(end..end, child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_goes_with_its_name_and_quotes() {
        for (xml, cut) in [
            ("<a b='x' c='y'/>", "<a c='y'/>"),
            ("<a\n  b = \"x\"/>", "<a/>"),
            ("<a d='' b='x'>", "<a d=''>"),
        ] {
            let at = xml.find('x').unwrap();
            let span = attribute(xml.as_bytes(), Span::new(at, at + 1)).unwrap();
            let mut text = xml.to_owned();
            text.replace_range(span.range(), "");
            assert_eq!(text, cut);
        }
        assert_eq!(attribute(b"<a>x</a>", Span::new(3, 4)), None);
    }
}
