//! What must hold of every parser of foreign bytes, whatever the bytes: one plain function a parser, run by the fuzz targets
//! of `fuzz/` and, over a few thousand mutations of good input, by ordinary tests.

use formats::{Malformed, Span};

mod access;
mod conf;
mod image;
mod kernel;
mod libvirt;
pub mod mutate;
mod netlink;
pub mod recording;
mod seeds;

/// A parser's body: panics where something does not hold.
pub type Body = fn(&[u8]);

/// Every body by the name of its fuzz target.
pub const ALL: [(&str, Body); 36] = [
    ("access_group", access::group),
    ("access_passwd", access::passwd),
    ("access_polkit", access::polkit),
    ("access_sasl", access::sasl),
    ("conf_libvirt", conf::libvirt),
    ("conf_oslo", conf::oslo),
    ("conf_sshd", conf::sshd),
    ("conf_sysctl", conf::sysctl),
    ("conf_unit", conf::unit),
    ("image_chain", image::chain),
    ("image_facts", image::facts),
    ("image_luks", image::luks),
    ("image_qcow2", image::qcow2),
    ("image_vmdk", image::vmdk),
    ("kernel_argv", kernel::argv),
    ("kernel_cgroup", kernel::cgroup),
    ("kernel_choice", kernel::choice),
    ("kernel_cmdline", kernel::cmdline),
    ("kernel_label", kernel::label),
    ("kernel_mount", kernel::mount),
    ("kernel_socket", kernel::socket),
    ("kernel_status", kernel::status),
    ("kernel_vulnerability", kernel::vulnerability),
    ("libvirt_binding", libvirt::binding),
    ("libvirt_domain", libvirt::domain),
    ("libvirt_domstatus", libvirt::domstatus),
    ("libvirt_network", libvirt::network),
    ("libvirt_nwfilter", libvirt::nwfilter),
    ("libvirt_secrets", libvirt::secrets),
    ("libvirt_xpath", libvirt::xpath),
    ("netlink_audit", netlink::audit),
    ("netlink_lines", netlink::lines),
    ("netlink_link", netlink::link),
    ("netlink_nft", netlink::nft),
    ("recording", recording::body),
    ("x509", image::x509),
];

/// Runs the body of this name.
///
/// # Panics
/// Where there is none, and where something does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let body = ALL.iter().find(|(known, _)| *known == name);
    assert!(body.is_some(), "there is no body {name}");
    if let Some((_, body)) = body {
        body(bytes);
    }
}

/// Good input to begin with.
#[must_use]
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    seeds::of(name)
}

/// A place lies within the input.
fn within(bytes: &[u8], span: Span) {
    let range = span.range();
    assert!(
        range.start <= range.end && range.end <= bytes.len(),
        "{span:?} is not within {} bytes",
        bytes.len()
    );
}

/// A refusal has a place within the input and a reason. A reason is one line.
fn refused(bytes: &[u8], malformed: &Malformed) {
    assert!(malformed.offset <= bytes.len(), "{malformed} of {} bytes", bytes.len());
    assert!(!malformed.why.is_empty());
}

/// The value, or a refusal that is as it must be.
fn understood<T>(bytes: &[u8], result: Result<T, Malformed>) -> Option<T> {
    result.inspect_err(|malformed| refused(bytes, malformed)).ok()
}
