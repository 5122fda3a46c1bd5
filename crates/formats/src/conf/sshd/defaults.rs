//! What OpenSSH does where sshd_config says nothing, and the old names of keywords.

/// The keyword in lower case under its present name: aliases of the keyword table in `servconf.c`.
#[must_use]
pub fn canonical(keyword: &str) -> String {
    let lower = keyword.to_ascii_lowercase();
    let current = match lower.as_str() {
        "challengeresponseauthentication" | "skeyauthentication" => "kbdinteractiveauthentication",
        "pubkeyacceptedkeytypes" => "pubkeyacceptedalgorithms",
        "hostbasedacceptedkeytypes" => "hostbasedacceptedalgorithms",
        "hostdsakey" => "hostkey",
        "keepalive" => "tcpkeepalive",
        _ => return lower,
    };
    current.to_owned()
}

/// The built-in value of a keyword (`fill_default_server_options` of OpenSSH 9.2); none for keywords that are
/// empty by default, unknown here, or left to the build (algorithms, host keys).
#[must_use]
pub fn default_of(keyword: &str) -> Option<&'static str> {
    let keyword = canonical(keyword);
    DEFAULTS.iter().find(|(name, _)| *name == keyword).map(|(_, value)| *value)
}

const DEFAULTS: &[(&str, &str)] = &[
    ("port", "22"),
    ("permitrootlogin", "prohibit-password"),
    ("passwordauthentication", "yes"),
    ("permitemptypasswords", "no"),
    ("kbdinteractiveauthentication", "yes"),
    ("pubkeyauthentication", "yes"),
    ("hostbasedauthentication", "no"),
    ("gssapiauthentication", "no"),
    ("kerberosauthentication", "no"),
    ("ignorerhosts", "yes"),
    ("usepam", "no"),
    ("authenticationmethods", "any"),
    ("authorizedkeysfile", ".ssh/authorized_keys .ssh/authorized_keys2"),
    ("authorizedkeyscommand", "none"),
    ("trustedusercakeys", "none"),
    ("strictmodes", "yes"),
    ("permituserenvironment", "no"),
    ("permituserrc", "yes"),
    ("permittty", "yes"),
    ("permittunnel", "no"),
    ("permitopen", "any"),
    ("permitlisten", "any"),
    ("x11forwarding", "no"),
    ("x11uselocalhost", "yes"),
    ("allowtcpforwarding", "yes"),
    ("allowstreamlocalforwarding", "yes"),
    ("allowagentforwarding", "yes"),
    ("disableforwarding", "no"),
    ("gatewayports", "no"),
    ("streamlocalbindunlink", "no"),
    ("forcecommand", "none"),
    ("chrootdirectory", "none"),
    ("banner", "none"),
    ("maxauthtries", "6"),
    ("maxsessions", "10"),
    ("maxstartups", "10:30:100"),
    ("logingracetime", "120"),
    ("clientaliveinterval", "0"),
    ("clientalivecountmax", "3"),
    ("tcpkeepalive", "yes"),
    ("usedns", "no"),
    ("loglevel", "INFO"),
    ("compression", "yes"),
    ("printmotd", "yes"),
    ("printlastlog", "yes"),
    ("requiredrsasize", "1024"),
    ("exposeauthinfo", "no"),
];
