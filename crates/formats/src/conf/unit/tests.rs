//! systemd.syntax(7) on the sockets of libvirt.

use super::*;

fn values(placed: &[Placed<'_>]) -> Vec<(usize, String)> {
    placed.iter().map(|(index, setting)| (*index, setting.value.value.clone())).collect()
}

#[test]
fn drop_ins_reset_and_override() {
    let unit =
        File::parse(b"[Unit]\nBefore=x\n[Socket]\nListenStream=/run/libvirt/libvirt-sock\nSocketMode=0666\n");
    let drop_in = File::parse(
        b"[Socket]\nListenStream=\nListenStream=/run/other\nSocketMode = 0660\nSocketGroup=libvirt\n",
    );
    let more = File::parse(b"[Socket]\nSocketGroup=\n[Service]\nListenStream=no\n");
    let files = [&unit, &drop_in, &more];
    assert_eq!(values(&listen_streams(&files)), [(1, "/run/other".to_owned())]);
    assert_eq!(
        value(&files, "Socket", "SocketMode").map(|(i, s)| (i, s.value.value.as_str())),
        Some((1, "0660"))
    );
    assert_eq!(value(&files, "Socket", "SocketGroup"), None);
    let datagram = File::parse(b"[Socket]\nListenDatagram=\n");
    assert!(listen_streams(&[&unit, &datagram]).is_empty());
}

#[test]
fn lines_go_on_over_comments() {
    let source = b"[Service]\nExecStart=/bin/a \\\n  # not an argument\n  --b \\\n\t--c\nExecStart=/bin/d\\\\\nNice=1\n";
    let file = File::parse(source);
    let starts = list(&[&file], "Service", "ExecStart");
    assert_eq!(starts[0].1.value.value, "/bin/a    --b  \t--c");
    assert_eq!(starts[1].1.value.value, "/bin/d\\\\");
    assert_eq!(starts.len(), 2);
    assert_eq!(value(&[&file], "Service", "Nice").map(|(_, s)| s.value.value.as_str()), Some("1"));
    assert_eq!(file.lines().slice(starts[0].1.span).last(), Some(&b'c'));
}

#[test]
fn errors_are_kept_apart() {
    let file = File::parse(b"Early=1\n[Unit\n[Socket]\nnonsense\n=x\n");
    assert_eq!(file.lines().malformed().map(|m| m.offset).collect::<Vec<_>>(), [0, 8, 23, 32]);
}
