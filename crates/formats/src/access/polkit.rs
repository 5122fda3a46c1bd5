//! polkit rules (`*.rules`), read without a JavaScript engine.
//!
//! A rule is a function given to `polkit.addRule` (polkit(8)). What it decides can only be known by running
//! it; what it *mentions* can be read: the actions it compares with, the groups and users it asks for, the
//! other facts it looks at, and the results it returns. A rule that returns YES and names no condition is open
//! to all, and one whose words can't be read ([`Rule::opaque`]) is to be judged by a human.

mod token;

use crate::{Malformed, Span, Spanned};
use token::{Kind, Token, tokens};

/// Largest file looked into, in bytes.
pub const MAX_SIZE: usize = 1024 * 1024;

/// What a rule returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `polkit.Result.YES`: allowed, no password asked.
    Yes,
    /// `polkit.Result.NO`.
    No,
    /// `AUTH_SELF`, `AUTH_SELF_KEEP`, `AUTH_ADMIN`, `AUTH_ADMIN_KEEP`: a password is asked.
    Authenticate,
    /// `NOT_HANDLED`, or `null`: the next rule decides.
    NotHandled,
}

/// How an action is compared with a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==` or `===`.
    Equal,
    /// `!=` or `!==`.
    NotEqual,
    /// `indexOf`, `startsWith`, `match` …: part of the id.
    Part,
}

/// An action that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The string or the text of the regular expression.
    pub text: String,
    /// How the action's id is compared with it.
    pub comparison: Comparison,
}

/// A condition on a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The group or user.
    pub name: String,
    /// The rule asks for those who are *not* it.
    pub negated: bool,
}

/// One `polkit.addRule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The action ids it names. None: it looks at every action.
    pub actions: Vec<Spanned<Action>>,
    /// The groups of `subject.isInGroup` and `subject.isInNetGroup`.
    pub groups: Vec<Spanned<Name>>,
    /// The users that `subject.user` is compared with.
    pub users: Vec<Spanned<Name>>,
    /// Other properties of the subject it looks at: `active`, `local`, `session`, `seat` …
    pub facts: Vec<Spanned<String>>,
    /// The details of the action it looks up: `connect_driver`, `domain_name` …
    pub details: Vec<Spanned<String>>,
    /// What it returns, each time.
    pub results: Vec<Spanned<Outcome>>,
    /// It decides by means that can't be read: `polkit.spawn`, a variable as its result, a function by name.
    pub opaque: bool,
    /// From `polkit` to the closing bracket.
    pub span: Span,
}

impl Rule {
    /// Where it returns YES.
    #[must_use]
    pub fn allows(&self) -> Option<Span> {
        self.results.iter().find(|result| result.value == Outcome::Yes).map(|result| result.span)
    }

    /// Whether it may decide about an action: it names it, a part of it, or no action at all.
    #[must_use]
    pub fn concerns(&self, action: &str) -> bool {
        let hit = |named: &Action| match named.comparison {
            Comparison::Equal => named.text == action,
            Comparison::NotEqual => named.text != action,
            Comparison::Part => part_of(&named.text, action),
        };
        self.actions.is_empty() || self.actions.iter().any(|named| hit(&named.value))
    }

    /// It returns YES and asks nothing of the subject: everyone is allowed.
    #[must_use]
    pub fn unconditional(&self) -> bool {
        self.allows().is_some() && self.groups.is_empty() && self.users.is_empty() && self.facts.is_empty()
    }
}

/// Whether the literal text of a pattern occurs in the action. Anything but plain text in it counts as a hit:
/// a rule too many is looked at rather than one too few.
fn part_of(pattern: &str, action: &str) -> bool {
    let plain: String = pattern.trim_start_matches('^').trim_end_matches('$').replace('\\', "");
    plain.contains(['*', '+', '?', '(', '[', '|', '{']) || action.contains(&plain)
}

