//! VNC and SPICE consoles: how they are reached, as the XML says and as QEMU's arguments say.

use formats::libvirt::{TextOption as _, domain::Graphics};
use model::{
    control::{Cite, Reading},
    evidence::{Evidence, Process, View, Vm},
    fact::Missing,
};

use crate::ask;

/// The graphical consoles of a domain.
pub(crate) fn graphics(view: &View) -> impl Iterator<Item = &Graphics> {
    view.domain.devices.iter().flat_map(|devices| &devices.graphics)
}

/// The VNC consoles of a domain.
pub(crate) fn consoles(view: &View) -> impl Iterator<Item = &Graphics> {
    graphics(view).filter(|graphics| graphics.kind.is("vnc"))
}

/// The SPICE consoles of a domain.
pub(crate) fn spice(view: &View) -> impl Iterator<Item = &Graphics> {
    graphics(view).filter(|graphics| graphics.kind.is("spice"))
}

/// How a console is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Not over TCP: a UNIX socket, or not at all.
    NotTcp,
    /// Over TCP, from this host alone.
    Loopback,
    /// Over TCP, from elsewhere.
    Network,
}

impl Reach {
    fn of(address: &str) -> Self {
        if is_local(address) { Self::Loopback } else { Self::Network }
    }
}

/// True for addresses that only this host can reach.
pub(crate) fn is_local(address: &str) -> bool {
    let parsed: Result<std::net::IpAddr, _> = address.parse();
    address == "localhost" || parsed.is_ok_and(|address| address.is_loopback())
}

/// What `qemu.conf` says of consoles whose XML leaves it open (libvirt `src/qemu/qemu_process.c`,
/// `qemuProcessGraphicsSetupListen`).
pub(crate) struct Defaults<'a> {
    /// `vnc_auto_unix_socket` or `spice_auto_unix_socket`.
    socket: bool,
    /// `vnc_listen` or `spice_listen`.
    address: &'a str,
}

impl<'a> Defaults<'a> {
    /// Of VNC.
    ///
    /// # Errors
    /// [`Missing`] where `qemu.conf` could not be read.
    pub(crate) fn of(evidence: &'a Evidence) -> Result<Self, Missing> {
        Self::read(evidence, "vnc_auto_unix_socket", "vnc_listen")
    }

    /// Of SPICE.
    ///
    /// # Errors
    /// [`Missing`] where `qemu.conf` could not be read.
    pub(crate) fn of_spice(evidence: &'a Evidence) -> Result<Self, Missing> {
        Self::read(evidence, "spice_auto_unix_socket", "spice_listen")
    }

    fn read(evidence: &'a Evidence, socket: &str, listen: &str) -> Result<Self, Missing> {
        let socket = ask::setting(&evidence.qemu_conf, socket)?.int(0) == Some(1);
        // The text lives as long as the file, not as long as this look at it.
        let text = evidence.qemu_conf.known()?.and_then(|file| match &file.get(listen)?.value.value {
            formats::conf::libvirt::Value::Str(text) => Some(text.as_str()),
            _ => None,
        });
        Ok(Self { socket, address: text.unwrap_or("127.0.0.1") })
    }

    /// The worst way in that a console has.
    pub(crate) fn reach(&self, graphics: &Graphics) -> Reach {
        if graphics.socket.is_some()
            || graphics.listens.iter().any(|listen| listen.kind.is_any(&["socket", "none"]))
        {
            return Reach::NotTcp;
        }
        let said: Vec<&str> = graphics
            .listens
            .iter()
            .filter_map(|listen| listen.address.said())
            .chain(graphics.listen.said())
            .collect();
        let by_network = graphics.listens.iter().any(|listen| listen.kind.is("network"));
        match said.as_slice() {
            [_, ..] if said.iter().all(|address| is_local(address)) => Reach::Loopback,
            [_, ..] => Reach::Network,
            // The address of the host on that network: known when it starts.
            [] if by_network => Reach::Network,
            [] if self.socket => Reach::NotTcp,
            [] => Reach::of(self.address),
        }
    }
}

/// The VNC server of a running QEMU: what follows `-vnc`.
pub(crate) struct Server<'a> {
    process: &'a Process,
    text: &'a str,
}

