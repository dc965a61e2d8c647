//! Room for sockets, made before a load test sends or the desk is asked for the first time.

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;

/// So many sockets have room from the start: 256 KiB of the kernel's memory.
const ROOM: u64 = 32_768;

/// Lets the process open as many sockets as it may at all, and has the kernel lay out its table for many of them at once.
///
/// A process is started with a low limit (1,024 on most systems) that it may raise itself. The table doubles whenever it
/// is full, and a process of several threads stands still meanwhile, 20 ms and more each time: in the middle of a run this
/// makes requests late, and then sends them in a burst.
///
/// Where the system refuses either, the run goes on with what there is.
pub(crate) fn make_room() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    // No limit is told as none.
    let limit = if is_raised { maximum } else { current }.unwrap_or(u64::MAX);
    let last = limit.min(ROOM).saturating_sub(1);
    if let Ok(file) = File::open("/dev/null") {
        // Its number is what matters; it is closed at once.
        drop(fcntl_dupfd_cloexec(&file, last as i32));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_as_high_as_it_may_be_and_the_table_has_its_size_beforehand() {
        make_room();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap();
        assert!(size.trim().parse::<u64>().unwrap() >= ROOM.min(maximum.unwrap_or(u64::MAX)), "{size}");
    }
}
