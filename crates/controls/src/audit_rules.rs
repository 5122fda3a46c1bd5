//! What the audit rules that the kernel holds really record: never their text, and never a rule that can't fire.
//!
//! A rule fires only if all of its fields match. A field on an SELinux label never matches on a kernel without SELinux,
//! not even with `!=` (Linux kernel/auditsc.c, `audit_filter_rules`: no `lsm_rule`), and the kernel takes such a rule
//! without a word.

use formats::netlink::audit::{Action, Field, List, Operator, Rule, Syscalls, Value};
use model::{
    control::{Cite, Judged, Verdict},
    evidence::Evidence,
    fact::{Key, Missing},
};

/// The loaded rules.
pub(crate) struct Rules<'a> {
    rules: &'a [Rule],
    key: &'a Key,
    selinux: bool,
}

/// What a rule may be limited to without leaving out what is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody may be left out.
    Everyone,
    /// Processes that nobody logged in to start may be left out (`auid!=unset`, `auid>=1000`).
    Logins,
}

impl<'a> Rules<'a> {
    /// The rules of this host.
    ///
    /// # Errors
    /// [`Missing`] where the kernel did not tell them.
    pub(crate) fn of(evidence: &'a Evidence) -> Result<Self, Missing> {
        let rules = evidence.audit_rules.required()?;
        let labels = rules.iter().flat_map(|rule| &rule.fields).any(is_label);
        let selinux = labels && has_selinux(evidence)?;
        Ok(Self { rules, key: evidence.audit_rules.key(), selinux })
    }

    /// Rules that can never fire here.
    pub(crate) fn dead(&self) -> impl Iterator<Item = &'a Rule> {
        let selinux = self.selinux;
        self.rules.iter().filter(move |rule| !selinux && rule.fields.iter().any(is_label))
    }

    /// The rule that keeps any system call from being audited: `task,never`, or a `never` for all calls before the rule
    /// with this index.
    pub(crate) fn muting(&self, index: usize) -> Option<&'a Rule> {
        let bare = |rule: &&Rule| {
            rule.action == Action::Never && rule.fields.iter().all(|field| field.field == "arch")
        };
        let all = |rule: &&Rule| rule.list == List::Exit && rule.syscalls == Syscalls::All;
        let task = self.rules.iter().find(|rule| rule.list == List::Task && bare(rule));
        task.or_else(|| self.rules.iter().take(index).find(|rule| all(rule) && bare(rule)))
    }

    /// The first rule that records at a call's exit, can fire, is not muted, and is as wanted.
    pub(crate) fn find(&self, wanted: impl Fn(&Rule) -> bool) -> Option<&'a Rule> {
        let live = |rule: &Rule| self.selinux || !rule.fields.iter().any(is_label);
        let records = |rule: &Rule| rule.list == List::Exit && rule.action == Action::Always && live(rule);
        let found = self.rules.iter().enumerate().find(|(_, rule)| records(rule) && wanted(rule));
        found.filter(|(index, _)| self.muting(*index).is_none()).map(|(_, rule)| rule)
    }

    /// Cites the rules.
    pub(crate) fn cite(&self, seen: String) -> Cite {
        Cite::whole(self.key, seen)
    }

    /// Every rule, in the kernel's order.
    pub(crate) fn all(&self) -> &'a [Rule] {
        self.rules
    }
}

/// True where the kernel knows SELinux labels.
fn has_selinux(evidence: &Evidence) -> Result<bool, Missing> {
    let modules = evidence.text("sys/kernel/security/lsm");
    Ok(modules.required()?.split(',').any(|name| name == "selinux"))
}

/// A field on a label. AppArmor matches `subj_role` (Linux security/apparmor/audit.c, `aa_audit_rule_init`).
fn is_label(field: &Field) -> bool {
    let name = field.field.as_str();
    name != "subj_role"
        && (name.starts_with("subj_") || (name.starts_with("obj_") && name != "obj_uid" && name != "obj_gid"))
}

/// The rule's name for people: its keys.
pub(crate) fn name(rule: &Rule) -> String {
    if rule.keys.is_empty() { "without a key".to_owned() } else { rule.keys.join(",") }
}

