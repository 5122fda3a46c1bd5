//! A guest's tap on a bridge of this host, and what the host lets out of it.

use formats::{
    libvirt::{TextOption as _, domain},
    netlink::link::Link,
};
use model::{
    control::{Cite, Judged, Reading, Verdict},
    evidence::{Evidence, Interface, Namespace, Protection, View},
    fact::{Fact, Key, Missing},
};

use crate::frame::{Fate, Frame, fate};

/// An IPv4 address that is no guest's (RFC 5737, TEST-NET-3).
pub(crate) const FOREIGN: [u8; 4] = [203, 0, 113, 77];
/// An IPv6 address that is no guest's (RFC 3849).
pub(crate) const FOREIGN_IPV6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0xba, 0x1a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77];

/// Why the host's bridge rules do not see an interface; `None` where they do.
pub(crate) fn elsewhere(evidence: &Evidence, interface: &domain::Interface) -> Option<&'static str> {
    let actual = interface.actual.as_ref();
    let port = actual.and_then(|actual| actual.virtualport.as_ref()).or(interface.virtualport.as_ref());
    if port.is_some_and(|port| port.kind.is("openvswitch")) {
        return Some("a port of Open vSwitch, which has rules of its own");
    }
    let kind = actual.and_then(|actual| actual.kind.said()).or(interface.kind.said()).unwrap_or_default();
    match kind {
        "bridge" | "ethernet" => None,
        "network" => by_network(evidence, interface),
        "direct" => Some("a macvtap, which no bridge of this host carries"),
        "hostdev" | "vdpa" => Some("hardware given to the guest, which no bridge of this host carries"),
        _ => Some("no tap on a bridge of this host"),
    }
}

/// A network may stand for a macvtap, a virtual function or a switch of its own.
fn by_network(evidence: &Evidence, interface: &domain::Interface) -> Option<&'static str> {
    let name = interface.source.as_ref()?.network.said()?;
    let network = evidence.filtering.networks.ok()?.get(name)?.ok()?;
    if network.virtualport.as_ref().is_some_and(|port| port.kind.is("openvswitch")) {
        return Some("a port of Open vSwitch, which has rules of its own");
    }
    match network.forward_mode()? {
        "private" | "vepa" | "passthrough" => Some("a macvtap, which no bridge of this host carries"),
        "bridge" if network.bridge.is_none() => Some("a macvtap, which no bridge of this host carries"),
        "hostdev" => Some("hardware given to the guest, which no bridge of this host carries"),
        _ => None,
    }
}

/// The tap of an interface of a running VM.
pub(crate) struct Tap<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The status file.
    pub(crate) view: &'a View,
    /// The interface in it.
    pub(crate) interface: &'a domain::Interface,
    /// It, as the kernel has it.
    pub(crate) link: Option<&'a Link>,
    /// The host's network namespace.
    namespace: &'a Namespace,
}

/// The tap of an interface, or why the question does not arise.
///
/// # Errors
/// [`Missing`] where the VM runs, and its tap or the host's links could not be read.
pub(crate) fn of<'a>(
    evidence: &'a Evidence,
    interface: &Interface,
) -> Result<Result<Tap<'a>, &'static str>, Missing> {
    let Some((view, found)) = interface.view(evidence, Reading::Effective)? else {
        return Ok(Err("the VM does not run"));
    };
    if let Some(why) = elsewhere(evidence, found) {
        return Ok(Err(why));
    }
    let missing = |key: &Key, why: &str| Missing { key: key.clone(), why: why.into() };
    let name = found.target.as_ref().and_then(|target| target.dev.said());
    let name = name.ok_or_else(|| missing(&view.key, "the status file names no tap"))?;
    let namespace = evidence
        .namespaces
        .first()
        .ok_or_else(|| missing(&view.key, "no network namespace was looked at"))?;
    namespace.links.known()?;
    let link = namespace.link(name);
    match link.map(|link| (link.master.as_deref(), link)) {
        Some((Some("ovs-system"), _)) => Ok(Err("a port of Open vSwitch, which has rules of its own")),
        Some((None, _)) if found.kind.is("ethernet") => Ok(Err("the host routes it; no bridge carries it")),
        _ => Ok(Ok(Tap { name, view, interface: found, link, namespace })),
    }
}

