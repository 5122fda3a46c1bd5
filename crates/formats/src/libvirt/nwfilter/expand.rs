//! All rules that a filter brings with it, references followed, bounded against cycles and blow-up.

use std::{collections::BTreeMap, fmt};

use super::{Entry, Filter, Rule};
use crate::libvirt::{TextOption as _, domain::Filterref};

/// Deepest chain of references followed.
const MAX_DEPTH: usize = 32;
/// Most rules and references visited.
const MAX_VISITS: usize = 20_000;

/// A rule in force, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded<'a> {
    /// The filter that holds the rule.
    pub filter: &'a Filter,
    /// The rule.
    pub rule: &'a Rule,
    /// Variables set on the way, by name. Those of an outer reference win over an inner one's (libvirt
    /// `src/nwfilter/nwfilter_gentech_driver.c`, `virNWFilterCreateVarsFrom`).
    pub variables: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Why a filter can't be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// It refers to a filter nobody knows.
    Missing(String),
    /// It refers to itself, perhaps through others.
    Cycle(String),
    /// References nest deeper than 32.
    TooDeep,
    /// More than 20000 rules and references.
    TooMany,
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "filter `{name}` is not defined"),
            Self::Cycle(name) => write!(f, "filter `{name}` refers to itself"),
            Self::TooDeep => write!(f, "filter references nest deeper than {MAX_DEPTH}"),
            Self::TooMany => write!(f, "filter expands to more than {MAX_VISITS} rules"),
        }
    }
}

impl std::error::Error for ExpandError {}

type Variables<'a> = BTreeMap<&'a str, Vec<&'a str>>;

struct Frame<'a> {
    filter: &'a Filter,
    next: usize,
    variables: Variables<'a>,
}

/// Every rule of `filter` and of all it refers to, in the order written; sort by chain and rule priority to get the
/// order in force. `lookup` finds a filter by name.
///
/// # Errors
/// A filter that is missing, a cycle, or more than the limits.
pub fn expand<'a>(
    filter: &'a Filter,
    lookup: impl Fn(&str) -> Option<&'a Filter>,
) -> Result<Vec<Expanded<'a>>, ExpandError> {
    let mut rules = Vec::new();
    let mut visits = 0;
    let mut stack = vec![Frame { filter, next: 0, variables: Variables::new() }];
    while let Some(frame) = stack.last_mut() {
        let Some(entry) = frame.filter.entries.get(frame.next) else {
            stack.pop();
            continue;
        };
        frame.next += 1;
        visits += 1;
        if visits > MAX_VISITS {
            return Err(ExpandError::TooMany);
        }
        match entry {
            Entry::Rule(rule) => {
                rules.push(Expanded { filter: frame.filter, rule, variables: frame.variables.clone() });
            }
            Entry::Reference(reference) => {
                let variables = merged(&frame.variables, reference);
                let name = reference.filter.said().unwrap_or_default();
                let found = lookup(name).ok_or_else(|| ExpandError::Missing(name.to_owned()))?;
                if stack.iter().any(|f| f.filter.name.said() == found.name.said()) {
                    return Err(ExpandError::Cycle(name.to_owned()));
                }
                if stack.len() >= MAX_DEPTH {
                    return Err(ExpandError::TooDeep);
                }
                stack.push(Frame { filter: found, next: 0, variables });
            }
        }
    }
    Ok(rules)
}

fn merged<'a>(outer: &Variables<'a>, reference: &'a Filterref) -> Variables<'a> {
    let mut new = Variables::new();
    for parameter in &reference.parameters {
        if let (Some(name), Some(value)) = (parameter.name.said(), parameter.value.said()) {
            new.entry(name).or_default().push(value);
        }
    }
    new.extend(outer.iter().map(|(name, values)| (*name, values.clone())));
    new
}
