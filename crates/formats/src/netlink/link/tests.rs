//! Interfaces, from messages put together as the kernel does.

use super::*;
use crate::netlink::{message, push_attribute};

fn nest(attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (kind, value) in attributes {
        push_attribute(&mut out, *kind, value);
    }
    out
}

fn word(value: u32) -> Vec<u8> {
    value.to_ne_bytes().to_vec()
}

fn new_link(index: u32, flags: u32, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut payload = vec![0; 4];
    payload.extend(index.to_ne_bytes());
    payload.extend(flags.to_ne_bytes());
    payload.extend([0; 4]);
    payload.extend(nest(attributes));
    message(NEW_LINK, 2, 1, &payload)
}

/// A bridge, a port of it, and a network card with two virtual functions.
pub(in crate::netlink) fn stream() -> Vec<u8> {
    let bridge = nest(&[
        (5, word(0)),
        (7, vec![1]),
        (9, vec![8, 0]),
        (36, vec![1]),
        (46, [word(1), word(3)].concat()),
        (49, word(64)),
    ]);
    let port = nest(&[(1, vec![3]), (8, vec![0]), (33, vec![1]), (39, vec![1])]);
    let function = |number: u32, trust: u32| {
        let mac = [word(number), vec![0x52, 0x54, 0, 0, 0, 1], vec![0; 26]].concat();
        let vlan = [word(number), word(42), word(0)].concat();
        nest(&[
            (1, mac),
            (2, vlan),
            (4, [word(number), word(1)].concat()),
            (9, [word(number), word(trust)].concat()),
        ])
    };
    let mut stream = new_link(
        3,
        1,
        &[
            (3, b"br0\0".to_vec()),
            (1, vec![2, 0, 0, 0, 0, 9]),
            (18, nest(&[(1, b"bridge\0".to_vec()), (2, bridge)])),
        ],
    );
    let info =
        nest(&[(1, b"tun\0".to_vec()), (4, b"bridge\0".to_vec()), (5, port), (2, nest(&[(1, word(107))]))]);
    stream.extend(new_link(
        4,
        0x101,
        &[(3, b"vnet0\0".to_vec()), (10, word(3)), (30, word(2)), (18, info), (4, word(1500))],
    ));
    let functions = nest(&[(1, function(0, 0)), (1, function(1, u32::MAX))]);
    stream.extend(new_link(5, 0, &[(3, b"eth0\0".to_vec()), (22, functions)]));
    stream
}

#[test]
fn bridges_ports_and_functions() {
    let links = decode(&stream()).unwrap();
    let [bridge, port, card] = links.as_slice() else { panic!("{links:#?}") };
    let settings = bridge.bridge.as_ref().unwrap();
    assert_eq!((settings.vlan_filtering, settings.group_fwd_mask), (Some(true), Some(8)));
    assert_eq!((settings.no_linklocal_learn, settings.fdb_max_learned), (Some(true), Some(64)));
    assert_eq!(
        (settings.nf_call_iptables, settings.nf_call_arptables),
        (Some(true), None),
        "not reported is not off"
    );
    assert_eq!(bridge.mac.as_deref(), Some("02:00:00:00:00:09"));

    assert_eq!((port.master.as_deref(), port.promiscuous, port.promiscuity), (Some("br0"), true, Some(2)));
    assert_eq!(port.tun.as_ref().unwrap().owner, Some(107));
    let state = port.port.as_ref().unwrap();
    assert_eq!((state.state.as_deref(), state.isolated), (Some("forwarding"), Some(true)));
    assert_eq!((state.learning, state.locked, state.hairpin), (Some(false), Some(true), None));

    let [first, second] = card.functions.as_slice() else { panic!("{card:#?}") };
    assert_eq!((first.spoofchk, first.trust, first.vlan), (Some(true), Some(false), Some(42)));
    assert_eq!((second.number, second.trust), (1, None), "all ones is a driver that can't say");
    assert_eq!(first.mac.as_deref(), Some("52:54:00:00:00:01"));
}

#[test]
fn an_interface_elsewhere_is_not_taken_for_one_here() {
    let mut stream = new_link(2, 0, &[(3, b"a\0".to_vec()), (5, word(3)), (37, word(0))]);
    stream.extend(new_link(3, 0, &[(3, b"b\0".to_vec()), (5, word(9))]));
    let links = decode(&stream).unwrap();
    assert_eq!((links[0].parent.as_deref(), links[0].parent_namespace), (Some("if-3"), Some(0)));
    assert_eq!(links[1].parent.as_deref(), Some("if-9"));
}

#[test]
fn hostile_links_are_refused() {
    assert!(decode(&new_link(1, 0, &[])).is_err(), "no name");
    assert!(decode(&message(NEW_LINK, 2, 1, &[0; 15])).is_err(), "no fixed part");
    assert!(decode(&new_link(1, 0, &[(3, b"a\0".to_vec()), (4, vec![1])])).is_err(), "an mtu of one byte");
    let info = nest(&[(1, b"bridge\0".to_vec()), (2, vec![9, 0, 5])]);
    assert!(decode(&new_link(1, 0, &[(3, b"a\0".to_vec()), (18, info)])).is_err(), "a nest cut short");
}
