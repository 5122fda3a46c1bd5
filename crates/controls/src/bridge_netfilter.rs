//! The three `bridge-nf-call-*` switches: one judgement, one remedy.

use formats::netlink::link::Bridge;
use model::{
    change::{Action, Change},
    control::{Cite, Judged, Reading, Verdict},
    evidence::{Evidence, Namespace},
    fact::{Fact, Missing},
    finding::Disposition,
};

use crate::sysctl;

/// Judges `bridge-nf-call-TABLES`.
pub(crate) fn judge(evidence: &Evidence, tables: &str, reading: Reading) -> Judged {
    match reading {
        Reading::Effective => effective(evidence, tables),
        Reading::Configured => configured(evidence, tables),
    }
}

fn effective(evidence: &Evidence, tables: &str) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for namespace in &evidence.namespaces {
        let key = format!("{}proc/sys/net/bridge/bridge-nf-call-{tables}", namespace.prefix);
        // Where nobody can see the links, nobody knows whether there is a bridge.
        namespace.links.known()?;
        let owns_bridge = namespace.bridges().next().is_some();
        if namespace.inode.is_some() && !owns_bridge {
            continue;
        }
        let value = evidence.text(&key);
        // Without br_netfilter the switch is not there.
        let Some(value) = value.known()? else { continue };
        let cite = Cite::whole(&key.as_str().into(), format!("{} = {value}", name(tables)));
        if *value == "0" {
            right.push(cite)
        } else {
            wrong.push(cite)
        }
        wrong.extend(switched_on(namespace, tables)?);
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("br_netfilter is not loaded"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// Bridges with a switch of their own that is on.
fn switched_on(namespace: &Namespace, tables: &str) -> Result<Vec<Cite>, Missing> {
    namespace.links.known()?;
    let own = |bridge: &Bridge| match tables {
        "iptables" => bridge.nf_call_iptables,
        "ip6tables" => bridge.nf_call_ip6tables,
        _ => bridge.nf_call_arptables,
    };
    let on = namespace.bridges().filter(|link| link.bridge.as_ref().and_then(own) == Some(true));
    let cite = |link: &formats::netlink::link::Link| {
        Cite::whole(namespace.links.key(), format!("bridge {} has nf_call_{tables} = 1", link.name))
    };
    Ok(on.map(cite).collect())
}

fn configured(evidence: &Evidence, tables: &str) -> Judged {
    let key = format!("proc/sys/net/bridge/bridge-nf-call-{tables}");
    if matches!(evidence.text(&key), Fact::Absent(_)) {
        return Ok(Verdict::NotApplicable("br_netfilter is not loaded"));
    }
    readable(evidence)?;
    Ok(match evidence.configured_sysctl(&name(tables)) {
        Some((file, assignment)) => {
            let value = assignment.setting.value.value.as_str();
            let cite = Cite::bytes(file, assignment.setting.span, format!("{} = {value}", name(tables)));
            Verdict::unless(if value == "0" { vec![] } else { vec![cite.clone()] }, vec![cite])
        }
        // The kernel's own default is 1 (net/bridge/br_netfilter_hooks.c, brnf_call_iptables).
        None => {
            let seen = format!("{} is set in no file; the kernel's default is 1", name(tables));
            Verdict::Fail(vec![Cite::whole(&"etc/sysctl.d".into(), seen)])
        }
    })
}

/// A sysctl file nobody could read may say anything.
fn readable(evidence: &Evidence) -> Result<(), Missing> {
    let names = evidence.names("etc/sysctl.d");
    for name in names.known()?.copied().unwrap_or_default().iter().filter(|name| name.ends_with(".conf")) {
        evidence.bytes(&format!("etc/sysctl.d/{name}")).known()?;
    }
    Ok(())
}

fn name(tables: &str) -> String {
    format!("net.bridge.bridge-nf-call-{tables}")
}

/// Sets the switch now, in each namespace, and for every boot.
pub(crate) fn remedy(evidence: &Evidence, tables: &str) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    if let Verdict::Fail(_) = configured(evidence, tables)? {
        changes.extend(sysctl::persist(evidence, &[(&name(tables), "0")])?);
    }
    for namespace in &evidence.namespaces {
        let key = format!("{}proc/sys/net/bridge/bridge-nf-call-{tables}", namespace.prefix);
        if evidence.text(&key).ok().is_some_and(|value| *value != "0") {
            let action =
                Action::Sysctl { name: name(tables), value: "0".to_owned(), namespace: namespace.inode };
            changes.push(Change::new(action, Disposition::Live));
        }
    }
    Ok(changes)
}
