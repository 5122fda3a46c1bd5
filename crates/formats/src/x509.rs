//! Facts of X.509 certificates: names, validity, key, signature, usages.
