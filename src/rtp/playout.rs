//! The playout (jitter) buffer: packets in as they come, 20 ms frames out on time.
//!
//! Samples lie at their RTP timestamp, so packets of any length, order and number give the same
//! audio. The delay finds itself: playing waits for a packet that comes too late, and so is that
//! much later from there on; a delay that nobody has needed for some seconds is taken back, a frame
//! at a time.

use super::{FRAME, Frame};

/// Samples that are kept: 512 ms.
const RING: usize = 4096;
/// No sample came here. G.711 never decodes to it.
const ABSENT: i16 = i16::MIN;
/// Pulls between the first packet and its first frame: what a later packet may be late by.
const HOLD: u32 = 1;
/// A packet further ahead than this is not waited for (300 ms).
const AHEAD_MAX: i32 = 2_400;
/// A packet further behind than this is no late one: the sender's clock was set back (1 s).
const BEHIND_MAX: i32 = 8_000;
/// A wait of so many samples (1 s) is the end of the stream; what comes next begins another.
const WAIT_MAX: u32 = 8_000;
/// Pulls (1 s) in which a delay that is not needed shows.
const WINDOW: u32 = 50;
/// Samples that lay ready at every pull: one frame of them is not needed, if that lasts.
const SPARE: i32 = 2 * FRAME as i32;
/// Windows with this much to spare before a frame is given up. Twice as much is given up at once.
const WINDOWS: u32 = 5;
/// So many frames that are missing are concealed by the last one, each at half the level.
const CONCEALED_MAX: u32 = 3;

/// The audio of one source between its packets and its frames; about 9 kB.
#[derive(Clone, Debug)]
pub struct Playout {
    ring: Box<[i16; RING]>,
    run: Option<Run>,
    last: Frame,
    missing: u32,
    late: u64,
}

/// A stream while it plays.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The timestamp of the next sample to play.
    next: u32,
    /// The timestamp after the newest sample.
    end: u32,
    /// Pulls to wait before the first frame.
    hold: u32,
    /// Samples that playing has waited for since the last packet.
    waited: u32,
    /// The fewest samples ready after a pull, in this window.
    spare: i32,
    pulls: u32,
    /// Windows in a row with a frame to spare.
    spared: u32,
}

impl Default for Playout {
    fn default() -> Self {
        Self {
            ring: Box::new([ABSENT; RING]),
            run: None,
            last: [0; FRAME],
            missing: CONCEALED_MAX,
            late: 0,
        }
    }
}

impl Playout {
    /// Takes the samples of one packet (at most 240 ms of them).
    pub fn push(&mut self, timestamp: u32, samples: impl ExactSizeIterator<Item = i16>) {
        let length = samples.len().min(RING - AHEAD_MAX as usize) as i32;
        let Some(mut run) = self.run else { return self.begin(timestamp, length, samples) };
        let lead = timestamp.wrapping_sub(run.next) as i32;
        if !(-BEHIND_MAX..=AHEAD_MAX).contains(&lead) {
            return self.begin(timestamp, length, samples);
        }
        if run.hold > 0 && (-SPARE..0).contains(&lead) {
            // Nothing is played yet: the first packet to come was not the first to be sent.
            run.next = timestamp;
        } else if lead + length <= 0 {
            self.late += 1;
            return;
        }
        self.run = Some(run);
        self.put(timestamp, length, samples);
    }

    /// The next 20 ms, and whether they are of the far end: false when nothing is there and the
    /// frame is silence, or the last one fading out.
    pub fn pull(&mut self, frame: &mut Frame) -> bool {
        let came = self.play(frame);
        if came {
            self.last = *frame;
            self.missing = 0;
        } else if self.missing < CONCEALED_MAX {
            self.missing += 1;
            *frame = self.last.map(|sample| sample >> self.missing);
        }
        came
    }

    /// Forgets what has not been played: another source speaks from here on.
    pub fn restart(&mut self) {
        self.run = None;
        self.ring.fill(ABSENT);
    }

    /// Packets that came after their turn.
    pub fn late(&self) -> u64 {
        self.late
    }

    fn begin(&mut self, timestamp: u32, length: i32, samples: impl ExactSizeIterator<Item = i16>) {
        self.restart();
        self.run = Some(Run {
            next: timestamp,
            end: timestamp,
            hold: HOLD,
            waited: 0,
            spare: i32::MAX,
            pulls: 0,
            spared: 0,
        });
        self.put(timestamp, length, samples);
    }