impl<'a> Server<'a> {
    /// The server of a VM; `None` where it does not run or has no VNC.
    ///
    /// # Errors
    /// [`Missing`] where it runs and its arguments could not be read.
    pub(crate) fn of(evidence: &'a Evidence, vm: &Vm) -> Result<Option<Self>, Missing> {
        let Some(process) = vm.process(evidence)? else { return Ok(None) };
        process.arguments.required()?;
        Ok(process.argument(&["-vnc"]).map(|text| Self { process, text }))
    }

    /// How it is reached (`qemuBuildGraphicsVNCCommandLine`: `unix:` or `none`, else `ADDRESS:DISPLAY`).
    pub(crate) fn reach(&self) -> Reach {
        let address = self.text.strip_prefix("vnc=").unwrap_or(self.text);
        let address = address.split(',').next().unwrap_or_default();
        if address == "none" || address.starts_with("unix:") {
            return Reach::NotTcp;
        }
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        // Without an address QEMU listens on every one.
        Reach::of(host.trim_start_matches('[').trim_end_matches(']'))
    }

    /// The value of one of its options; `on` where it stands alone.
    pub(crate) fn option(&self, name: &str) -> Option<&'a str> {
        self.text.split(',').skip(1).find_map(|option| match option.split_once('=') {
            Some((key, value)) => (key == name).then_some(value),
            None => (option == name).then_some("on"),
        })
    }

    /// True where it asks for a name and password by SASL.
    pub(crate) fn sasl(&self) -> bool {
        self.option("sasl") == Some("on")
    }

    /// Whether its certificates make it check the client's: `None` where it has none, or QEMU was told of none.
    pub(crate) fn verifies(&self) -> Option<bool> {
        let id = self.option("tls-creds")?;
        let arguments = self.process.arguments.ok()?;
        let json = format!("\"id\":\"{id}\"");
        let plain = format!("id={id},");
        let mut objects = arguments.iter().filter(|argument| argument.contains("tls-creds-x509"));
        let object =
            objects.find(|argument| argument.contains(&json) || format!("{argument},").contains(&plain))?;
        // QEMU's own default is to verify (crypto/tlscreds.c).
        Some(
            !["\"verify-peer\":false", "verify-peer=no", "verify-peer=off"]
                .iter()
                .any(|off| object.contains(off)),
        )
    }

    /// What was seen.
    pub(crate) fn cite(&self, what: &str) -> Cite {
        Cite::whole(&self.process.key("cmdline").into(), format!("-vnc {}: {what}", self.text))
    }
}

/// Whether `vnc_tls` and `vnc_tls_x509_verify` are on in `qemu.conf`; the latter defaults to
/// `default_tls_x509_verify`, and that to 0 for VNC.
///
/// # Errors
/// [`Missing`] where it could not be read.
pub(crate) fn tls(evidence: &Evidence) -> Result<(bool, bool), Missing> {
    let default = ask::setting(&evidence.qemu_conf, "default_tls_x509_verify")?.int(0).unwrap_or(0);
    let on =
        |name, default| Ok::<_, Missing>(ask::setting(&evidence.qemu_conf, name)?.int(default) == Some(1));
    Ok((on("vnc_tls", 0)?, on("vnc_tls_x509_verify", default)?))
}

/// Consoles of defined VMs that are reached over TCP, three at most, each with what was seen.
///
/// # Errors
/// [`Missing`] where the XML of a VM could not be read, and no other VM has such a console.
pub(crate) fn on_tcp(evidence: &Evidence) -> Result<Vec<Cite>, Missing> {
    const ENOUGH: usize = 3;
    let defaults = Defaults::of(evidence)?;
    let (mut found, mut missing) = (vec![], None);
    for vm in &evidence.vms {
        match vm.view(Reading::Configured) {
            Ok(Some(view)) => {
                let open = consoles(view).filter(|graphics| defaults.reach(graphics) != Reach::NotTcp);
                found.extend(
                    open.map(|graphics| Cite::bytes(&view.key, graphics.at.open, "VNC listens on TCP")),
                );
            }
            Ok(None) => {}
            Err(why) => missing = Some(why),
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    match missing {
        Some(missing) if found.is_empty() => Err(missing),
        _ => Ok(found),
    }
}