/// The rules of a file in order.
///
/// # Errors
/// A file over 1 MiB, an unterminated string, comment or regular expression, or brackets that don't match:
/// polkit's engine refuses such a file as a whole.
pub fn rules(text: &str) -> Result<Vec<Rule>, Malformed> {
    if text.len() > MAX_SIZE {
        return Err(Malformed::at(MAX_SIZE, "file larger than 1 MiB"));
    }
    let tokens = tokens(text)?;
    let closes = closing(&tokens)?;
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let open = at + 3;
        let called = is(&tokens, at, "polkit") && is(&tokens, at + 1, ".") && is(&tokens, at + 2, "addRule");
        match closes.get(open).copied().flatten().filter(|_| called && is(&tokens, open, "(")) {
            Some(close) => {
                out.push(rule(&tokens, at, open, close));
                at = close + 1;
            }
            None => at += 1,
        }
    }
    Ok(out)
}

fn is(tokens: &[Token<'_>], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.kind != Kind::Text && token.text == text)
}

/// For every opening bracket the index of its closing one.
fn closing(tokens: &[Token<'_>]) -> Result<Vec<Option<usize>>, Malformed> {
    let mut out = vec![None; tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Sign) {
        let wanted = match token.text {
            "(" => ")",
            "[" => "]",
            "{" => "}",
            ")" | "]" | "}" => {
                let (start, _) = open
                    .pop()
                    .filter(|(_, wanted)| *wanted == token.text)
                    .ok_or_else(|| Malformed::at(token.at, "a bracket that nothing opened"))?;
                if let Some(slot) = out.get_mut(start) {
                    *slot = Some(at);
                }
                continue;
            }
            _ => continue,
        };
        open.push((at, wanted));
    }
    match open.last().and_then(|(at, _)| tokens.get(*at)) {
        Some(token) => Err(Malformed::at(token.at, "a bracket that nothing closes")),
        None => Ok(out),
    }
}

/// What the call from token `start`, with its brackets at `open` and `close`, mentions.
fn rule(tokens: &[Token<'_>], start: usize, open: usize, close: usize) -> Rule {
    let place = |at: usize| tokens.get(at).map(|token| token.span()).unwrap_or_default();
    let span = Span { start: place(start).start, end: place(close).end };
    let mut rule = Rule {
        actions: Vec::new(),
        groups: Vec::new(),
        users: Vec::new(),
        facts: Vec::new(),
        details: Vec::new(),
        results: Vec::new(),
        opaque: false,
        span,
    };
    let body = tokens.get(open + 1..close).unwrap_or_default();
    let (action, subject) = parameters(body).unwrap_or_else(|| {
        rule.opaque = true;
        ("action", "subject")
    });
    for at in 0..body.len() {
        if is(body, at, action) && is(body, at + 1, ".") && !is(body, at.wrapping_sub(1), ".") {
            see_action(&mut rule, body, at + 2);
        } else if is(body, at, subject) && is(body, at + 1, ".") && !is(body, at.wrapping_sub(1), ".") {
            see_subject(&mut rule, body, at);
        } else if is(body, at, "return") {
            see_return(&mut rule, body, at + 1);
        } else if is(body, at, "polkit") && is(body, at + 1, ".") && is(body, at + 2, "spawn") {
            rule.opaque = true;
        } else if is(body, at, "=>") && !is(body, at + 1, "{") {
            see_return(&mut rule, body, at + 1);
        }
    }
    rule
}

/// The names of a function's two parameters: `function(a, s)`, `function name(a, s)`, `(a, s) =>`.
fn parameters<'a>(body: &[Token<'a>]) -> Option<(&'a str, &'a str)> {
    let word = |at: usize| body.get(at).filter(|token| token.kind == Kind::Word).map(|token| token.text);
    let mut at = usize::from(word(0) == Some("function"));
    at += usize::from(at == 1 && word(1).is_some());
    if !is(body, at, "(") {
        return None;
    }
    let first = word(at + 1)?;
    let second = if is(body, at + 2, ",") { word(at + 3)? } else { "subject" };
    Some((first, second))
}

fn text_at<'a, 't>(body: &'a [Token<'t>], at: usize) -> Option<&'a Token<'t>> {
    body.get(at).filter(|token| matches!(token.kind, Kind::Text | Kind::Pattern))
}

