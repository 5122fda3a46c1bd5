//! Chains in a make-believe file system: what is opened, what never is, and how the walk ends.

use super::*;
use crate::image::qcow2;

/// A make-believe host: path, bytes, inode.
struct Host(Vec<(String, Vec<u8>, u64)>);

fn qcow2(backing: &[u8], format: &[u8], data_file: &[u8]) -> Vec<u8> {
    let mut head = vec![0_u8; 104];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb\0\0\0\x03");
    put(20, &16_u32.to_be_bytes());
    put(56, &1_u32.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    put(79, &[if data_file.is_empty() { 0 } else { 4 }]);
    for (kind, data) in [(0xe279_2aca_u32, format), (0x4441_5441, data_file)] {
        if !data.is_empty() {
            head.extend(kind.to_be_bytes());
            head.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            head.extend(data);
            head.resize(head.len().next_multiple_of(8), 0);
        }
    }
    head.extend([0; 8]);
    if !backing.is_empty() {
        let at = head.len() as u64;
        head[8..16].copy_from_slice(&at.to_be_bytes());
        head[16..20].copy_from_slice(&u32::try_from(backing.len()).unwrap().to_be_bytes());
        head.extend(backing);
    }
    head.resize(1 << 16, 0);
    head
}

fn over(backing: &str) -> Vec<u8> {
    qcow2(backing.as_bytes(), b"qcow2", b"")
}

impl Host {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let numbered = files.iter().zip(1..);
        Self(numbered.map(|((path, bytes), inode)| ((*path).to_owned(), bytes.clone(), inode)).collect())
    }

    /// Walks from the first file, and gives the paths that were opened.
    fn walk(&self, declared: Option<Format>) -> (Chain, Vec<String>) {
        let mut opened = Vec::new();
        let start = Node { path: &self.0[0].0, declared };
        let chain = walk(&start, |path| {
            opened.push(path.to_owned());
            let file = self.0.iter().find(|(name, ..)| *name == path).ok_or(Why::Missing)?;
            Ok(Opened { head: file.1.clone(), size: file.1.len() as u64, identity: (1, file.2) })
        });
        (chain, opened)
    }
}

fn last_problems(chain: &Chain) -> &[Problem] {
    &chain.links.last().unwrap().problems
}

