//! Which VM holds which pair of SELinux categories: an index over all running VMs, so that asking for one is a search.

use std::collections::BTreeMap;

use formats::kernel::label::Context;

use super::{Reader, Vm};
use crate::fact::Missing;

/// Pairs of categories and the running VMs that hold them.
#[derive(Debug, Default)]
pub struct Categories {
    holders: BTreeMap<(u16, u16), Vec<usize>>,
    /// A VM that runs, or may run, and whose label could not be read: it may hold any pair.
    pub unread: Option<Missing>,
}

impl Categories {
    /// Indices of the running VMs whose process holds just this pair.
    #[must_use]
    pub fn holders(&self, pair: (u16, u16)) -> &[usize] {
        self.holders.get(&pair).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many pairs are in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.holders.len()
    }
}

/// The pair of a context at one level with exactly two categories, as sVirt gives it out; `None` for any other.
#[must_use]
pub fn pair(context: &Context) -> Option<(u16, u16)> {
    let range = context.range.as_ref()?;
    if range.high.as_ref().is_some_and(|high| *high != range.low) {
        return None;
    }
    // A label is foreign: one with thousands of categories must not be spelled out.
    let count: u32 = range.low.ranges.iter().map(|(low, high)| u32::from(high - low) + 1).sum();
    let categories = if count == 2 { range.low.categories() } else { return None };
    Some((*categories.first()?, *categories.last()?)).filter(|(low, high)| low != high)
}

pub(super) fn derive(reader: &Reader, vms: &[Vm]) -> Categories {
    let mut found = Categories::default();
    for (index, vm) in vms.iter().enumerate() {
        if let Err(missing) = vm.live.known() {
            found.unread.get_or_insert(missing);
        }
        let Some(pid) = vm.pid else { continue };
        let context = reader.bytes(&format!("proc/{pid}/attr/current")).and_then(Context::parse);
        let context = match context.known() {
            Ok(Some(context)) => context,
            // A process that ended during the check holds nothing.
            Ok(None) => continue,
            Err(missing) => {
                found.unread.get_or_insert(missing);
                continue;
            }
        };
        if let Some(pair) = pair(context) {
            found.holders.entry(pair).or_default().push(index);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_different_categories_at_one_level_are_a_pair() {
        for (label, expected) in [
            ("system_u:system_r:svirt_t:s0:c107,c434", Some((107, 434))),
            ("system_u:system_r:svirt_t:s0:c1.c2", Some((1, 2))),
            ("system_u:system_r:svirt_t:s0:c1,c2-s0:c1,c2", Some((1, 2))),
            ("system_u:system_r:svirt_t:s0-s0:c1,c2", None),
            ("system_u:system_r:svirt_t:s0:c5", None),
            ("system_u:system_r:svirt_t:s0:c5,c5", None),
            ("system_u:system_r:svirt_t:s0:c0.c1023", None),
            ("system_u:system_r:svirt_t:s0", None),
            ("system_u:system_r:svirt_t", None),
        ] {
            assert_eq!(pair(&Context::parse(label.as_bytes()).unwrap()), expected, "{label}");
        }
    }
}
