//! A fact: known, absent, unreadable or not collected. The last two make a reading `unknown`, never `pass`.

use std::{fmt, sync::Arc};

/// The recording key a fact came from (`proc/cmdline`); cheap to clone.
pub type Key = Arc<str>;

/// What is known of one thing, and from where.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact<T> {
    /// It was read and understood.
    Known(T, Key),
    /// It was looked for and is not there: the upstream default of the detected version applies.
    Absent(Key),
    /// It is there and could not be read or understood: why.
    Unreadable(Key, Arc<str>),
    /// Nobody looked, or this vantage cannot have it: why.
    NotCollected(Key, Arc<str>),
}

/// A fact a judgement needed and could not have. The reading becomes `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The recording key.
    pub key: Key,
    /// Why it is missing, one line.
    pub why: Arc<str>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}: {}", self.key, self.why)
    }
}

impl<T> Fact<T> {
    /// The value; `None` where it is known to be absent.
    ///
    /// # Errors
    /// [`Missing`] where nobody can tell.
    pub fn known(&self) -> Result<Option<&T>, Missing> {
        match self {
            Self::Known(value, _) => Ok(Some(value)),
            Self::Absent(_) => Ok(None),
            Self::Unreadable(key, why) | Self::NotCollected(key, why) => {
                Err(Missing { key: key.clone(), why: why.clone() })
            }
        }
    }

    /// The value; where it is absent that too is an error, for what must be there.
    ///
    /// # Errors
    /// [`Missing`] where it is absent or nobody can tell.
    pub fn required(&self) -> Result<&T, Missing> {
        self.known()?.ok_or_else(|| Missing { key: self.key().clone(), why: "not there".into() })
    }

    /// The value if it is known, for what is only shown.
    pub fn ok(&self) -> Option<&T> {
        match self {
            Self::Known(value, _) => Some(value),
            _ => None,
        }
    }

    /// The recording key.
    pub fn key(&self) -> &Key {
        match self {
            Self::Known(_, key)
            | Self::Absent(key)
            | Self::Unreadable(key, _)
            | Self::NotCollected(key, _) => key,
        }
    }

    /// The fact with its value borrowed.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value, key) => Fact::Known(value, key.clone()),
            Self::Absent(key) => Fact::Absent(key.clone()),
            Self::Unreadable(key, why) => Fact::Unreadable(key.clone(), why.clone()),
            Self::NotCollected(key, why) => Fact::NotCollected(key.clone(), why.clone()),
        }
    }

    /// The fact with its value converted.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|value| Ok::<_, String>(convert(value)))
    }

    /// The fact with its value converted, or unreadable with the reason why it could not be.
    pub fn and_then<U, E: fmt::Display>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Fact<U> {
        match self {
            Self::Known(value, key) => match convert(value) {
                Ok(value) => Fact::Known(value, key),
                Err(error) => Fact::Unreadable(key, error.to_string().into()),
            },
            Self::Absent(key) => Fact::Absent(key),
            Self::Unreadable(key, why) => Fact::Unreadable(key, why),
            Self::NotCollected(key, why) => Fact::NotCollected(key, why),
        }
    }
}