/// A comparison sign: whether it asks for the opposite.
fn comparison(body: &[Token<'_>], at: usize) -> Option<bool> {
    let sign = body.get(at).filter(|token| token.kind == Kind::Sign)?;
    match sign.text {
        "==" | "===" => Some(false),
        "!=" | "!==" => Some(true),
        _ => None,
    }
}

/// `action.id == "x"`, `action.id.indexOf("x")`, `action.lookup("x")`; `at` is behind the dot.
fn see_action(rule: &mut Rule, body: &[Token<'_>], at: usize) {
    let mut add = |token: &Token<'_>, comparison| {
        rule.actions.push(Spanned::new(Action { text: token.value(), comparison }, token.span()));
    };
    if is(body, at, "lookup") && is(body, at + 1, "(") {
        rule.details.extend(text_at(body, at + 2).map(|token| Spanned::new(token.value(), token.span())));
    } else if is(body, at, "id") {
        if let (Some(negated), Some(token)) = (comparison(body, at + 1), text_at(body, at + 2)) {
            add(token, if negated { Comparison::NotEqual } else { Comparison::Equal });
        } else if is(body, at + 1, ".") && is(body, at + 3, "(") {
            text_at(body, at + 4).into_iter().for_each(|token| add(token, Comparison::Part));
        } else if let (Some(negated), Some(token)) =
            (comparison(body, at.wrapping_sub(3)), text_at(body, at.wrapping_sub(4)))
        {
            add(token, if negated { Comparison::NotEqual } else { Comparison::Equal });
        }
    }
}

/// `subject.isInGroup("x")`, `subject.user == "x"`, `subject.active`; `at` is the subject.
fn see_subject(rule: &mut Rule, body: &[Token<'_>], at: usize) {
    let Some(property) = body.get(at + 2) else { return };
    match property.text {
        "isInGroup" | "isInNetGroup" => match text_at(body, at + 4) {
            Some(token) => {
                let name = Name { name: token.value(), negated: is(body, at.wrapping_sub(1), "!") };
                rule.groups.push(Spanned::new(name, token.span()));
            }
            None => rule.opaque = true,
        },
        "user" => {
            let after = comparison(body, at + 3).zip(text_at(body, at + 4));
            let before = comparison(body, at.wrapping_sub(1)).zip(text_at(body, at.wrapping_sub(2)));
            match after.or(before) {
                Some((negated, token)) => {
                    rule.users.push(Spanned::new(Name { name: token.value(), negated }, token.span()));
                }
                None => rule.facts.push(Spanned::new("user".to_owned(), property.span())),
            }
        }
        other => rule.facts.push(Spanned::new(other.to_owned(), property.span())),
    }
}

/// What follows `return`.
fn see_return(rule: &mut Rule, body: &[Token<'_>], at: usize) {
    let named = is(body, at, "polkit")
        && is(body, at + 1, ".")
        && is(body, at + 2, "Result")
        && is(body, at + 3, ".");
    let outcome = match body.get(if named { at + 4 } else { at }) {
        Some(token) if named => match token.text {
            "YES" => Outcome::Yes,
            "NO" => Outcome::No,
            "NOT_HANDLED" => Outcome::NotHandled,
            text if text.starts_with("AUTH_") => Outcome::Authenticate,
            _ => return rule.opaque = true,
        },
        Some(token) if token.kind == Kind::Text => match token.value().as_str() {
            "yes" => Outcome::Yes,
            "no" => Outcome::No,
            text if text.starts_with("auth_") => Outcome::Authenticate,
            _ => Outcome::NotHandled,
        },
        Some(token) if matches!(token.text, ";" | "}" | "null" | "undefined") => Outcome::NotHandled,
        Some(_) => return rule.opaque = true,
        None => Outcome::NotHandled,
    };
    let end = if named { at + 4 } else { at };
    let place = |at: usize| body.get(at).map(|token| token.span()).unwrap_or_default();
    rule.results.push(Spanned::new(outcome, Span { start: place(at).start, end: place(end).end }));
}

#[cfg(test)]
mod tests;
