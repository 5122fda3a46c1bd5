//! Certificates by hand.
