//! From `RTM_NEWLINK` messages to interfaces.

use std::collections::BTreeMap;

use super::{Bridge, Link, NEW_LINK, Port, Tun, VirtualFunction};
use crate::{
    Malformed,
    netlink::{View, messages},
};

/// Bytes of `struct ifinfomsg`: family, padding, type, index, flags, change.
const FIXED: usize = 16;
/// `IFF_UP` and `IFF_PROMISC`.
const UP: u32 = 0x1;
const PROMISCUOUS: u32 = 0x100;

/// Numbers that become names once all interfaces are known.
#[derive(Default)]
struct Numbers {
    master: Option<u32>,
    parent: Option<u32>,
}

/// The interfaces of a dump, in the kernel's order.
///
/// # Errors
/// If a message is malformed, or an interface has no name.
pub fn decode(stream: &[u8]) -> Result<Vec<Link>, Malformed> {
    let mut links = Vec::new();
    for message in messages(stream) {
        let message = message?;
        if message.kind == NEW_LINK {
            links.push(link(message.payload)?);
        }
    }
    let names: BTreeMap<u32, String> =
        links.iter().map(|(link, _)| (link.index, link.name.clone())).collect();
    Ok(links
        .into_iter()
        .map(|(mut link, numbers)| {
            let name = |number: u32| names.get(&number).cloned().unwrap_or_else(|| format!("if-{number}"));
            link.master = numbers.master.filter(|number| *number != 0).map(name);
            // The number of a parent elsewhere may be that of another interface here.
            link.parent = numbers.parent.filter(|number| *number != 0).map(|number| {
                if link.parent_namespace.is_some() { format!("if-{number}") } else { name(number) }
            });
            link
        })
        .collect())
}

fn link(payload: View<'_>) -> Result<(Link, Numbers), Malformed> {
    let (fixed, attributes) = payload.split(FIXED)?;
    let flags = fixed.u32_at(8)?;
    let mut link = Link {
        index: fixed.u32_at(4)?,
        up: flags & UP != 0,
        promiscuous: flags & PROMISCUOUS != 0,
        ..Link::default()
    };
    let mut numbers = Numbers::default();
    let mut info = None;
    for attribute in attributes.attributes() {
        let attribute = attribute?;
        let value = attribute.value;
        match attribute.kind {
            1 => link.mac = mac(value),
            3 => link.name = value.text(),
            4 => link.mtu = Some(value.u32()?),
            5 => numbers.parent = Some(value.u32()?),
            10 => numbers.master = Some(value.u32()?),
            18 => info = Some(value),
            22 => {
                link.functions = value
                    .attributes()
                    .map(|function| virtual_function(function?.value))
                    .collect::<Result<_, _>>()?;
            }
            30 => link.promiscuity = Some(value.u32()?),
            37 => link.parent_namespace = Some(value.u32()?.cast_signed()),
            52 => {
                for name in value.attributes() {
                    link.other_names.push(name?.value.text());
                }
            }
            _ => {}
        }
    }
    if link.name.is_empty() {
        return Err(Malformed::at(payload.offset(), "interface without a name"));
    }
    if let Some(info) = info {
        kind(&mut link, info)?;
    }
    Ok((link, numbers))
}

/// `IFLA_LINKINFO`: the kind comes before its data in every kernel, but that is nowhere promised.
fn kind(link: &mut Link, nest: View<'_>) -> Result<(), Malformed> {
    let (mut data, mut port_kind, mut port_data) = (None, None, None);
    for attribute in nest.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => link.kind = Some(attribute.value.text()),
            2 => data = Some(attribute.value),
            4 => port_kind = Some(attribute.value.text()),
            5 => port_data = Some(attribute.value),
            _ => {}
        }
    }
    match (link.kind.as_deref(), data) {
        (Some("bridge"), Some(data)) => link.bridge = Some(bridge(data)?),
        (Some("tun"), Some(data)) => link.tun = Some(tun(data)?),
        (Some("vlan"), Some(data)) => link.vlan = find(data, 1)?.map(View::u16).transpose()?,
        (Some("macvlan" | "macvtap"), Some(data)) => {
            link.macvlan_mode = find(data, 1)?.map(View::u32).transpose()?.map(macvlan_mode);
        }
        _ => {}
    }
    if let (Some("bridge"), Some(data)) = (port_kind.as_deref(), port_data) {
        link.port = Some(port(data)?);
    }
    Ok(())
}

