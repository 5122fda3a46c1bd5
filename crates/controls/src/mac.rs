//! What several controls of confinement ask: which mandatory access control the kernel has, what a process is labelled,
//! whose id a name is.

use formats::kernel::{label::Decision, process::Status};
use model::{
    control::{Cite, Judged, Verdict},
    evidence::{Evidence, Image, Process, Vm},
    fact::{Fact, Missing},
};

/// The module that labels processes; the kernel runs one of the two at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    SeLinux,
    AppArmor,
}

/// The kernel's labelling module; `None` where it has none.
///
/// # Errors
/// [`Missing`] where the list can't be read; a host where securityfs is not mounted does not show it.
pub(crate) fn module(evidence: &Evidence) -> Result<Option<Module>, Missing> {
    let list = evidence.security_modules.required()?;
    let active = |name: &str| list.split(',').any(|module| module == name);
    Ok(match (active("selinux"), active("apparmor")) {
        (true, _) => Some(Module::SeLinux),
        (false, true) => Some(Module::AppArmor),
        (false, false) => None,
    })
}

/// Where the kernel's decisions stand in a recording.
const DECISIONS: &str = "selinux/access";

/// What SELinux decides for the domains of VMs; `None` where the kernel runs without it.
///
/// # Errors
/// [`Missing`] where the kernel was not asked or did not answer so.
fn decisions(evidence: &Evidence) -> Result<Option<Vec<Decision>>, Missing> {
    if module(evidence)? != Some(Module::SeLinux) {
        return Ok(None);
    }
    let text = evidence.text(DECISIONS).and_then(Decision::all);
    Ok(Some(text.required()?.clone()))
}

/// Judges each decision: `wrong` of none of them, and `said` is what is seen of one.
pub(crate) fn judge_decisions(
    evidence: &Evidence,
    wrong: fn(&Decision) -> bool,
    said: fn(&Decision) -> String,
) -> Judged {
    let Some(decisions) = decisions(evidence)? else {
        return Ok(Verdict::NotApplicable("the kernel runs without SELinux"));
    };
    let cite = |decision: &Decision| Cite::whole(&DECISIONS.into(), said(decision));
    let (wrong, right): (Vec<_>, Vec<_>) = decisions.iter().partition(|decision| wrong(decision));
    Ok(Verdict::unless(wrong.into_iter().map(cite).collect(), right.into_iter().map(cite).collect()))
}

/// True where there is no libvirt here, so that what it would do with a VM is no question.
///
/// # Errors
/// [`Missing`] where nobody can tell.
pub(crate) fn no_libvirt(evidence: &Evidence) -> Result<bool, Missing> {
    if evidence.has_libvirt() || evidence.has_vms() {
        return Ok(false);
    }
    evidence.qemu_conf.known().map(|conf| conf.is_none())
}

/// The emulator's process and the status of each of its threads, its own first; `None` where the VM does not run.
///
/// # Errors
/// [`Missing`] where the process or the list of its threads could not be looked at.
pub(crate) fn threads<'a>(evidence: &'a Evidence, vm: &Vm) -> Result<Option<Vec<&'a Fact<Status>>>, Missing> {
    let Some(process) = vm.process(evidence)? else { return Ok(None) };
    evidence.names(&process.key("task")).required()?;
    Ok(Some([&process.status].into_iter().chain(&process.threads).collect()))
}

/// The label AppArmor gives a process: from the module's own file (Linux 5.8), else from the common one.
pub(crate) fn apparmor_label<'a>(evidence: &'a Evidence, process: &'a Process) -> Fact<&'a [u8]> {
    match evidence.bytes(&process.key("attr/apparmor/current")) {
        Fact::Absent(_) => evidence.bytes(&process.key("attr/current")),
        own => own,
    }
}

/// The id a value stands for: a name first, then a number, and a number at once behind a plus sign (libvirt
/// `src/util/virutil.c`, `virGetUserID`).
///
/// # Errors
/// [`Missing`] where the accounts can't be read, or have no such name.
pub(crate) fn id(evidence: &Evidence, key: &str, text: &str) -> Result<u32, Missing> {
    let accounts = &evidence.access.accounts;
    if let Some(number) = text.strip_prefix('+').and_then(|digits| digits.parse().ok()) {
        return Ok(number);
    }
    if text == "root" {
        return Ok(0);
    }
    let (named, file) = if key == "user" {
        let user = accounts.users.required()?.entries.iter().find(|user| user.name.value == text);
        (user.map(|user| user.uid.value), accounts.users.key())
    } else {
        let group = accounts.groups.required()?.entries.iter().find(|group| group.name.value == text);
        (group.map(|group| group.gid.value), accounts.groups.key())
    };
    let missing =
        || Missing { key: file.clone(), why: format!("it has no {text}, which {key} names").into() };
    named.or_else(|| text.parse().ok()).ok_or_else(missing)
}

/// The SELinux label of an image; `None` where the kernel has no SELinux, or the image is not there.
///
/// # Errors
/// [`Missing`] where the label can't be read.
pub(crate) fn image_label<'a>(evidence: &Evidence, image: &'a Image) -> Result<Option<&'a str>, Missing> {
    if module(evidence)? != Some(Module::SeLinux) {
        return Ok(None);
    }
    let Some(stat) = image.stat.known()? else { return Ok(None) };
    let label = stat.xattrs.get("security.selinux").map(String::as_str);
    let missing = || Missing { key: image.key.clone(), why: "its SELinux label was not read".into() };
    label.map(Some).ok_or_else(missing)
}
