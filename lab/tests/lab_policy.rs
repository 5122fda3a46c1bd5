//! The SELinux module of packaging/selinux: with it every guest of the lab starts, and each of its rules is needed.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on must stop and say so"
)]
mod wall;
use lab::policy::{Modules, without};
use lab::{Mac, Request};
use std::path::{Path, PathBuf};

/// What operators do with a guest; the first that fails is printed, and what libvirt said goes to stderr.
const OPERATIONS: &str = r#"
setsebool virt_use_sysfs on
cat >device.xml <<X
<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='1' slot='0' function='0'/></source></hostdev>
X
try() { # NAME COMMAND…
    local name=$1; shift
    "$@" >/dev/null || { echo "$name"; exit 0; }
}
operations() {
    # A virtlockd that has not read libvirt's token yet.
    virsh -q destroy shop; virsh -q destroy bank; systemctl stop virtlockd.service
    try start virsh -q start spare
    try save virsh -q save spare /var/lib/libvirt/qemu/save/spare
    try restore virsh -q restore /var/lib/libvirt/qemu/save/spare
    try hotplug virsh -q attach-device spare device.xml
    try stop virsh -q destroy spare
    echo all
}
"#;

/// The module as it is shipped.
fn module() -> String {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    std::fs::read_to_string(root.parent().unwrap().join("packaging/selinux/baluarte_libvirt.cil")).unwrap()
}

#[test]
fn with_the_module_everything_works() {
    let script = format!(
        "{OPERATIONS}\noperations
        for guest in shop bank; do virsh -q start $guest || echo \"$guest does not start\"; done"
    );
    let Some((said, _)) = wall::see(Request::script(&script)) else { return };
    assert_eq!(said, "all\n");
}

/// A policy of the image's modules and the text that `change` makes of ours, and of the others' in the folder.
fn compiled(
    bench: &lab::wall::Bench,
    name: &str,
    change: impl FnOnce(&Path) -> String,
) -> (PathBuf, PathBuf) {
    let folder = std::env::temp_dir().join(format!("lab-policy-{name}-{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    let policy = folder.join("policy.33");
    let modules = Modules::unpack(&bench.lab, &folder).unwrap_or_else(|why| panic!("{why:#}"));
    let text = change(&folder.join("cil"));
    modules.compile(&text, &policy).unwrap_or_else(|why| panic!("{why:#}"));
    (folder, policy)
}

/// The policy loaded into a fresh VM: `control` must pass before and fail after.
fn loaded(name: &str, control: &str, change: impl FnOnce(&Path) -> String) {
    let Some(bench) = wall::bench(Mac::Selinux) else { return };
    let (folder, policy) = compiled(&bench, name, change);
    let script =
        "cp policy.33 /etc/selinux/default/policy/policy.33; check before; load_policy; check report";
    let (before, after) = {
        let script = format!("{}\nset -e\n{script}", lab::wall::PRELUDE);
        let outcome =
            bench.run(&Request::script(&script).with(&policy)).unwrap_or_else(|why| panic!("{why:#}"));
        (lab::wall::read(&outcome, "before").unwrap(), lab::wall::read(&outcome, "report").unwrap())
    };
    std::fs::remove_dir_all(&folder).ok();
    assert_eq!(lab::wall::verdict(&before, control), "pass");
    let worse: Vec<String> = lab::wall::worse(&before, &after)
        .into_iter()
        .map(|(id, _, status)| format!("{id} {status}"))
        .collect();
    assert_eq!(worse, [format!("{control} fail")]);
    println!("wall: {control}\tselinux\tpass\tfail\tanother policy is loaded: {name}");
}

#[test]
fn a_permissive_domain_is_seen() {
    let change = |_: &Path| format!("{}\n(typepermissive svirt_t)\n", module());
    loaded("permissive", "confinement.selinux-domain-not-permissive", change);
}

#[test]
fn a_domain_without_the_constraint_is_seen() {
    loaded("unconstrained", "confinement.mcs-constrained", |modules| {
        // The attribute is what the constraint is about.
        let virt = modules.join("virt.cil");
        let text = std::fs::read_to_string(&virt).unwrap();
        let kept: Vec<String> = text
            .lines()
            .map(|line| {
                if line.contains("mcs_constrained_type") && line.starts_with("(typeattributeset") {
                    line.replace("svirt_t ", "")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        std::fs::write(&virt, kept.join("\n")).unwrap();
        module()
    });
}

/// Takes one rule away: `operation` must be what fails.
fn needed(rule: &str, operation: &str) {
    let Some(bench) = wall::bench(Mac::Selinux) else { return };
    let name = format!("{operation}-{}", rule.len());
    let (folder, policy) =
        compiled(&bench, &name, |_| without(&module(), rule).unwrap_or_else(|why| panic!("{why:#}")));
    let script =
        format!("{OPERATIONS}\ncp policy.33 /etc/selinux/default/policy/policy.33; load_policy; operations");
    let outcome = bench.run(&Request::script(&script).with(&policy)).unwrap_or_else(|why| panic!("{why:#}"));
    std::fs::remove_dir_all(&folder).ok();
    assert_eq!(outcome.stdout.trim(), operation, "without {rule}: {}", outcome.stderr);
}

/// A line: a name, words that only this rule has, the operation that fails without it.
macro_rules! rules {
    ($( $name:ident: $rule:literal => $operation:literal; )*) => { $(
        #[test]
        #[ignore = "soak: compiles a policy"]
        fn $name() {
            needed($rule, $operation);
        }
    )* };
}

rules! {
    private_dev: "device_t (filesystem" => "start";
    machined_asked: "virtd_t systemd_machined_t" => "start";
    machined_answers: "systemd_machined_t virtd_t" => "start";
    device_filter: "self (bpf" => "start";
    urandom_owner: "urandom_device_t" => "start";
    token_folder: "virt_common_runtime_t (dir" => "start";
    token_file: "virt_common_runtime_t (file" => "start";
    certificates: "cert_t (file" => "start";
    hotplug_limits: "svirt_t (process" => "hotplug";
    save_helper: "lib_t (file" => "save";
    save_pipe: "fifo_file" => "save";
}
