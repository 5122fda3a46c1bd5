//! Round trips of every format.
