//! What the kernel says: the command line, /proc files, sysfs lists.
