//! What is wrong with a link of a chain, in words.

use std::fmt;

use super::{MAX_DEPTH, Problem, Why};
use crate::image::name::MAX_PATH;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpened(why) => why.fmt(f),
            Self::Protocol(protocol) => {
                write!(f, "the name is of the protocol {protocol:?} and was not followed")
            }
            Self::NulByte => f.write_str("the name has a NUL byte"),
            Self::NotText => f.write_str("the name is not UTF-8"),
            Self::TooLong => write!(f, "the path is longer than {MAX_PATH} bytes"),
            Self::SystemPath => Why::SystemPath.fmt(f),
            Self::NotAbsolute => f.write_str("the path is not absolute"),
            Self::Repeated(_) => f.write_str("the same file is in the chain already"),
            Self::TooDeep => write!(f, "the chain is deeper than {MAX_DEPTH} images"),
            Self::FormatNotDeclared => f.write_str("its format is not declared"),
            Self::FormatUnknown(format) => write!(f, "its declared format {format:?} is not known"),
            Self::FormatMismatch { declared, probed } => {
                write!(
                    f,
                    "it is declared {}, and its first bytes are those of {}",
                    declared.driver(),
                    probed.driver()
                )
            }
            Self::Malformed(malformed) => write!(f, "its header is broken at {malformed}"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Vanished => f.write_str("it was there and is not any more"),
            Self::Unreadable(why) | Self::NotRegular(why) => f.write_str(why),
            Self::SystemPath => f.write_str("the path is in /dev, /proc or /sys and was not followed"),
        }
    }
}
