//! The nouns: Recording, Evidence, Subject, Control, Finding, Change, Exception, Proof. No I/O, no async.

pub mod recording;
