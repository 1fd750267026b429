//! Many worlds at once: a seed on each core, the results in the order of the seeds.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock;

/// A run that is expected to go on for longer says so where there is no terminal, in seconds.
const TOLD_FROM_S: f64 = 30.0;

/// Does every job, as many at once as there are cores, and gives the results in their order.
pub fn all<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    let next = AtomicUsize::new(0);
    let progress = Progress::new(jobs.len());
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let (done, results) = mpsc::channel();
        for _ in 0..cores {
            let (done, next, work) = (done.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(place) else { return };
                    if done.send((place, work(job))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        results.iter().inspect(|_| progress.step()).collect()
    });
    progress.finish();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A bar on a terminal; elsewhere one line when it takes long. On standard error: what is printed
/// at the end may be read by a program.
struct Progress {
    bar: ProgressBar,
    began_at: jiff::Timestamp,
    count: usize,
}

impl Progress {
    fn new(count: usize) -> Self {
        let style =
            ProgressStyle::with_template("[{elapsed}] {bar:30} {pos}/{len} runs, {eta} more");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr());
        Self { bar: bar.with_style(style), began_at: clock::now(), count }
    }

    fn step(&self) {
        self.bar.inc(1);
        if self.bar.position() == 1 && self.bar.is_hidden() {
            let took_s = clock::now().duration_since(self.began_at).as_secs_f64();
            let cores = thread::available_parallelism().map_or(1, NonZero::get) as f64;
            let more_s = took_s * ((self.count - 1) as f64 / cores).ceil();
            if more_s > TOLD_FROM_S {
                eprintln!("{} runs: about {} more", self.count, told(more_s));
            }
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// `40 s`, `3 min`, `2.5 h`.
pub fn told(s: f64) -> String {
    if s < 90.0 {
        format!("{s:.0} s")
    } else if s < 5_400.0 {
        format!("{:.0} min", s / 60.0)
    } else {
        format!("{:.1} h", s / 3_600.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let jobs: Vec<u64> = (0..50).collect();
        let squares = all(&jobs, |job| job * job);
        assert_eq!(squares, jobs.iter().map(|job| job * job).collect::<Vec<_>>());
        assert!(all(&[] as &[u64], |job| *job).is_empty());
    }

    #[test]
    fn a_time_is_told_in_its_unit() {
        assert_eq!([told(40.0), told(200.0), told(9_000.0)], ["40 s", "3 min", "2.5 h"]);
    }
}
