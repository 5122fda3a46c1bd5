//! What the host's packet filter does with packets that no rule is for.

use formats::netlink::nft::{Chain, Expression, Family, Object, Verdict as Decision};
use model::{evidence::Evidence, fact::Missing};

/// Filter chains of a hook that see this family, of tables that are not switched off.
pub(crate) fn chains<'a>(
    objects: &'a [Object],
    hook: &'a str,
    family: Family,
) -> impl Iterator<Item = &'a Chain> {
    let dormant = |chain: &Chain| {
        objects.iter().any(|object| {
            matches!(object, Object::Table(table) if table.dormant && table.family == chain.family && table.name == chain.table)
        })
    };
    objects.iter().filter_map(move |object| match object {
        Object::Chain(chain)
            if chain.hook.as_deref() == Some(hook)
                && (chain.family == family || chain.family == Family::Inet)
                && !dormant(chain) =>
        {
            Some(chain)
        }
        _ => None,
    })
}

/// True where the policy is to drop, or the last rule of the chain drops or rejects whatever comes to it.
pub(crate) fn drops(objects: &[Object], chain: &Chain) -> bool {
    let last = objects.iter().rev().find_map(|object| match object {
        Object::Rule(rule)
            if rule.family == chain.family && rule.table == chain.table && rule.chain == chain.name =>
        {
            Some(rule)
        }
        _ => None,
    });
    let closes = |expression: &Expression| match expression {
        Expression::Verdict(decision) => *decision == Decision::Drop,
        Expression::Other(name) => name == "reject",
        _ => false,
    };
    // Any other expression might be a condition.
    let idle = |expression: &Expression| match expression {
        Expression::Counter { .. } => true,
        Expression::Other(name) => name == "log",
        _ => false,
    };
    chain.policy == Some(Decision::Drop)
        || last.is_some_and(|rule| {
            let decisive = rule.expressions.iter().find(|expression| !idle(expression));
            decisive.is_some_and(closes)
        })
}

/// iptables-legacy's tables, which nobody can read over netlink.
///
/// # Errors
/// [`Missing`] where there are any.
pub(crate) fn legacy(evidence: &Evidence, family: Family) -> Result<(), Missing> {
    let key = if family == Family::Ip { "proc/net/ip_tables_names" } else { "proc/net/ip6_tables_names" };
    let names = evidence.text(key);
    if names.known()?.is_some_and(|names| names.lines().any(|name| name == "filter")) {
        return Err(Missing {
            key: names.key().clone(),
            why: "iptables-legacy has rules, which can't be read".into(),
        });
    }
    Ok(())
}