#[test]
fn a_sound_chain_is_complete() {
    let host = Host::new(&[
        ("/vm/top.qcow2", over("mid.qcow2")),
        ("/vm/mid.qcow2", qcow2(b"/base/base.img", b"raw", b"")),
        ("/base/base.img", vec![0; 4096]),
    ]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!(opened, ["/vm/top.qcow2", "/vm/mid.qcow2", "/base/base.img"]);
    assert_eq!(chain.end, End::Complete);
    assert!(chain.links.iter().all(|link| link.problems.is_empty()), "{chain:?}");
    let written = chain.links[2].written.as_ref().unwrap();
    assert_eq!(&host.0[1].1[written.name.span.range()], b"/base/base.img");
}

#[test]
fn what_is_no_plain_path_is_never_opened() {
    let cases: [(&[u8], Problem); 9] = [
        (b"json:{\"file\":{}}", Problem::Protocol("json".into())),
        (b"nbd:unix:/s", Problem::Protocol("nbd".into())),
        (b"https://h/x", Problem::Protocol("https".into())),
        (b"fat:rw:/etc", Problem::Protocol("fat".into())),
        (b"file:/etc/shadow", Problem::Protocol("file".into())),
        (b"/dev/sda", Problem::SystemPath),
        (b"../../proc/self/mem", Problem::SystemPath),
        (b"/x\0y", Problem::NulByte),
        (b"/x\xff", Problem::NotText),
    ];
    for (name, problem) in cases {
        let host = Host::new(&[("/a/b/top", qcow2(name, b"qcow2", b""))]);
        let (chain, opened) = host.walk(Some(Format::Qcow2));
        assert_eq!(opened, ["/a/b/top"], "{problem:?}");
        assert_eq!(last_problems(&chain), [problem]);
        assert_eq!(chain.end, End::Stopped(1));
    }
}

#[test]
fn a_long_path_is_not_opened() {
    let folder = format!("/{}", "d/".repeat(1900));
    let host = Host::new(&[(&format!("{folder}top"), over(&"n".repeat(1000)))]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!((opened.len(), last_problems(&chain)), (1, &[Problem::TooLong][..]));
}

#[test]
fn cycles_are_told_by_path_and_by_identity() {
    let host = Host::new(&[("/a", over("b")), ("/b", over("./x/../a"))]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!((opened.len(), last_problems(&chain)), (2, &[Problem::Repeated(0)][..]));
    let mut host = Host::new(&[("/a", over("b")), ("/b", over("hard-link")), ("/hard-link", over("b"))]);
    host.0[2].2 = host.0[0].2;
    let (chain, _) = host.walk(Some(Format::Qcow2));
    assert_eq!(last_problems(&chain), [Problem::Repeated(0)]);
    assert_eq!(chain.end, End::Stopped(2));
}

#[test]
fn a_mile_long_chain_is_cut() {
    let files: Vec<_> = (0..200).map(|n| (format!("/{n}"), over(&format!("{}", n + 1)))).collect();
    let files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
    let (chain, opened) = Host::new(&files).walk(Some(Format::Qcow2));
    assert_eq!(opened.len(), MAX_DEPTH as usize + 1);
    assert_eq!(last_problems(&chain), [Problem::TooDeep]);
}

#[test]
fn an_undeclared_format_is_told_and_a_false_one_is_not_followed() {
    let host = Host::new(&[
        ("/top", qcow2(b"base", b"", b"")),
        ("/base", over("/etc/shadow")),
        ("/etc/shadow", vec![]),
    ]);
    let (chain, opened) = host.walk(None);
    assert_eq!(opened, ["/top", "/base", "/etc/shadow"]);
    assert!(chain.links.iter().take(2).all(|link| link.problems == [Problem::FormatNotDeclared]));
    // Declared raw, the guest's own qcow2 header is data: told, and not followed.
    let host = Host::new(&[("/top", qcow2(b"base", b"raw", b"")), ("/base", over("/etc/shadow"))]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!(opened, ["/top", "/base"]);
    let mismatch = Problem::FormatMismatch { declared: Format::Raw, probed: Format::Qcow2 };
    assert_eq!((last_problems(&chain), chain.end), (&[mismatch][..], End::Complete));
    let host = Host::new(&[("/top", qcow2(b"base", b"nfs", b"")), ("/base", over("/etc/shadow"))]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!((opened.len(), last_problems(&chain)), (1, &[Problem::FormatUnknown("nfs".into())][..]));
}

#[test]
fn data_files_and_extents_are_branches() {
    let vmdk = "version=1\ncreateType=\"vmfs\"\nparentFileNameHint=\"base.vmdk\"\n\
        RW 8 VMFS \"flat.vmdk\"\nRW 8 SPARSE \"/proc/1/mem\"\n";
    let host = Host::new(&[
        ("/top", qcow2(b"mid.vmdk", b"vmdk", b"data.raw")),
        ("/data.raw", over("/etc/shadow")),
        ("/mid.vmdk", vmdk.as_bytes().to_vec()),
        ("/flat.vmdk", vec![0; 512]),
    ]);
    let (chain, opened) = host.walk(Some(Format::Qcow2));
    assert_eq!(opened, ["/top", "/data.raw", "/mid.vmdk", "/flat.vmdk", "/base.vmdk"]);
    let problems: Vec<_> = chain.links.iter().map(|link| link.problems.first()).collect();
    let mismatch = Problem::FormatMismatch { declared: Format::Raw, probed: Format::Qcow2 };
    let missing = Problem::NotOpened(Why::Missing);
    let expected = [None, Some(&mismatch), None, None, Some(&Problem::SystemPath), Some(&missing)];
    assert_eq!(problems, expected);
    assert_eq!(chain.images().count(), 3);
}

#[test]
fn the_reason_of_the_opener_is_kept() {
    for why in [Why::Missing, Why::Vanished, Why::Unreadable("EACCES".into()), Why::NotRegular("fifo".into())]
    {
        let chain = walk(&Node { path: "/x", declared: Some(Format::Raw) }, |_| Err(why.clone()));
        assert_eq!((last_problems(&chain), chain.end), (&[Problem::NotOpened(why)][..], End::Stopped(0)));
    }
    let chain = walk(&Node { path: "nbd:x", declared: Some(Format::Raw) }, |_| panic!("opened"));
    assert_eq!(last_problems(&chain), [Problem::NotAbsolute]);
}

#[test]
fn a_broken_header_stops_the_walk() {
    let mut head = over("base");
    head[20] = 9;
    let (chain, opened) = Host::new(&[("/top", head.clone())]).walk(Some(Format::Qcow2));
    let error = qcow2::parse(&head, 1 << 16).unwrap_err();
    assert_eq!((opened.len(), last_problems(&chain)), (1, &[Problem::Malformed(error)][..]));
}
