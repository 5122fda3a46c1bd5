//! Streams, attributes and JSON lines; and that no bytes make a decoder panic.

use proptest::prelude::*;

use super::*;
use crate::{Span, netlink::link::Link};

#[test]
fn messages_are_split_and_padded() {
    let mut stream = message(16, 2, 7, b"abcde");
    stream.resize(stream.len().next_multiple_of(4), 0);
    stream.extend(message(DONE, 2, 7, &0_i32.to_ne_bytes()));
    let found: Vec<_> = messages(&stream).collect::<Result<_, _>>().unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].kind, found[0].sequence, found[0].payload.bytes()), (16, 7, &b"abcde"[..]));
    assert_eq!(found[0].payload.offset(), 16);
    assert_eq!((found[1].kind, found[1].errno()), (DONE, Ok(0)));
    assert_eq!(
        messages(&message(ERROR, 0, 1, &(-13_i32).to_ne_bytes())).next().unwrap().unwrap().errno(),
        Ok(13)
    );
}

#[test]
fn a_stream_cut_short_says_where() {
    let mut stream = message(16, 2, 1, b"abcd");
    stream.extend(message(16, 2, 1, b"efgh"));
    stream.pop();
    let found: Vec<_> = messages(&stream).collect();
    assert_eq!(found.len(), 2, "nothing follows an error");
    assert_eq!(found[1].as_ref().unwrap_err().offset, 20);
    // A length of zero would never advance.
    assert!(messages(&[0; 64]).next().unwrap().is_err());
    assert_eq!(messages(&[0; 64]).count(), 1);
}

#[test]
fn attributes_are_split_and_bounded() {
    let mut payload = Vec::new();
    push_attribute(&mut payload, 3, b"eth0\0");
    push_attribute(&mut payload, 0x8000 | 18, b"");
    assert_eq!(payload.len(), 16);
    let found: Vec<_> = View::new(&payload).attributes().collect::<Result<_, _>>().unwrap();
    assert_eq!((found[0].kind, found[0].value.text()), (3, "eth0".to_owned()));
    assert_eq!((found[1].kind, found[1].value.bytes().len()), (18, 0), "flags are no part of the type");
    payload[0] = 200;
    assert_eq!(View::new(&payload).attributes().next().unwrap().unwrap_err().offset, 0);
    payload[0] = 3;
    assert_eq!(View::new(&payload).attributes().count(), 1);
}

#[test]
fn lines_keep_their_places_and_name_the_byte_that_is_wrong() {
    let text = b"{\"index\":1,\"name\":\"lo\"}\n\n{\"index\":2,\"name\":\"br0\",\"up\":true}\n";
    let links = lines::read::<Link>(text).unwrap();
    assert_eq!(links[1].span, Span::new(25, 59));
    assert!(links[1].value.up && !links[0].value.up);
    let error = lines::read::<Link>(b"{\"index\":1,\"name\":\"lo\"}\n{\"index\":\"x\"}").unwrap_err();
    assert!((24..38).contains(&error.offset), "{error}");
    assert!(lines::read::<Link>(b"{\"name\":\"lo\"}").is_err(), "an interface has a number");
    let values: Vec<Link> = links.into_iter().map(|line| line.value).collect();
    let again = lines::read::<Link>(&lines::write(&values).unwrap()).unwrap();
    assert_eq!(again.into_iter().map(|line| line.value).collect::<Vec<_>>(), values);
}

/// A stream with something of every kind, to be mutated.
fn samples() -> Vec<u8> {
    let mut stream = link::tests::stream();
    stream.extend(nft::tests::stream());
    stream.extend(audit::tests::rule_message());
    stream.extend(audit::tests::status_message());
    stream
}

/// Everything that reads a stream.
fn decode_all(bytes: &[u8]) {
    let _ = audit::status(bytes);
    let rules = audit::rules(bytes).unwrap_or_default();
    let links = link::decode(bytes).unwrap_or_default();
    let objects = nft::decode(bytes).unwrap_or_default();
    let _ = (nft::generation(bytes), nft::set_names(bytes));
    // An object takes at least an attribute of four bytes; nothing is made of nothing.
    assert!(rules.len() + links.len() + objects.len() <= bytes.len() / 4);
    for object in &objects {
        if let nft::Object::Rule(rule) = object {
            let _ = (rule.matches(), rule.verdict(), rule.understood());
        }
    }
    // What was decoded can be written, and reads back the same.
    let values =
        |written: &[u8]| lines::read::<nft::Object>(written).unwrap().into_iter().map(|line| line.value);
    assert_eq!(values(&lines::write(&objects).unwrap()).collect::<Vec<_>>(), objects);
    let again = lines::read::<audit::Rule>(&lines::write(&rules).unwrap()).unwrap();
    assert_eq!(again.into_iter().map(|line| line.value).collect::<Vec<_>>(), rules);
    let again = lines::read::<Link>(&lines::write(&links).unwrap()).unwrap();
    assert_eq!(again.into_iter().map(|line| line.value).collect::<Vec<_>>(), links);
}

#[test]
fn the_samples_are_whole() {
    let stream = samples();
    assert!(audit::status(&stream).is_ok());
    assert_eq!(audit::rules(&stream).unwrap().len(), 1);
    assert!(link::decode(&stream).unwrap().len() >= 2);
    assert!(nft::decode(&stream).unwrap().len() >= 5);
    decode_all(&stream);
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        decode_all(&bytes);
        let _ = lines::read::<nft::Object>(&bytes);
    }

    #[test]
    fn mutated_streams_do_no_harm(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut stream = samples();
        for (at, byte) in changes {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        decode_all(&stream);
        stream.truncate(cut.index(stream.len()));
        decode_all(&stream);
    }

    #[test]
    fn a_cut_stream_is_never_taken_for_a_whole_one(cut in any::<prop::sample::Index>()) {
        let rule = audit::tests::rule_message();
        // Without its padding: that the last message of a stream may do without.
        let length = usize::from(u16::from_ne_bytes([rule[0], rule[1]]));
        let cut = cut.index(length - 1) + 1;
        prop_assert!(audit::rules(&rule[..cut]).is_err());
    }
}
