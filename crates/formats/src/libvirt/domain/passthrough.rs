//! QEMU passthrough: what a domain tells QEMU behind libvirt's back (libvirt `docs/kbase/qemu-passthrough-security.rst`).

use crate::libvirt::element::{Text, element};

element! {
    /// Extra arguments and environment of QEMU.
    QemuCommandline {
        many {
            /// Arguments.
            args: QemuArg = "arg",
            /// Environment.
            env: QemuEnv = "env",
        }
    }

    /// An argument.
    QemuArg {
        attributes {
            /// `value`.
            value: Text = "value",
        }
    }

    /// An environment variable.
    QemuEnv {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `value`.
            value: Text = "value",
        }
    }

    /// Capabilities of QEMU, forced.
    QemuCapabilities {
        many {
            /// Claimed though QEMU lacks them.
            add: QemuCapability = "add",
            /// Denied though QEMU has them.
            del: QemuCapability = "del",
        }
    }

    /// A capability.
    QemuCapability {
        attributes {
            /// `capability`: its name.
            capability: Text = "capability",
        }
    }

    /// Device properties changed behind libvirt's back.
    QemuOverride {
        many {
            /// By device.
            devices: OverrideDevice = "device",
        }
    }

    /// Changed properties of a device.
    OverrideDevice {
        attributes {
            /// `alias` of the device.
            alias: Text = "alias",
        }
        one {
            /// The properties.
            frontend: OverrideFrontend = "frontend",
        }
    }

    /// Changed properties.
    OverrideFrontend {
        many {
            /// The properties.
            properties: OverrideProperty = "property",
        }
    }

    /// A changed property.
    OverrideProperty {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `type`: string, signed, unsigned, bool, remove.
            kind: Text = "type",
            /// `value`.
            value: Text = "value",
        }
    }

    /// What QEMU does with deprecated input.
    QemuDeprecation {
        attributes {
            /// `behavior`: omit, reject, crash.
            behavior: Text = "behavior",
        }
    }
}
