//! Certificates made by OpenSSL and GnuTLS' `certtool`, read here and by `virt-pki-query-dn` and `certtool`.
//!
//! Where a tool is not installed its tests are skipped, in words.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test's own functions, which the lints' exception for tests does not cover"
)]

use std::{fs, path::PathBuf, process::Command};

use formats::x509::{self, AlternativeName, Certificate};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    /// `None`, in words, where a tool is missing.
    fn new(name: &str, tools: &[&str]) -> Option<Self> {
        for tool in tools {
            if Command::new(tool).arg("--version").output().is_err() {
                println!("skipped: {tool} is not installed");
                return None;
            }
        }
        let path = std::env::temp_dir().join(format!("baluarte-x509-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Some(Self(path))
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> String {
        let output = Command::new(tool).args(arguments).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn certificate(&self, name: &str) -> Certificate {
        let mut bundle = x509::parse(&self.read(name)).unwrap();
        assert_eq!((bundle.certificates.len(), bundle.broken.len()), (1, 0));
        bundle.certificates.remove(0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An OpenSSL request file with these lines as the name.
fn request(mask: &str, name: &str) -> String {
    format!("[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask={mask}\n[dn]\n{name}\n")
}

#[test]
fn names_as_libvirt_compares_them() {
    let Some(folder) = Folder::new("names", &["openssl", "virt-pki-query-dn"]) else { return };
    let every = "C=BR\nO=Rig\nOU=a\nST=São Paulo\nL=x\nstreet=Rua 1\npostalCode=1\nserialNumber=7\ntitle=t\nSN=s\n\
        GN=g\ninitials=i\ngenerationQualifier=q\ndnQualifier=d\npseudonym=p\nname=n\nbusinessCategory=b\n\
        description=d\ntelephoneNumber=1\nemailAddress=a@b.c\nDC=dc\nUID=u\nx500UniqueIdentifier=x\n\
        unstructuredName=un\njurisdictionC=BR\nCN=admin";
    let names = [
        ("utf8only", "C=BR\nO=Rig\nCN=admin"),
        ("utf8only", every),
        ("utf8only", r#"O=Rig\, "Inc" <a>\\\;=b"#),
        ("utf8only", "O=a\n+OU=b\nCN=c"),
        ("default", "C=BR\nO=São\nCN=日本"),
        ("pkix", "O=plain\nCN=日本語"),
        ("MASK:0x4", "O=São\nCN=ascii"),
        ("MASK:0x10", "O=ia5\nCN=x"),
        ("MASK:0x100", "O=universal\nCN=x"),
        ("MASK:0x800", "O=bmp é\nCN=x"),
        ("utf8only", "1.OU=one\n2.OU=two\nCN=hash"),
        (
            "utf8only",
            "CN=c\nunstructuredName=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
    ];
    for (mask, name) in names {
        folder.write("c.cnf", &request(mask, name));
        folder.run(
            "openssl",
            &[
                "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "k", "-out", "c.pem", "-config",
                "c.cnf",
            ],
        );
        let theirs = folder.run("virt-pki-query-dn", &["c.pem"]);
        assert_eq!(folder.certificate("c.pem").subject, theirs.trim_end_matches('\n'), "{name}");
    }
}

#[test]
fn spaces_at_the_edges_are_escaped_as_gnutls_does() {
    let Some(folder) = Folder::new("spaces", &["openssl", "virt-pki-query-dn"]) else { return };
    for subject in ["/CN= lead", "/CN=trail ", "/CN= ", "/O=#x/CN=a\\/b", "/CN=é "] {
        folder.run(
            "openssl",
            &[
                "req", "-x509", "-newkey", "ed25519", "-nodes", "-utf8", "-keyout", "k", "-out", "c.pem",
                "-subj", subject,
            ],
        );
        let theirs = folder.run("virt-pki-query-dn", &["c.pem"]);
        assert_eq!(folder.certificate("c.pem").subject, theirs.trim_end_matches('\n'), "{subject}");
    }
}

const CA: &str = "cn = Rig CA\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 30\nserial = 5\n";
const SERVER: &str = "country = BR\norganization = Rig\ncn = host\ndns_name = host.example\ndns_name = *.example\n\
    ip_address = 192.0.2.7\nip_address = 2001:db8::7\ntls_www_server\nencryption_key\nsigning_key\n\
    expiration_days = 20\nserial = 6\n";

/// A certificate authority, a server's certificate, and a revocation list of it.
fn authority(folder: &Folder) {
    folder.write("ca.txt", CA);
    folder.write("server.txt", SERVER);
    let ca = ["--load-ca-certificate", "ca.pem", "--load-ca-privkey", "ca.key"];
    folder.run("certtool", &["--generate-privkey", "--key-type=rsa", "--bits=2048", "--outfile=ca.key"]);
    folder.run(
        "certtool",
        &["--generate-privkey", "--key-type=ecdsa", "--curve=secp384r1", "--outfile=server.key"],
    );
    folder.run(
        "certtool",
        &["--generate-self-signed", "--load-privkey=ca.key", "--template=ca.txt", "--outfile=ca.pem"],
    );
    let mut arguments = vec![
        "--generate-certificate",
        "--load-privkey=server.key",
        "--template=server.txt",
        "--outfile=server.pem",
    ];
    arguments.extend(ca);
    folder.run("certtool", &arguments);
    let mut arguments =
        vec!["--generate-crl", "--load-certificate=server.pem", "--template=crl.txt", "--outfile=crl.pem"];
    arguments.extend(ca);
    folder.write("crl.txt", "crl_next_update = 9\ncrl_number = 1\n");
    folder.run("certtool", &arguments);
}

#[test]
fn certtools_certificates() {
    let Some(folder) = Folder::new("certtool", &["certtool"]) else { return };
    authority(&folder);
    let ca = folder.certificate("ca.pem");
    assert!(ca.is_ca && ca.self_issued);
    assert_eq!(
        (ca.key_algorithm.as_str(), ca.key_bits, ca.signature.as_str()),
        ("RSA", Some(2048), "RSA-SHA256")
    );
    assert_eq!(ca.key_usages.unwrap(), ["keyCertSign", "cRLSign"]);
    assert_eq!((ca.not_after - ca.not_before, ca.serial.as_str()), (30 * 86400, "05"));
    let server = folder.certificate("server.pem");
    assert!(!server.is_ca && !server.self_issued);
    assert_eq!(server.subject, "C=BR,O=Rig,CN=host");
    assert_eq!(server.issuer, "CN=Rig CA");
    assert_eq!((server.key_algorithm.as_str(), server.key_bits), ("EC", Some(384)));
    assert_eq!(server.extended_key_usages.unwrap(), ["serverAuth"]);
    let dns = |name: &str| AlternativeName::Dns(name.to_owned());
    let ip = |address: &str| AlternativeName::Ip(address.parse().unwrap());
    let expected = [dns("host.example"), dns("*.example"), ip("192.0.2.7"), ip("2001:db8::7")];
    assert_eq!(server.alternative_names, expected);
    assert_eq!(server.unknown_critical, [] as [&str; 0]);
}

#[test]
fn bundles_lists_and_keys() {
    let Some(folder) = Folder::new("bundle", &["certtool"]) else { return };
    authority(&folder);
    let list = &x509::parse(&folder.read("crl.pem")).unwrap().revocation_lists[0];
    assert_eq!((list.issuer.as_str(), list.revoked), ("CN=Rig CA", 1));
    assert_eq!(list.next_update.unwrap() - list.this_update, 9 * 86400);
    let all = [folder.read("ca.pem"), folder.read("server.pem"), folder.read("crl.pem")].concat();
    let bundle = x509::parse(&all).unwrap();
    assert_eq!((bundle.certificates.len(), bundle.revocation_lists.len(), bundle.private_key), (2, 1, false));
    let with_key = x509::parse(&[all, folder.read("server.key")].concat()).unwrap();
    assert!(with_key.private_key && with_key.broken.is_empty());
    folder.run("certtool", &["--certificate-info", "--infile=ca.pem", "--outder", "--outfile=ca.der"]);
    assert_eq!(folder.certificate("ca.der").subject, "CN=Rig CA");
}

#[test]
fn real_private_keys_of_every_kind() {
    let Some(folder) = Folder::new("keys", &["openssl"]) else { return };
    folder.run(
        "openssl",
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "rsa.pem"],
    );
    folder.run("openssl", &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.pem"]);
    folder.run("openssl", &["genpkey", "-algorithm", "ed25519", "-out", "ed.pem"]);
    for key in ["rsa", "ec", "ed"] {
        let pem = format!("{key}.pem");
        let forms: [&[&str]; 5] = [
            &["pkey", "-outform", "DER"],
            &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"],
            &["pkcs8", "-topk8", "-passout", "pass:x", "-outform", "DER"],
            &["pkcs8", "-topk8", "-passout", "pass:x"],
            &["pkey", "-traditional", "-outform", "DER"],
        ];
        for form in forms {
            folder.run("openssl", &[form, &["-in", &pem, "-out", "out"]].concat());
            assert!(x509::contains_private_key(&folder.read("out")), "{key} {form:?}");
        }
        folder.run("openssl", &["pkey", "-in", &pem, "-pubout", "-outform", "DER", "-out", "out"]);
        assert!(!x509::contains_private_key(&folder.read("out")), "{key}: a public key");
    }
}
