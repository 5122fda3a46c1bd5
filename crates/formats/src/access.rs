//! Who may do what: passwd and group files, polkit rules.
