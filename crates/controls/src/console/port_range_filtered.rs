//! Consoles that take a free port take it from a short range that a firewall can be told of.
//!
//! ## Why
//! With libvirt's defaults a console may be on any port from 5900 to 65535, a web socket from 5700. Nobody opens 60,000
//! ports with a reason: the firewall lets all of them in, and with them whatever else listens there.
//!
//! ## Where
//! `remote_display_port_min` and `_max` (default 5900 to 65535) of `/etc/libvirt/qemu.conf`, and, where a console has a
//! web socket, `remote_websocket_port_min` and `_max` (default 5700 to 65535): 1000 ports at most. Where the range is wide, it
//! fails if a console of a VM's inactive XML listens on the network. The firewall itself is not judged here.
//!
//! ## Fix
//! Set `remote_display_port_max` to the minimum and 99 more, or as many as the host has consoles; open these ports and no
//! others, to the administrators' network alone. Restart the daemon; running VMs keep their ports.
//!
//! ## Undo
//! Put the former lines back and restart the daemon.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! ```
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' websocket='-1' listen='192.0.2.7'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! remote_display_port_max = 5999
//! ```
//! ```n/a vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask,
    vnc::{self, Defaults, Reach},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Consoles use a short range of ports",
        pt: "Os consoles usam uma faixa curta de portas",
        id: "Konsol memakai rentang port yang pendek",
    },
    why: "A firewall that lets every console in lets in 60,000 ports and whatever else listens there.",
    references: &[
        "guide 2, Gerenciamento: VNC, range de portas dinâmico",
        "libvirt src/qemu/qemu.conf.in, remote_display_port_min and remote_websocket_port_min",
    ],
};

/// Most ports of a range that is still short.
const SHORT: i64 = 1000;

/// Keys of a range, its defaults.
struct Range {
    from: (&'static str, i64),
    to: (&'static str, i64),
}

const DISPLAY: Range =
    Range { from: ("remote_display_port_min", 5900), to: ("remote_display_port_max", 65_535) };
const WEB: Range =
    Range { from: ("remote_websocket_port_min", 5700), to: ("remote_websocket_port_max", 65_535) };

impl Range {
    /// Its first port, whether it is short, and where that is said.
    fn look(&self, evidence: &Evidence) -> Result<(i64, bool, Cite), Missing> {
        let (from, to) =
            (ask::setting(&evidence.qemu_conf, self.from.0)?, ask::setting(&evidence.qemu_conf, self.to.0)?);
        let first = from.int(self.from.1).unwrap_or(self.from.1);
        let last = to.int(self.to.1).unwrap_or(self.to.1);
        Ok((first, last - first < SHORT, to.cite(&self.to.1.to_string())))
    }
}

/// A console on the network that takes a free port; and one that takes a free port for web sockets.
fn open(evidence: &Evidence) -> Result<[Option<Cite>; 2], Missing> {
    let (vnc, spice) = (Defaults::of(evidence)?, Defaults::of_spice(evidence)?);
    let (mut found, mut missing) = ([None, None], None);
    for vm in &evidence.vms {
        let view = match vm.view(Reading::Configured) {
            Ok(Some(view)) => view,
            Ok(None) => continue,
            Err(why) => {
                missing = Some(why);
                continue;
            }
        };
        let of_vnc = vnc::consoles(view).filter(|one| vnc.reach(one) == Reach::Network);
        let of_spice = vnc::spice(view).filter(|one| spice.reach(one) == Reach::Network);
        for graphics in of_vnc.chain(of_spice) {
            let cite = || Cite::bytes(&view.key, graphics.at.open, "a console on the network");
            let [display, web] = &mut found;
            display.get_or_insert_with(cite);
            if graphics.websocket.is_some() {
                web.get_or_insert_with(cite);
            }
        }
    }
    match missing {
        Some(missing) if found.iter().any(Option::is_none) => Err(missing),
        _ => Ok(found),
    }
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (_, display, said) = DISPLAY.look(evidence)?;
    let (_, web, web_said) = WEB.look(evidence)?;
    let [on_network, on_web] = open(evidence)?;
    let mut wrong = vec![];
    for (short, said, console) in [(display, &said, on_network), (web, &web_said, on_web)] {
        wrong.extend(console.filter(|_| !short).into_iter().flat_map(|console| [said.clone(), console]));
    }
    if wrong.is_empty() && !display {
        return Ok(Verdict::NotApplicable("no console listens on the network"));
    }
    Ok(Verdict::unless(wrong, vec![said]))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    // Two graphical consoles for each VM there is, and no less than a hundred.
    let wanted = i64::try_from(evidence.vms.len()).unwrap_or(i64::MAX).saturating_mul(2).clamp(100, SHORT);
    let mut changes = vec![];
    for (range, console) in [DISPLAY, WEB].iter().zip(open(evidence)?) {
        let (first, short, _) = range.look(evidence)?;
        if console.is_some() && !short {
            let last = Value::Int((first + wanted - 1).min(65_535));
            changes.extend(ask::set(&evidence.qemu_conf, range.to.0, &last, Disposition::DaemonRestart)?);
        }
    }
    Ok(changes)
}
