//! Texts of /proc and /sys.

use formats::kernel::{argv, choice, cmdline, label, mount, process, socket, vulnerability};

use super::{understood, within};

pub(super) fn argv(bytes: &[u8]) {
    for argument in understood(bytes, argv::arguments(bytes)).into_iter().flatten() {
        within(bytes, argument.span);
    }
    let mut masked = bytes.to_vec();
    argv::mask_argv(&mut masked);
    assert_eq!(masked.len(), bytes.len());
    let nuls = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == 0).count();
    assert_eq!(nuls(&masked), nuls(bytes), "arguments were joined or cut");
    let mut again = masked.clone();
    argv::mask_argv(&mut again);
    assert_eq!(again, masked, "masking what is masked changed something");
}

pub(super) fn cmdline(bytes: &[u8]) {
    let Some(line) = understood(bytes, cmdline::CommandLine::parse(bytes)) else { return };
    for argument in &line.arguments {
        within(bytes, argument.span);
        assert!(line.get(&argument.name.value).is_some());
        let _ = line.words(&argument.name.value).count();
    }
}

pub(super) fn status(bytes: &[u8]) {
    if let Some(status) = understood(bytes, process::status(bytes)) {
        status.seccomp.iter().for_each(|seccomp| within(bytes, seccomp.span));
    }
    understood(bytes, process::start_time(bytes));
}

pub(super) fn cgroup(bytes: &[u8]) {
    understood(bytes, process::cgroups(bytes));
    understood(bytes, formats::kernel::boot_id(bytes));
}

pub(super) fn socket(bytes: &[u8]) {
    for socket in understood(bytes, socket::inet(bytes)).into_iter().flatten() {
        within(bytes, socket.local.span);
    }
    understood(bytes, socket::unix(bytes));
    for protocol in [socket::Protocol::Tcp, socket::Protocol::Udp] {
        let kept = socket::only_waiting(protocol, bytes);
        // A byte that is no UTF-8 becomes a replacement character of three.
        assert!(kept.len() <= bytes.len() * 3 + 1);
        assert_eq!(socket::only_waiting(protocol, &kept), kept, "a second time changed something");
    }
}

pub(super) fn mount(bytes: &[u8]) {
    understood(bytes, mount::mountinfo(bytes));
    understood(bytes, mount::swaps(bytes));
}

pub(super) fn vulnerability(bytes: &[u8]) {
    if let Some(vulnerability) = understood(bytes, vulnerability::parse(bytes)) {
        let _ = (vulnerability.part("IBPB"), vulnerability.vulnerable_parts().count());
    }
}

pub(super) fn label(bytes: &[u8]) {
    if let Some(context) = understood(bytes, label::Context::parse(bytes)) {
        let _ = context.categories();
    }
    if let Some(profile) = understood(bytes, label::AppArmorLabel::parse(bytes)) {
        let _ = profile.confined();
    }
}

pub(super) fn choice(bytes: &[u8]) {
    understood(bytes, choice::choice(bytes));
    if let Some(ranges) = understood(bytes, choice::ranges(bytes)) {
        let _ = (ranges.count(), ranges.contains(0), ranges.contains(u32::MAX));
    }
}
