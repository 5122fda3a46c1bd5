//! Huge pages where they pay. A process on a host with few VMs touches some 10 MB, which huge pages round up to 24; with ten
//! thousand VMs it touches 260 MB, where a fault for each 4 KiB is a quarter of all time. The kernel's flag is the
//! process's own (prctl(2), `PR_SET_THP_DISABLE`); where it can't be set, time or memory is lost and nothing else.

/// Domains from which on huge pages are worth their memory.
const MANY: usize = 1000;

/// Small pages alone, until [`expect`] hears otherwise. To be called before anything else.
pub fn start_small() {
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Says how many domains will be read.
pub(crate) fn expect(domains: usize) {
    if domains >= MANY {
        let _ = rustix::thread::disable_transparent_huge_pages(false);
    }
}
