//! The nouns: Recording, Evidence, Subject, Control, Finding, Change, Exception, Proof. No I/O, no async.
//!
//! A [`recording::Recording`] is what was read; [`evidence::Evidence`] is derived from it; a [`control::Control`] judges
//! one subject of it; the engine makes [`finding::Finding`]s of the verdicts.

pub mod change;
pub mod control;
pub mod digest;
pub mod evidence;
pub mod exception;
pub mod fact;
pub mod finding;
pub mod journal;
pub mod policy;
pub mod profile;
pub mod proof;
pub mod recording;
pub mod subject;
