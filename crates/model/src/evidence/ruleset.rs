//! nftables rules by chain and by the interface they ask for, so that one port's are found among those of thousands.

use std::collections::BTreeMap;

use formats::netlink::nft::{
    Chain as Declared, Element, Expression, Family, Match, Object, Rule, Set as DeclaredSet, Verdict,
};

/// The rules of a network namespace.
#[derive(Debug, Default)]
pub struct Ruleset {
    chains: BTreeMap<Name, Chain>,
    sets: BTreeMap<Name, Set>,
}

/// Family, table, and name in it.
type Name = (Family, String, String);

/// A chain.
#[derive(Debug, Default)]
pub struct Chain {
    /// What it was declared as.
    pub declared: Option<Declared>,
    /// Its table is switched off.
    pub dormant: bool,
    steps: Vec<Step>,
    by_input: BTreeMap<String, Vec<usize>>,
    others: Vec<usize>,
}

/// A rule, read once.
#[derive(Debug)]
pub struct Step {
    /// Its tests; all must hold.
    pub tests: Vec<Match>,
    /// What it decides; none where a map decides, or nothing.
    pub verdict: Option<Verdict>,
    /// It rejects: drops and says so.
    pub rejects: bool,
    /// Every expression of it is understood.
    pub understood: bool,
    /// Its handle.
    pub handle: u64,
}

/// A set or map.
#[derive(Debug, Default)]
pub struct Set {
    /// What it was declared as.
    pub declared: Option<DeclaredSet>,
    /// Its elements by key.
    pub elements: BTreeMap<Vec<u8>, Element>,
}

impl Ruleset {
    pub(super) fn of(objects: &[Object]) -> Self {
        let mut new = Self::default();
        let name = |family: Family, table: &str, name: &str| (family, table.to_owned(), name.to_owned());
        let mut dormant = vec![];
        for object in objects {
            match object {
                Object::Table(table) if table.dormant => dormant.push((table.family, table.name.clone())),
                Object::Table(_) => {}
                Object::Chain(chain) => {
                    new.chains.entry(name(chain.family, &chain.table, &chain.name)).or_default().declared =
                        Some(chain.clone());
                }
                Object::Rule(rule) => {
                    new.chains.entry(name(rule.family, &rule.table, &rule.chain)).or_default().add(rule)
                }
                Object::Set(set) => {
                    new.sets.entry(name(set.family, &set.table, &set.name)).or_default().declared =
                        Some(set.clone());
                }
                Object::Element(element) => {
                    let set = new.sets.entry(name(element.family, &element.table, &element.set)).or_default();
                    let key = element.key.as_ref().map(|key| key.0.clone()).unwrap_or_default();
                    set.elements.insert(key, element.clone());
                }
            }
        }
        for ((family, table, _), chain) in &mut new.chains {
            chain.dormant = dormant.iter().any(|(off, name)| off == family && name == table);
        }
        new
    }

    /// Base chains in force at a hook.
    pub fn base_chains<'a>(
        &'a self,
        family: Family,
        hook: &'a str,
    ) -> impl Iterator<Item = (&'a Declared, &'a Chain)> {
        let of_family = self
            .chains
            .range((family, String::new(), String::new())..)
            .take_while(move |((of, ..), _)| *of == family);
        let declared = of_family
            .filter(|(_, chain)| !chain.dormant)
            .filter_map(|(_, chain)| Some((chain.declared.as_ref()?, chain)));
        declared.filter(move |(declared, _)| declared.hook.as_deref() == Some(hook))
    }

    /// A chain of the same table as `beside`.
    #[must_use]
    pub fn chain(&self, beside: &Declared, name: &str) -> Option<&Chain> {
        self.chains.get(&(beside.family, beside.table.clone(), name.to_owned()))
    }

    /// A set of the same table as `beside`.
    #[must_use]
    pub fn set(&self, beside: &Declared, name: &str) -> Option<&Set> {
        self.sets.get(&(beside.family, beside.table.clone(), name.to_owned()))
    }
}

impl Chain {
    fn add(&mut self, rule: &Rule) {
        let tests = rule.matches();
        let input = tests.iter().find_map(|test| test.interface("iifname").filter(|(_, prefix)| !prefix));
        let at = self.steps.len();
        match input {
            Some((name, _)) => self.by_input.entry(name).or_default().push(at),
            None => self.others.push(at),
        }
        let rejects =
            rule.expressions.iter().any(|one| matches!(one, Expression::Other(name) if name == "reject"));
        let (verdict, understood) = (rule.verdict().cloned(), rule.understood());
        let step = Step { tests, verdict, rejects, understood, handle: rule.handle };
        self.steps.push(step);
    }

    /// Its last rule.
    #[must_use]
    pub fn last(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// The rules that a frame from this interface may meet, in order: those that name it, and those that name none.
    pub fn steps(&self, input: &str) -> impl Iterator<Item = &Step> {
        let (mut own, mut others) =
            (self.by_input.get(input).map_or(&[][..], Vec::as_slice), self.others.as_slice());
        std::iter::from_fn(move || {
            let next = match (own.first(), others.first()) {
                (Some(a), Some(b)) if a < b => take(&mut own),
                (Some(_), None) => take(&mut own),
                _ => take(&mut others),
            };
            self.steps.get(next?)
        })
    }
}

fn take(list: &mut &[usize]) -> Option<usize> {
    let (first, rest) = list.split_first()?;
    *list = rest;
    Some(*first)
}