impl<'a> Tap<'a> {
    /// The guest's MAC address.
    ///
    /// # Errors
    /// [`Missing`] where the status file says none that can be read.
    pub(crate) fn mac(&self) -> Result<[u8; 6], Missing> {
        let said = self.interface.mac.as_ref().and_then(|mac| mac.address.said()).and_then(mac);
        said.ok_or_else(|| Missing {
            key: self.view.key.clone(),
            why: "the status file says no MAC address".into(),
        })
    }

    /// The bridge it is a port of.
    pub(crate) fn bridge(&self) -> Option<&'a Link> {
        self.namespace.link(self.link?.master.as_deref()?)
    }

    /// Where the host's links were read.
    pub(crate) fn links(&self) -> &Key {
        self.namespace.links.key()
    }

    /// Frames that come out of it.
    pub(crate) fn frame(&self) -> Frame<'a> {
        Frame::from(self.name, self.link)
    }

    /// Judges that none of these frames gets through; each with its name.
    ///
    /// # Errors
    /// [`Missing`] where the rules could not be read, or one that matters is not understood.
    pub(crate) fn none_of(&self, evidence: &Evidence, frames: &[(&'static str, Frame)]) -> Judged {
        self.none_but(evidence, frames, |_| false)
    }

    /// The same; where it depends on rules that are not understood, as those that ebtables-nft makes for addresses
    /// inside a packet, the filter counts that libvirt has bound to the tap, if it holds the guest to them.
    ///
    /// # Errors
    /// As [`Tap::none_of`].
    pub(crate) fn none_but(
        &self,
        evidence: &Evidence,
        frames: &[(&'static str, Frame)],
        holds: fn(Protection) -> bool,
    ) -> Judged {
        let rules = &self.namespace.ruleset;
        let set = rules.required()?;
        let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
        for (what, frame) in frames {
            let seen = |seen: String| Cite::whole(rules.key(), format!("{what} from {}: {seen}", self.name));
            match fate(set, frame) {
                Fate::Dropped(rule) => right.push(seen(rule)),
                Fate::Passes => wrong.push(seen("no rule drops it".to_owned())),
                Fate::Obscure(rule) => match self.bound(evidence)? {
                    Some(bound) if bound.in_force && holds(bound.protection) => {
                        right.push(Cite::whole(
                            bound.key,
                            format!("{what} from {}: filter {} drops it", self.name, bound.filter),
                        ));
                    }
                    // The obscure rule is the filter's own, and the filter is known.
                    Some(bound) if bound.in_force && rule.contains(&format!("I-{}", self.name)) => {
                        wrong.push(Cite::whole(
                            bound.key,
                            format!("{what} from {}: filter {} lets it through", self.name, bound.filter),
                        ));
                    }
                    _ => {
                        let why =
                            format!("{rule} decides about {what} from {}, and is not understood", self.name);
                        missing = Some(Missing { key: rules.key().clone(), why: why.into() });
                    }
                },
            }
        }
        match missing {
            Some(missing) if wrong.is_empty() => Err(missing),
            _ if wrong.is_empty() => Ok(Verdict::Pass(right)),
            _ => {
                legacy(evidence)?;
                Ok(Verdict::Fail(wrong))
            }
        }
    }

    /// The filter that libvirt has bound to it, with its rules in the kernel.
    ///
    /// # Errors
    /// [`Missing`] where the binding, the filter, or the rules could not be read.
    pub(crate) fn bound(&self, evidence: &'a Evidence) -> Result<Option<Bound<'a>>, Missing> {
        let Some(binding) = evidence.filtering.bindings.known()?.and_then(|bindings| bindings.get(self.name))
        else {
            return Ok(None);
        };
        let Some(found) = binding.known()? else { return Ok(None) };
        let Some(filter) = found.filterref.as_ref().and_then(|filter| filter.filter.said()) else {
            return Ok(None);
        };
        let protection = protection(evidence, filter)?.unwrap_or_default();
        let rules = self.namespace.ruleset.required()?;
        // What libvirt calls the guest's first chain (src/nwfilter/nwfilter_ebiptables_driver.c).
        let chain = format!("libvirt-I-{}", self.name);
        let called = self.frame();
        Ok(Some(Bound {
            key: binding.key(),
            filter,
            protection,
            in_force: crate::frame::calls(rules, &called, &chain),
        }))
    }
}

/// A filter bound to a tap.
pub(crate) struct Bound<'a> {
    /// The binding.
    pub(crate) key: &'a Key,
    /// The filter's name.
    pub(crate) filter: &'a str,
    /// What it holds the guest to.
    pub(crate) protection: Protection,
    /// The kernel has its rules, and asks them.
    pub(crate) in_force: bool,
}

/// What a filter holds a guest to; `None` where there is no such filter.
///
/// # Errors
/// [`Missing`] where it could not be read.
pub(crate) fn protection(evidence: &Evidence, filter: &str) -> Result<Option<Protection>, Missing> {
    let filters = evidence.filtering.filters.known()?;
    Ok(filters.and_then(|filters| filters.get(filter)).map(Fact::known).transpose()?.flatten().copied())
}

/// Judges frames from the tap of an interface; not applicable where it has none.
///
/// # Errors
/// As [`of`] and what `judge` gives.
pub(crate) fn judged(
    evidence: &Evidence,
    interface: &Interface,
    judge: impl FnOnce(&Tap) -> Judged,
) -> Judged {
    match of(evidence, interface)? {
        Ok(tap) => judge(&tap),
        Err(why) => Ok(Verdict::NotApplicable(why)),
    }
}

/// The worse of two judgements of one tap.
pub(crate) fn worst(first: Judged, second: Judged) -> Judged {
    match (first, second) {
        (Ok(Verdict::Pass(seen)), Ok(Verdict::Pass(more))) => {
            Ok(Verdict::Pass(seen.into_iter().chain(more).collect()))
        }
        (Ok(Verdict::Fail(seen)), Ok(Verdict::Fail(more))) => {
            Ok(Verdict::Fail(seen.into_iter().chain(more).collect()))
        }
        (Ok(Verdict::Fail(seen)), _) | (_, Ok(Verdict::Fail(seen))) => Ok(Verdict::Fail(seen)),
        (Err(missing), _) | (_, Err(missing)) => Err(missing),
        (other, _) => other,
    }
}

/// Rules of the older ebtables are not where we look: where they may be, nobody can say that there are none.
fn legacy(evidence: &Evidence) -> Result<(), Missing> {
    let modules = evidence.text("proc/modules");
    let used = modules.ok().is_some_and(|text| text.lines().any(|line| line.starts_with("ebtable_")));
    if used {
        let why = "ebtables-legacy is in use: its rules can't be read";
        return Err(Missing { key: modules.key().clone(), why: why.into() });
    }
    Ok(())
}

/// The six bytes of a MAC address, as `virMacAddrParse` reads them.
pub(crate) fn mac(text: &str) -> Option<[u8; 6]> {
    let mut parts = text.split(':').map(|part| u8::from_str_radix(part, 16).ok());
    let mut found = [0; 6];
    for byte in &mut found {
        *byte = parts.next()??;
    }
    parts.next().is_none().then_some(found)
}

/// Every tap that is a port of a bridge, with its bridge.
///
/// # Errors
/// [`Missing`] where the links could not be read.
pub(crate) fn taps(namespace: &Namespace) -> Result<Vec<(&Link, &Link)>, Missing> {
    let links = namespace.links.known()?.map_or(&[][..], Vec::as_slice);
    let is_tap = |link: &&Link| {
        link.kind.as_deref() == Some("tun") && link.tun.as_ref().is_none_or(|tun| tun.tap != Some(false))
    };
    let with_bridge = |link| {
        let link: &Link = link;
        let bridge = namespace.link(link.master.as_deref()?).filter(|master| master.bridge.is_some());
        Some((bridge?, link))
    };
    Ok(links.iter().filter(is_tap).filter_map(with_bridge).collect())
}
