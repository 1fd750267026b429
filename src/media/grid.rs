//! The 20 ms grid of a thread.

use std::io;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

const TICK: Duration = Duration::from_millis(20);

/// A timer of the kernel that runs on by itself, so that work done late does not move the grid.
#[derive(Debug)]
pub(super) struct Grid(TimerFd);

impl Grid {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?))
    }

    /// Starts the grid 20 ms from now, whatever it was before.
    pub(super) fn restart(&self) -> io::Result<()> {
        let every = Expiration::Interval(TimeSpec::from_duration(TICK));
        Ok(self.0.set(every, TimerSetTimeFlags::empty())?)
    }

    /// Waits for the next line of the grid, and says how many have passed: 1, and more when the
    /// thread was late.
    pub(super) fn wait(&self) -> u64 {
        let mut passed = [0; 8];
        loop {
            match read(&self.0, &mut passed) {
                Ok(8) => return u64::from_ne_bytes(passed),
                Err(Errno::EINTR) => {}
                // A timer that cannot be read would make the thread spin.
                Ok(_) | Err(_) => {
                    std::thread::sleep(TICK);
                    return 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn lines_are_twenty_milliseconds_apart_and_missed_ones_are_counted() {
        let grid = Grid::new().unwrap();
        let began = clock::now();
        grid.restart().unwrap();
        let mut passed = grid.wait();
        std::thread::sleep(Duration::from_millis(70));
        let missed = grid.wait();
        passed += missed;
        let took_ms = clock::now().duration_since(began).as_millis();
        assert!(missed >= 3, "{missed}");
        assert!((took_ms - 25..=took_ms).contains(&(passed as i128 * 20)), "{passed} {took_ms}");
    }
}