/// The value of the attribute `kind`.
fn find(nest: View<'_>, kind: u16) -> Result<Option<View<'_>>, Malformed> {
    let mut found = None;
    for attribute in nest.attributes() {
        let attribute = attribute?;
        if attribute.kind == kind {
            found = Some(attribute.value);
        }
    }
    Ok(found)
}

fn flag(value: View<'_>) -> Result<Option<bool>, Malformed> {
    Ok(Some(value.u8()? != 0))
}

/// A hardware address of any length, Ethernet's six bytes or others; none if it has no bytes or over 32
/// (`MAX_ADDR_LEN`).
fn mac(value: View<'_>) -> Option<String> {
    let bytes = value.bytes();
    if bytes.is_empty() || bytes.len() > 32 {
        return None;
    }
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
}

/// `enum macvlan_mode`.
fn macvlan_mode(number: u32) -> String {
    match number {
        1 => "private".into(),
        2 => "vepa".into(),
        4 => "bridge".into(),
        8 => "passthru".into(),
        16 => "source".into(),
        other => format!("mode-{other}"),
    }
}

fn bridge(nest: View<'_>) -> Result<Bridge, Malformed> {
    let mut bridge = Bridge::default();
    for attribute in nest.attributes() {
        let attribute = attribute?;
        let value = attribute.value;
        match attribute.kind {
            5 => bridge.stp_state = Some(value.u32()?),
            7 => bridge.vlan_filtering = flag(value)?,
            9 => bridge.group_fwd_mask = Some(value.u16()?),
            23 => bridge.multicast_snooping = flag(value)?,
            36 => bridge.nf_call_iptables = flag(value)?,
            37 => bridge.nf_call_ip6tables = flag(value)?,
            38 => bridge.nf_call_arptables = flag(value)?,
            39 => bridge.vlan_default_pvid = Some(value.u16()?),
            46 => {
                // struct br_boolopt_multi: values, then which of them this kernel has; bit 0 is NO_LL_LEARN.
                let (values, known) = (value.u32()?, value.u32_at(4)?);
                bridge.no_linklocal_learn = (known & 1 == 1).then_some(values & 1 == 1);
            }
            48 => bridge.fdb_learned = Some(value.u32()?),
            49 => bridge.fdb_max_learned = Some(value.u32()?),
            _ => {}
        }
    }
    Ok(bridge)
}

fn port(nest: View<'_>) -> Result<Port, Malformed> {
    const STATES: [&str; 5] = ["disabled", "listening", "learning", "forwarding", "blocking"];
    let mut port = Port::default();
    for attribute in nest.attributes() {
        let attribute = attribute?;
        let value = attribute.value;
        match attribute.kind {
            1 => {
                let state = value.u8()?;
                let name = STATES.get(usize::from(state)).map(|name| (*name).to_owned());
                port.state = Some(name.unwrap_or_else(|| format!("state-{state}")));
            }
            4 => port.hairpin = flag(value)?,
            5 => port.bpdu_guard = flag(value)?,
            6 => port.root_block = flag(value)?,
            8 => port.learning = flag(value)?,
            9 => port.unicast_flood = flag(value)?,
            10 => port.proxyarp = flag(value)?,
            27 => port.mcast_flood = flag(value)?,
            30 => port.bcast_flood = flag(value)?,
            31 => port.group_fwd_mask = Some(value.u16()?),
            32 => port.neigh_suppress = flag(value)?,
            33 => port.isolated = flag(value)?,
            39 => port.locked = flag(value)?,
            _ => {}
        }
    }
    Ok(port)
}

fn tun(nest: View<'_>) -> Result<Tun, Malformed> {
    let mut tun = Tun::default();
    for attribute in nest.attributes() {
        let attribute = attribute?;
        let value = attribute.value;
        match attribute.kind {
            1 => tun.owner = Some(value.u32()?),
            2 => tun.group = Some(value.u32()?),
            // IFF_TUN 1, IFF_TAP 2.
            3 => tun.tap = Some(value.u8()? == 2),
            6 => tun.persistent = flag(value)?,
            _ => {}
        }
    }
    Ok(tun)
}

/// `IFLA_VF_INFO`: each attribute is a structure that starts with the function's number; a setting a driver does not
/// support is reported as all ones (`rtnl_fill_vfinfo`).
fn virtual_function(nest: View<'_>) -> Result<VirtualFunction, Malformed> {
    let mut function = VirtualFunction::default();
    for attribute in nest.attributes() {
        let attribute = attribute?;
        let value = attribute.value;
        let setting = || Ok::<_, Malformed>(Some(value.u32_at(4)?).filter(|setting| *setting != u32::MAX));
        match attribute.kind {
            1 => {
                function.number = value.u32()?;
                let address: [u8; 6] = value.array_at(4)?;
                function.mac = mac(View::new(&address));
            }
            2 => function.vlan = setting()?,
            4 => function.spoofchk = setting()?.map(|on| on != 0),
            5 => {
                let name = |state| match state {
                    0 => "auto".into(),
                    1 => "enable".into(),
                    2 => "disable".into(),
                    other => format!("state-{other}"),
                };
                function.link_state = setting()?.map(name);
            }
            9 => function.trust = setting()?.map(|on| on != 0),
            _ => {}
        }
    }
    Ok(function)
}
