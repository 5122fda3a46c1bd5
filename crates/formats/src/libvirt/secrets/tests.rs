//! What must vanish, what must stay, and documents that are barely XML.

use super::*;

fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask(&mut bytes);
    assert_eq!(bytes.len(), text.len());
    String::from_utf8(bytes).unwrap()
}

#[test]
fn passwords_vanish_and_nothing_else() {
    let text = r#"<graphics type='vnc' passwd='a>b"c' passwdValidTo='2030-01-01T00:00:00'/>"#;
    assert_eq!(masked(text), text.replace("a>b\"c", "xxxxx"));
    let spaced = "<graphics passwd =\n \"hé\" port='5900'/>";
    assert_eq!(masked(spaced), "<graphics passwd =\n \"xxx\" port='5900'/>");
    let none = "<domain><name>passwd</name><disk snapshot='no'/></domain>";
    assert_eq!(masked(none), none);
}

#[test]
fn secret_texts_vanish() {
    let text =
        "<launchSecurity type='sev'><session a='>'>AAAA\nBBBB</session><dhCert>C</dhCert></launchSecurity>";
    assert_eq!(masked(text), text.replace("AAAA", "xxxx").replace("BBBB", "xxxx"));
    let text = "<secret><value><![CDATA[s]]></value><usage/></secret>";
    assert_eq!(masked(text), "<secret><value>xxxxxxxxxxxxx</value><usage/></secret>");
    assert_eq!(masked("<session/><a>b</a>"), "<session/><a>b</a>");
    assert_eq!(masked("<cookie name='c'>v</cookie>"), "<cookie name='c'>x</cookie>");
}

#[test]
fn qemu_arguments_lose_their_secrets() {
    let arg = |value: &str| masked(&format!("<qemu:arg value={value}/>"));
    assert_eq!(
        arg("'secret,id=s0,data=hun,,ter2,format=raw'"),
        "<qemu:arg value='secret,id=s0,data=xxxxxxxxx,format=raw'/>"
    );
    assert_eq!(arg("'password=hunter2'"), "<qemu:arg value='password=xxxxxxx'/>");
    assert_eq!(
        arg("'vnc,password=on,password-secret=s0'"),
        "<qemu:arg value='vnc,password=on,password-secret=s0'/>"
    );
    assert_eq!(arg("'chardev,data=7'"), "<qemu:arg value='chardev,data=7'/>");
    assert_eq!(
        arg(r#"'{"qom-type":"secret","id":"s","data":"a\"b","format":"raw"}'"#),
        r#"<qemu:arg value='{"qom-type":"secret","id":"s","data":"xxxx","format":"raw"}'/>"#
    );
    assert_eq!(
        arg("\"{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot; : &quot;p&quot;}\""),
        "<qemu:arg value=\"{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot; : &quot;x&quot;}\"/>"
    );
    assert_eq!(arg("'p&#97;ssword=1'"), "<qemu:arg value='xxxxxxxxxxxxxx'/>");
    assert_eq!(masked("<arg xmlns='u' value='password=1'/>"), "<arg xmlns='u' value='password=x'/>");
    assert_eq!(masked("<qemu:env name='AWS_SECRET' value='k'/>"), "<qemu:env name='AWS_SECRET' value='x'/>");
    assert_eq!(masked("<qemu:env value='k' name='DISPLAY'/>"), "<qemu:env value='k' name='DISPLAY'/>");
}

#[test]
fn broken_documents_lose_their_secrets_too() {
    assert_eq!(masked("<graphics passwd='hunter2"), "<graphics passwd='xxxxxxx");
    assert_eq!(masked("passwd=hunter2>"), "passwd=xxxxxxx>");
    assert_eq!(masked("<session>AAAA"), "<session>xxxx");
    assert_eq!(masked("<qemu:arg value='password=hun"), "<qemu:arg value='password=xxx");
    assert_eq!(masked("<session"), "<session");
    let mut wide = b"<\0p\0a\0s\0s\0w\0d\0=\0'\0s\0".to_vec();
    mask(&mut wide);
    assert!(wide.iter().all(|b| *b == b'x'));
}

#[test]
fn every_truncation_still_hides_the_secret() {
    let text = "<domain><graphics passwd='SECRET1'/><session>SECRET2</session>\
        <qemu:arg value='-object'/><qemu:arg value='secret,data=SECRET3'/></domain>";
    for end in 0..=text.len() {
        let left = masked(&text[..end]);
        assert!(!left.contains("SEC"), "{left}");
        assert_eq!(masked(&left), left);
    }
}

#[test]
fn hostile_repetition_takes_linear_time() {
    for unit in
        ["<arg ", "<session>", "passwd='", "<arg value='password=", "password=", "</session", "&quot;"]
    {
        let start = std::time::Instant::now();
        let mut bytes = unit.repeat((1 << 20) / unit.len()).into_bytes();
        mask(&mut bytes);
        let mut quoted =
            format!("<arg value='secret {}'/>", unit.replace(['<', '\''], "").repeat(20_000)).into_bytes();
        mask(&mut quoted);
        assert!(start.elapsed().as_secs() < 5, "{unit}");
    }
}