    fn put(&mut self, timestamp: u32, length: i32, samples: impl Iterator<Item = i16>) {
        let Some(run) = &mut self.run else { return };
        for (offset, sample) in samples.take(length as usize).enumerate() {
            let at = timestamp.wrapping_add(offset as u32);
            if at.wrapping_sub(run.next) as i32 >= 0 {
                self.ring[at as usize % RING] = sample.max(ABSENT + 1);
            }
        }
        let end = timestamp.wrapping_add(length as u32);
        if end.wrapping_sub(run.end) as i32 > 0 {
            run.end = end;
        }
    }

    fn play(&mut self, frame: &mut Frame) -> bool {
        frame.fill(0);
        let Some(mut run) = self.run else { return false };
        self.give_up_waiting(&mut run);
        let ready = run.end.wrapping_sub(run.next) as i32;
        let mut came = false;
        if run.hold > 0 {
            run.hold -= 1;
        } else if ready < FRAME as i32 {
            run.waited += FRAME as u32;
            run.spare = 0;
            if run.waited > WAIT_MAX {
                self.restart();
                return false;
            }
        } else {
            came = self.take_frame(run.next, frame);
            run.waited = 0;
            run.next = run.next.wrapping_add(FRAME as u32);
            run.spare = run.spare.min(ready - FRAME as i32);
            run = self.trim(run);
        }
        self.run = Some(run);
        came
    }

    /// When what came does not follow what was played, then what was waited for does not come: it
    /// was lost, or nothing was sent (RFC 3551 §4.1). That time is not waited for twice.
    fn give_up_waiting(&mut self, run: &mut Run) {
        while run.waited > 0 && run.next != run.end && self.ring[run.next as usize % RING] == ABSENT
        {
            run.next = run.next.wrapping_add(1);
            run.waited -= 1;
        }
    }

    /// One frame less of delay, when that much has lain ready for long, or much more for a while.
    fn trim(&mut self, mut run: Run) -> Run {
        run.pulls += 1;
        if run.pulls < WINDOW {
            return run;
        }
        run.spared = if run.spare >= SPARE { run.spared + 1 } else { 0 };
        if run.spared == WINDOWS || run.spare >= 2 * SPARE {
            let mut passed_over = [0; FRAME];
            self.take_frame(run.next, &mut passed_over);
            run.next = run.next.wrapping_add(FRAME as u32);
            run.spared = 0;
        }
        run.pulls = 0;
        run.spare = i32::MAX;
        run
    }

    fn take_frame(&mut self, from: u32, frame: &mut Frame) -> bool {
        let mut came = false;
        for (offset, sample) in frame.iter_mut().enumerate() {
            if let Some(found) = self.take(from.wrapping_add(offset as u32)) {
                *sample = found;
                came = true;
            }
        }
        came
    }

