//! Exceptions: one type for grant, waiver and bypass, always with an owner, a reason and an end.

use serde::{Deserialize, Serialize};

/// What an exception does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The control passes, and says that it was granted.
    Grant,
    /// The control still fails, uncounted. `unknown` can't be waived.
    Waiver,
    /// The gate at a VM's start lets it through; recorded in the `guard` journal.
    Bypass,
}

/// An exception from one or more controls for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// What it does.
    pub kind: Kind,
    /// Control ids as a glob (`hardware.pci-*`).
    pub control: String,
    /// The subject's stable id: a UUID, `UUID/target`, a PCI address, or `host`; never a name.
    pub subject: String,
    /// For a device: vendor, product and serial, as in `8086:10d3:serial`; another card in the slot is not covered.
    #[serde(default)]
    pub device: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Last day it holds, `YYYY-MM-DD` UTC.
    pub expires: String,
    /// Used up by the first VM start that needed it.
    #[serde(default)]
    pub once: bool,
}

/// The file `/etc/baluarte/exceptions.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// Every `[[exception]]`.
    #[serde(default)]
    pub exception: Vec<Exception>,
}

impl Exception {
    /// True where the control id matches and the subject is this one. `host` names the host whatever its id.
    #[must_use]
    pub fn covers(&self, control: &str, subject: &crate::subject::Subject) -> bool {
        let named = self.subject == subject.id
            || (self.subject == "host" && subject.kind == crate::subject::Kind::Host);
        named && glob(&self.control, control)
    }

    /// The end of its last day, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// A text that says what is wrong with the date.
    pub fn ends(&self) -> Result<i64, String> {
        let day: jiff::civil::Date = self
            .expires
            .parse()
            .map_err(|_| format!("expires = \"{}\" is not a date like 2027-01-31", self.expires))?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
        Ok(midnight.timestamp().as_second() + 24 * 60 * 60)
    }
}

/// Matches an id against a glob in which `*` stands for any run of characters; in time linear in practice and
/// bounded by the product of the two lengths.
#[must_use]
pub fn glob(pattern: &str, id: &str) -> bool {
    let (pattern, id) = (pattern.as_bytes(), id.as_bytes());
    let (mut p, mut i, mut retry) = (0, 0, None);
    while i < id.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, i));
                p += 1;
            }
            Some(byte) if Some(byte) == id.get(i) => {
                p += 1;
                i += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    i = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, id, expected) in [
            ("network.*", "network.static-mac", true),
            ("network.*", "console.vnc-tls", false),
            ("*", "anything", true),
            ("*.vnc-*-local", "console.vnc-listen-local", true),
            ("console.vnc", "console.vnc-tls", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("", "", true),
        ] {
            assert_eq!(glob(pattern, id), expected, "{pattern} {id}");
        }
    }

    #[test]
    fn the_last_day_counts() {
        let text = "kind = 'waiver'\ncontrol = '*'\nsubject = 'host'\nowner = 'a'\nreason = 'b'\nexpires = '1970-01-01'";
        let mut exception: Exception = toml::from_str(text).unwrap();
        assert_eq!(exception.ends(), Ok(86_400));
        exception.expires = "tomorrow".into();
        assert!(exception.ends().unwrap_err().contains("tomorrow"));
    }
}