/// True for a field that leaves out neither a 64-bit program nor a call that succeeded, nor, if asked for, a login.
fn is_harmless(field: &Field, who: Who) -> bool {
    let number = |wanted: i64| field.value == Value::Number(wanted);
    match (field.field.as_str(), field.operator) {
        ("arch", Operator::Equal) => field.value.text() != Some("b32") && field.value.text() != Some("arm"),
        ("success", Operator::Equal) => number(1),
        ("auid", Operator::NotEqual) => who == Who::Logins && field.value.text() == Some("unset"),
        ("auid", Operator::GreaterOrEqual) => {
            who == Who::Logins && matches!(field.value, Value::Number(0..=1000))
        }
        _ => false,
    }
}

/// True where the rule is for a call and nothing but harmless fields, and those that `also` takes, limit it.
pub(crate) fn is_for_call(rule: &Rule, call: &str, who: Who, also: impl Fn(&Field) -> bool) -> bool {
    includes(rule, call) && rule.fields.iter().all(|field| is_harmless(field, who) || also(field))
}

/// Numbers are known for x86_64 alone: elsewhere a list of numbers is taken to be right.
fn includes(rule: &Rule, call: &str) -> bool {
    let foreign = |field: &Field| field.field == "arch" && field.value.text() != Some("b64");
    rule.syscalls.includes(call)
        || (rule.syscalls != Syscalls::Only(vec![]) && rule.fields.iter().any(foreign))
}

/// True where the rule records these accesses (letters of `rwxa`) to a path by everyone but programs and domains that it
/// names.
fn watches(rule: &Rule, path: &str, access: &str) -> bool {
    let within = |directory: &str| {
        path.strip_prefix(directory.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut there = false;
    for field in &rule.fields {
        let text = field.value.text().unwrap_or_default();
        let fine = match (field.field.as_str(), field.operator) {
            ("path", Operator::Equal) => {
                there = text == path;
                there
            }
            ("dir", Operator::Equal) => {
                there = within(text);
                there
            }
            ("perm", Operator::Equal) => access.chars().all(|letter| text.contains(letter)),
            ("exe" | "subj_type" | "subj_role", Operator::NotEqual) => true,
            ("uid" | "euid" | "fsuid", Operator::NotEqual) => field.value != Value::Number(0),
            _ => is_harmless(field, Who::Everyone),
        };
        if !fine {
            return false;
        }
    }
    let any_call = rule.syscalls == Syscalls::All || includes(rule, "openat");
    there && any_call
}

/// Judges whether every one of these paths is watched.
///
/// # Errors
/// As [`Rules::of`].
pub(crate) fn judge_watches<'p>(
    evidence: &Evidence,
    paths: impl IntoIterator<Item = &'p str>,
    access: &str,
) -> Judged {
    let rules = Rules::of(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for path in paths {
        match rules.find(|rule| watches(rule, path, access)) {
            Some(rule) => right.push(rules.cite(format!("{path} is watched (rule {})", name(rule)))),
            None => wrong.push(rules.cite(match rules.dead().find(|rule| names(rule, path)) {
                Some(rule) => {
                    format!("{path}: its rule ({}) never fires, for the kernel has no SELinux", name(rule))
                }
                None => format!("no rule that can fire records {} of {path}", words(access)),
            })),
        }
    }
    Ok(Verdict::unless(wrong, right))
}

/// Judges whether each of these calls is recorded; `also` takes fields that may limit a rule beside harmless ones.
///
/// # Errors
/// As [`Rules::of`].
pub(crate) fn judge_calls(
    evidence: &Evidence,
    calls: &[&str],
    who: Who,
    also: impl Fn(&Field) -> bool,
) -> Judged {
    let rules = Rules::of(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for call in calls {
        match rules.find(|rule| is_for_call(rule, call, who, &also)) {
            Some(rule) => right.push(rules.cite(format!("{call} is recorded (rule {})", name(rule)))),
            None => wrong.push(rules.cite(format!("no rule that can fire records {call}"))),
        }
    }
    Ok(Verdict::unless(wrong, right))
}

fn names(rule: &Rule, path: &str) -> bool {
    rule.fields
        .iter()
        .any(|field| matches!(field.field.as_str(), "path" | "dir") && field.value.text() == Some(path))
}

fn words(access: &str) -> &'static str {
    if access.contains('r') { "reading" } else { "writing" }
}