    fn take(&mut self, at: u32) -> Option<i16> {
        let sample = std::mem::replace(&mut self.ring[at as usize % RING], ABSENT);
        (sample != ABSENT).then_some(sample)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn push(playout: &mut Playout, place: u32, value: i16) {
        playout.push(place.wrapping_mul(160), std::iter::repeat_n(value, FRAME));
    }

    /// The value of the next frame, of which every sample must be the same.
    fn pull(playout: &mut Playout) -> i16 {
        let mut frame = [7; FRAME];
        playout.pull(&mut frame);
        assert!(frame.iter().all(|sample| *sample == frame[0]), "a torn frame");
        frame[0]
    }

    fn pulls(playout: &mut Playout, count: usize) -> Vec<i16> {
        (0..count).map(|_| pull(playout)).collect()
    }

    #[test]
    fn order_and_doubles_do_not_matter() {
        let mut playout = Playout::default();
        for (place, value) in [(0, 1), (2, 3), (1, 2), (2, 3)] {
            playout.push(
                (u32::MAX - 200).wrapping_add(place * 160),
                std::iter::repeat_n(value, FRAME),
            );
        }
        assert_eq!(pulls(&mut playout, 4), [0, 1, 2, 3]);
    }

    #[test]
    fn packets_in_disorder_are_played_in_order_from_the_first_on() {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        for pair in 0..10 {
            push(&mut playout, pair * 2 + 1, pair as i16 * 2 + 2);
            push(&mut playout, pair * 2, pair as i16 * 2 + 1);
            heard.extend([pull(&mut playout), pull(&mut playout)]);
        }
        let played: Vec<i16> = heard.into_iter().skip(1).collect();
        assert_eq!(played, (1..20).collect::<Vec<i16>>());
        assert_eq!(playout.late(), 0);
    }

    #[test]
    fn packets_of_any_length_give_the_same_frames() {
        for length in [1, 80, 160, 240, 320, 480, 960] {
            let mut playout = Playout::default();
            for start in (0..1_920).step_by(length) {
                playout.push(start as u32, (start..start + length).map(|n| n as i16));
            }
            let mut frame = [0; FRAME];
            playout.pull(&mut frame);
            for place in 0..12 {
                assert!(playout.pull(&mut frame));
                let wanted: Vec<i16> = (place * 160..(place + 1) * 160).collect();
                assert_eq!(frame.as_slice(), wanted, "packets of {length} samples");
            }
        }
    }

    #[test]
    fn what_is_missing_fades_and_silence_follows() {
        let mut playout = Playout::default();
        push(&mut playout, 0, 800);
        assert_eq!(pulls(&mut playout, 6), [0, 800, 400, 200, 100, 0]);
    }

    #[test]
    fn a_lost_packet_costs_its_own_frame_and_no_delay() {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        for place in 0..20 {
            if place != 5 {
                push(&mut playout, place, 100 + place as i16);
            }
            heard.push(pull(&mut playout));
        }
        assert_eq!(heard[5..9], [104, 52, 106, 107]);
        assert_eq!(heard[19], 118);
    }

    #[test]
    fn a_late_packet_is_waited_for_and_played() {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        // From the tenth on every packet takes three frames more.
        for tick in 0..60 {
            if tick < 10 {
                push(&mut playout, tick, 1 + tick as i16);
            } else if tick >= 13 {
                push(&mut playout, tick - 3, tick as i16 - 2);
            }
            heard.push(pull(&mut playout));
        }
        let after: Vec<i16> = (11..=57).collect();
        assert!(heard.ends_with(&after), "{heard:?}");
        assert_eq!(playout.late(), 0);
    }

    #[test]
    fn a_pause_that_was_not_sent_is_not_played_twice() {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        for tick in 0..40 {
            if !(10..25).contains(&tick) {
                push(&mut playout, tick, 1 + tick as i16);
            }
            heard.push(pull(&mut playout));
        }
        assert_eq!(heard[30], 30, "{heard:?}");
    }

    #[test]
    fn a_clock_that_jumps_an_hour_plays_no_hour_of_silence() {
        let mut playout = Playout::default();
        push(&mut playout, 0, 1);
        pulls(&mut playout, 3);
        for place in [3_600 * 50, 0] {
            push(&mut playout, place, 7);
            assert_eq!(pulls(&mut playout, 2)[1], 7);
        }
    }

    #[test]
    fn a_delay_that_is_not_needed_goes_away() {
        let mut playout = Playout::default();
        for place in 0..8 {
            push(&mut playout, place, 5);
        }
        let ready = |playout: &Playout| {
            playout.run.map_or(0, |run| run.end.wrapping_sub(run.next) / FRAME as u32)
        };
        let mut after = Vec::new();
        for place in 8..2_000 {
            push(&mut playout, place, 5);
            assert_eq!(pull(&mut playout), if place == 8 { 0 } else { 5 });
            after.push(ready(&playout));
        }
        let course = [after[0], after[400], after[600], after[900], after[1_990]];
        assert_eq!(course, [9, 3, 2, 1, 1], "a frame a second, then one in five");
    }

    #[test]
    fn the_delay_never_goes_beyond_its_bound() {
        let mut playout = Playout::default();
        for place in 0..1_000 {
            push(&mut playout, place, 5);
        }
        let run = playout.run.unwrap();
        assert!(run.end.wrapping_sub(run.next) as i32 <= AHEAD_MAX + FRAME as i32);
    }

    proptest! {
        #[test]
        fn no_packets_break_it(
            packets in proptest::collection::vec((any::<u32>(), 0_usize..2_000), 1..100),
            near in any::<bool>(),
        ) {
            let mut playout = Playout::default();
            let mut frame = [0; FRAME];
            for (timestamp, length) in packets {
                let timestamp = if near { timestamp % 9_000 } else { timestamp };
                playout.push(timestamp, std::iter::repeat_n(i16::MIN, length));
                playout.pull(&mut frame);
                if let Some(run) = playout.run {
                    let ready = run.end.wrapping_sub(run.next) as i32;
                    prop_assert!((0..=RING as i32).contains(&ready), "{ready}");
                }
            }
        }
    }
}
