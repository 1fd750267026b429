//! Times in which nobody was dialed though agents were ready: no lead was due, the campaign was
//! paused, or the law said no. That waiting is no dialer's doing, and no setting mends it: it counts
//! as a pause.

use jiff::{SignedDuration, Timestamp};

use super::past::{Activity, Stretch};
use crate::dialer::CallRecord;

/// With an agent ready, every way of dialing places a call sooner than this.
const SILENCE: SignedDuration = SignedDuration::from_mins(3);

/// The stretches with such waiting as pauses, and how many seconds of agents it is.
pub(super) fn without_quiet(calls: &[CallRecord], stretches: Vec<Stretch>) -> (Vec<Stretch>, f64) {
    let silences = silences(calls);
    let (mut out, mut quiet_s) = (Vec::with_capacity(stretches.len()), 0.0);
    for stretch in stretches {
        if stretch.activity != Activity::Ready {
            out.push(stretch);
            continue;
        }
        let mut from = stretch.from;
        let first = silences.partition_point(|(_, until)| *until <= stretch.from);
        for (begins, ends) in &silences[first..] {
            let (begins, ends) = (from.max(*begins), stretch.until.min(*ends));
            if begins >= ends {
                break;
            }
            let parts = [(from, begins, Activity::Ready), (begins, ends, Activity::Paused)];
            for (from, until, activity) in parts {
                if until > from {
                    out.push(Stretch { from, until, activity, ..stretch });
                }
            }
            quiet_s += ends.duration_since(begins).as_secs_f64();
            from = ends;
        }
        if stretch.until > from {
            out.push(Stretch { from, ..stretch });
        }
    }
    (out, quiet_s)
}

/// From one call to the next, where that took long; before the first and after the last, too.
fn silences(calls: &[CallRecord]) -> Vec<(Timestamp, Timestamp)> {
    let mut began: Vec<Timestamp> = calls.iter().map(|call| call.began_at).collect();
    began.sort();
    let ends = began.iter().copied().chain([Timestamp::MAX]);
    let starts = std::iter::once(Timestamp::MIN).chain(began.iter().copied());
    let long = |(from, until): &(Timestamp, Timestamp)| until.duration_since(*from) > SILENCE;
    starts.zip(ends).filter(long).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, record};
    use super::*;
    use crate::domain::{AgentId, Outcome};

    #[test]
    fn waiting_without_any_call_is_a_pause() {
        let calls: Vec<CallRecord> = [0, 60, 120, 900, 960]
            .iter()
            .enumerate()
            .map(|(n, began)| record(n as u32, *began, 20.0, Outcome::NoAnswer))
            .collect();
        let stretch = |from, until, activity| Stretch {
            agent: AgentId(1),
            from: at(from),
            until: at(until),
            activity,
        };
        let (out, quiet_s) = without_quiet(
            &calls,
            vec![
                stretch(30.0, 600.0, Activity::Ready),
                stretch(600.0, 700.0, Activity::Talking),
                stretch(700.0, 950.0, Activity::Ready),
            ],
        );
        let expected = [
            stretch(30.0, 120.0, Activity::Ready),
            stretch(120.0, 600.0, Activity::Paused),
            stretch(600.0, 700.0, Activity::Talking),
            stretch(700.0, 900.0, Activity::Paused),
            stretch(900.0, 950.0, Activity::Ready),
        ];
        assert_eq!(out, expected);
        assert_eq!(quiet_s, 680.0);
    }
}
