//! Hostile documents are refused at the right byte; good ones give exact spans.

use super::*;

fn xpath_at(bytes: &[u8], offset: usize) -> Option<String> {
    xpaths_at(bytes, [offset].into_iter()).remove(0)
}

fn why(bytes: &[u8]) -> (usize, String) {
    let error = parse(bytes).expect_err("must be refused");
    assert!(error.offset <= bytes.len(), "{error}");
    (error.offset, error.why.into_owned())
}

#[test]
fn dtds_and_entities_are_refused() {
    let laughs = br#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>"#;
    assert_eq!(why(laughs), (21, "a DTD or declaration is refused".into()));
    let external = br#"<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>"#;
    assert_eq!(why(external).0, 0);
    let entity = b"<domain>\n<name>&xxe;</name></domain>";
    assert_eq!(why(entity).0, 15);
    assert!(parse(b"<a>&lt;&#65;</a>").is_ok());
}

#[test]
fn deep_nesting_is_refused_before_the_parser() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(why(deep.as_bytes()), (3 * MAX_DEPTH, "elements nest deeper than 128".into()));
    let fits = format!("{}{}", "<a>".repeat(MAX_DEPTH), "</a>".repeat(MAX_DEPTH));
    assert!(parse(fits.as_bytes()).is_ok());
}

#[test]
fn the_parser_itself_does_not_recurse() {
    // Even if the scan miscounted, a deep document must not overflow the stack.
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(Document::parse(&deep).is_ok());
}

#[test]
fn counts_are_bounded() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='1'")).collect();
    assert!(why(format!("<a{attributes}/>").as_bytes()).1.contains("256 attributes"));
    let nodes = format!("<a>{}</a>", "<b/>".repeat(MAX_NODES as usize));
    assert!(why(nodes.as_bytes()).1.contains("nodes"));
    let texts = format!("<a>{}</a>", "x<b/>".repeat(150_000));
    assert!(why(texts.as_bytes()).1.to_lowercase().contains("nodes limit"));
    let equals = "=".repeat(MAX_NODES as usize + 1);
    assert!(why(format!("<a>{equals}</a>").as_bytes()).1.contains('='));
    let spaces: String = (0..300).map(|n| format!("<b xmlns:n{n}='u'/>")).collect();
    assert!(why(format!("<a>{spaces}</a>").as_bytes()).1.contains("namespace"));
    assert!(why(&vec![b' '; MAX_BYTES + 1]).1.contains("4 MiB"));
    assert!(why(format!("<a b{}='c'/>", " ".repeat(300)).as_bytes()).1.contains("blanks"));
}

#[test]
fn spans_never_lie() {
    // Around where the parser's own lengths wrap: an attribute is refused, or its value is where its span says.
    let gaps = [0, 1, 100, 253, 254, 255, 256, 257, 300, 511, 512, 513].map(|gap| (1, gap));
    let names = [65_534, 65_535, 65_536, 65_537, 70_000, 131_072].map(|name| (name, 0));
    for (name, gap) in gaps.into_iter().chain(names) {
        for (before, after) in [(gap, 0), (0, gap)] {
            let (name, before, after) = ("b".repeat(name), " ".repeat(before), "\n".repeat(after));
            let text = format!("<a {name}{before}={after}'value' c='d'/>");
            let Ok(document) = parse(text.as_bytes()) else { continue };
            let attribute = document.root_element().attributes().next().unwrap();
            assert_eq!(&text[attribute.range_value()], "value", "{} {gap}", name.len());
        }
    }
}

#[test]
fn one_root_in_utf8() {
    assert_eq!(why(b"<a/><b/>").0, 4);
    assert_eq!(why(b"<a></a>tail").0, 7);
    assert_eq!(why(b""), (0, why(b"").1));
    assert_eq!(why(b"<a>\xff</a>"), (3, "XML is not valid UTF-8".into()));
    why(b"<a>\0</a>");
    why(b"\0\0\0\0");
    why(b"\xff\xfe<\0a\0/\0>\0");
    let foreign = b"<?xml version='1.0' encoding='UTF-7'?><a/>";
    assert_eq!(why(foreign), (20, "XML declares an encoding other than UTF-8".into()));
    assert!(parse(b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n<a/>").is_ok());
}

#[test]
fn errors_convert_rows_to_bytes() {
    assert_eq!(why("<a>\n<b>ééé</c>\n</a>".as_bytes()), (13, "expected 'b' tag, not 'c'".into()));
    assert_eq!(why(b"<a>\n<b>").0, 7);
    assert_eq!(why(b"<a b='1' b='2'/>").0, 9);
}

#[test]
fn open_tags_end_at_the_right_bracket() {
    let text = "<a x='>' xmlns:y='>' ><b/></a>";
    let document = parse(text.as_bytes()).unwrap();
    let root = document.root_element();
    assert_eq!(&text[open_tag(root).range()], "<a x='>' xmlns:y='>' >");
    assert_eq!(&text[open_tag(root.first_child().unwrap()).range()], "<b/>");
}

#[test]
fn attributes_can_be_cut_by_their_value() {
    let text = "<a b='1'\n  cd = \"2\" e='3'/>";
    let document = parse(text.as_bytes()).unwrap();
    let cut: Vec<_> = document
        .root_element()
        .attributes()
        .map(|a| &text[attribute_at(text.as_bytes(), a.range_value().into()).unwrap().range()])
        .collect();
    assert_eq!(cut, [" b='1'", "\n  cd = \"2\"", " e='3'"]);
    assert_eq!(attribute_at(text.as_bytes(), Span::new(0, 3)), None);
    assert_eq!(attribute_at(text.as_bytes(), Span::new(900, 901)), None);
}

#[test]
fn xpaths_name_the_byte() {
    let text = "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><name>x</name><devices>\
        <graphics listen='0.0.0.0'><listen/><listen address='::'/></graphics></devices>\
        <commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-s'/></commandline></domain>";
    let at = |what: &str| xpath_at(text.as_bytes(), text.find(what).unwrap()).unwrap();
    assert_eq!(at("0.0.0.0"), "/domain/devices/graphics[1]/@listen");
    assert_eq!(at("::'"), "/domain/devices/graphics[1]/listen[2]/@address");
    assert_eq!(at("x</name>"), "/domain/name");
    assert_eq!(at("-s"), "/domain/qemu:commandline/qemu:arg/@value");
    assert_eq!(xpath_at(text.as_bytes(), text.len()), None);
    assert_eq!(xpath_at(b"<a", 0), None);
}

#[test]
fn every_truncation_is_refused_without_panic() {
    let text = "<?xml version='1.0'?><!-- c --><a b='&lt;é'><![CDATA[x]]><?pi y?><c/>text</a>";
    assert!(parse(text.as_bytes()).is_ok());
    for end in 0..text.len() {
        why(&text.as_bytes()[..end]);
    }
}

#[test]
fn insertions_between_wide_characters_never_panic() {
    let text = "<é à='ü€'>é<![CDATA[ô]]><!--ñ--><?pï ç?><ø xmlns:ß='å'/>𝄞&#233;</é>";
    assert!(parse(text.as_bytes()).is_ok());
    let inserted =
        ["é", "<", ">", "&", "&é;", "'", "=", "/", "]]>", "--", "\u{1}", "\u{ffff}", "xmlns:xml='é'", "𝄞:"];
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        for more in inserted {
            let hostile = [&text[..at], more, &text[at..]].concat();
            if let Err(error) = parse(hostile.as_bytes()) {
                assert!(error.offset <= hostile.len());
            }
            let _ = xpath_at(hostile.as_bytes(), at);
        }
    }
}
