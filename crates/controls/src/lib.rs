//! controls.
