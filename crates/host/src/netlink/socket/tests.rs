//! How datagrams become answers, without a kernel; and that a wait ends.

use super::*;

fn done(sequence: u32, status: i32) -> Vec<u8> {
    message(DONE, 2, sequence, &status.to_ne_bytes())
}

#[test]
fn an_answer_ends_with_done_and_leaves_out_other_requests() {
    let mut datagram = message(16, 2, 7, b"mine");
    datagram.extend(message(16, 2, 6, b"late"));
    datagram.extend(done(7, 0));
    let mut stream = Vec::new();
    let part = part(&datagram, 7, Answer::Dump, &mut stream).unwrap();
    assert!(part.ended && !part.changed);
    assert_eq!(stream, message(16, 2, 7, b"mine"));
}

#[test]
fn an_interrupted_dump_is_asked_for_again() {
    let mut stream = Vec::new();
    let changed = part(&message(16, 2 | DUMP_INTERRUPTED, 1, b""), 1, Answer::Dump, &mut stream).unwrap();
    assert!(changed.changed && !changed.ended);
}

#[test]
fn the_kernels_error_comes_through() {
    for datagram in [message(ERROR, 0, 1, &(-1_i32).to_ne_bytes()), done(1, -1)] {
        let Err(Failure::Io(error)) = part(&datagram, 1, Answer::Dump, &mut Vec::new()) else {
            panic!("no error")
        };
        assert_eq!(error.raw_os_error(), Some(1));
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
    let acknowledged =
        part(&message(ERROR, 0, 1, &0_i32.to_ne_bytes()), 1, Answer::Dump, &mut Vec::new()).unwrap();
    assert!(!acknowledged.ended);
}

#[test]
fn a_wait_ends_at_the_deadline() {
    let mut socket = Socket::open_route(Deadline::after(Duration::from_millis(50))).unwrap();
    let start = Instant::now();
    // Nobody asked, so nobody answers.
    let Err(Failure::Io(error)) = socket.receive() else { panic!("an answer to no question") };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn another_process_is_not_listened_to() {
    let mut socket = Socket::open_route(Deadline::after(Duration::from_millis(100))).unwrap();
    let port = SocketAddrNetlink::try_from(rustix::net::getsockname(&socket.socket).unwrap()).unwrap().pid();
    let other = Socket::open_route(Deadline::after(Duration::from_secs(5))).unwrap();
    let sent = sendto(&other.socket, &done(0, 0), SendFlags::empty(), &SocketAddrNetlink::new(port, 0));
    // Without CAP_NET_ADMIN the kernel refuses to carry it at all.
    assert!(sent.is_ok() || sent == Err(Errno::PERM));
    assert!(matches!(socket.receive(), Err(Failure::Io(error)) if error.kind() == io::ErrorKind::TimedOut));
}
