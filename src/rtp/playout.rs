//! The playout (jitter) buffer: packets in as they come, 20 ms frames out on time.
//!
//! Samples lie at their RTP timestamp, so packets of any length, order and number give the same
//! audio. The delay grows when packets come too late and shrinks when they always come early.

use super::{FRAME, Frame};

const RING: usize = 4096;
const WORDS: usize = RING / 64;
/// How far behind the newest sample playing starts: 40 ms.
const DELAY: u32 = 2 * FRAME as u32;
/// The delay never grows beyond 240 ms.
const DELAY_MAX: u32 = 12 * FRAME as u32;
/// A window of 5 s in which an unused delay shows.
const WINDOW: u32 = 250;
/// So many packets in a row too late, and the sender's timestamps have moved.
const LATE_MAX: u32 = 4;
/// So many lost frames are concealed by the last one, fading.
const CONCEAL_MAX: u32 = 3;

/// See the module.
#[derive(Clone, Debug)]
pub struct Playout {
    samples: Box<[i16; RING]>,
    present: [u64; WORDS],
    /// The timestamp of the next sample to play; `None` before the first packet.
    next: Option<u32>,
    newest: u32,
    delay: u32,
    late_in_a_row: u32,
    late: u32,
    slack_min: u32,
    frames: u32,
    last: Frame,
    lost_in_a_row: u32,
}

impl Default for Playout {
    fn default() -> Self {
        Self {
            samples: Box::new([0; RING]),
            present: [0; WORDS],
            next: None,
            newest: 0,
            delay: DELAY,
            late_in_a_row: 0,
            late: 0,
            slack_min: u32::MAX,
            frames: 0,
            last: [0; FRAME],
            lost_in_a_row: CONCEAL_MAX,
        }
    }
}

impl Playout {
    /// Takes the samples of one packet.
    pub fn push(&mut self, timestamp: u32, samples: impl ExactSizeIterator<Item = i16>) {
        let length = samples.len().min(RING / 2) as u32;
        let next = *self.next.get_or_insert(timestamp.wrapping_sub(self.delay));
        let ahead = timestamp.wrapping_sub(next) as i32;
        if ahead >= (RING as u32 - length) as i32 || ahead < -(RING as i32) {
            self.restart(timestamp);
        } else if ahead < 0 {
            self.late += 1;
            self.late_in_a_row += 1;
            if self.late_in_a_row > LATE_MAX {
                self.restart(timestamp);
            } else {
                self.grow();
            }
        } else {
            self.late_in_a_row = 0;
        }
        let next = self.next.unwrap_or(timestamp);
        for (index, sample) in samples.take(length as usize).enumerate() {
            let at = timestamp.wrapping_add(index as u32);
            if (at.wrapping_sub(next) as i32) >= 0 {
                self.put(at, sample);
            }
        }
        let end = timestamp.wrapping_add(length);
        if (end.wrapping_sub(self.newest) as i32) > 0 {
            self.newest = end;
        }
    }

    /// The next 20 ms. A frame of which nothing came is concealed by the last one, fading to
    /// silence; `None` before the first packet.
    pub fn pull(&mut self) -> Option<Frame> {
        let mut next = self.next?;
        next = self.shrink(next);
        let mut frame = [0; FRAME];
        let mut heard = 0;
        for (index, sample) in frame.iter_mut().enumerate() {
            if let Some(found) = self.take(next.wrapping_add(index as u32)) {
                *sample = found;
                heard += 1;
            }
        }
        self.next = Some(next.wrapping_add(FRAME as u32));
        if heard == 0 {
            self.lost_in_a_row = self.lost_in_a_row.saturating_add(1);
            if self.lost_in_a_row <= CONCEAL_MAX {
                frame = self.last.map(|sample| sample >> self.lost_in_a_row);
            }
        } else {
            self.lost_in_a_row = 0;
            self.last = frame;
        }
        Some(frame)
    }

    /// Packets that came too late to be played whole.
    pub fn late(&self) -> u32 {
        self.late
    }

    fn restart(&mut self, timestamp: u32) {
        self.present = [0; WORDS];
        self.next = Some(timestamp.wrapping_sub(self.delay));
        self.newest = timestamp;
        self.late_in_a_row = 0;
        self.slack_min = u32::MAX;
        self.frames = 0;
    }

    /// One frame more of delay: what is played next waits.
    fn grow(&mut self) {
        if self.delay < DELAY_MAX {
            self.delay += FRAME as u32;
            self.next = self.next.map(|next| next.wrapping_sub(FRAME as u32));
        }
    }

    /// One frame less of delay, when for a whole window two frames more than needed lay ready.
    fn shrink(&mut self, next: u32) -> u32 {
        let ready = (self.newest.wrapping_sub(next) as i32).max(0) as u32;
        self.slack_min = self.slack_min.min(ready);
        self.frames += 1;
        if self.frames < WINDOW {
            return next;
        }
        let unused = self.slack_min > DELAY + 2 * FRAME as u32;
        self.frames = 0;
        self.slack_min = u32::MAX;
        if !unused {
            return next;
        }
        self.delay = self.delay.saturating_sub(FRAME as u32).max(DELAY);
        for index in 0..FRAME as u32 {
            self.take(next.wrapping_add(index));
        }
        next.wrapping_add(FRAME as u32)
    }

    fn put(&mut self, at: u32, sample: i16) {
        let slot = at as usize % RING;
        self.samples[slot] = sample;
        self.present[slot / 64] |= 1 << (slot % 64);
    }

    fn take(&mut self, at: u32) -> Option<i16> {
        let slot = at as usize % RING;
        let (word, bit) = (slot / 64, 1 << (slot % 64));
        let found = self.present[word] & bit != 0;
        self.present[word] &= !bit;
        found.then(|| self.samples[slot])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(playout: &mut Playout, timestamp: u32, value: i16) {
        playout.push(timestamp, std::iter::repeat_n(value, FRAME));
    }

    fn pull(playout: &mut Playout) -> i16 {
        let frame = playout.pull().unwrap();
        assert!(frame.iter().all(|sample| *sample == frame[0]), "a torn frame");
        frame[0]
    }

    #[test]
    fn order_and_doubles_do_not_matter() {
        let mut playout = Playout::default();
        let start = u32::MAX - 200;
        for (place, value) in [(0, 1), (2, 3), (1, 2), (2, 3)] {
            push(&mut playout, start.wrapping_add(place * 160), value);
        }
        let heard: Vec<i16> = (0..5).map(|_| pull(&mut playout)).collect();
        assert_eq!(heard, [0, 0, 1, 2, 3]);
    }

    #[test]
    fn a_lost_frame_fades_and_silence_follows() {
        let mut playout = Playout::default();
        push(&mut playout, 0, 800);
        let heard: Vec<i16> = (0..7).map(|_| pull(&mut playout)).collect();
        assert_eq!(heard, [0, 0, 800, 400, 200, 100, 0]);
    }

    #[test]
    fn an_hour_of_jump_is_no_hour_of_silence() {
        let mut playout = Playout::default();
        push(&mut playout, 0, 1);
        for _ in 0..3 {
            pull(&mut playout);
        }
        push(&mut playout, 3600 * 8000, 7);
        let heard: Vec<i16> = (0..3).map(|_| pull(&mut playout)).collect();
        assert_eq!(heard[2], 7);
    }

    #[test]
    fn late_packets_make_the_delay_grow() {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        for tick in 0..50_u32 {
            // Every packet comes 3 frames after its place, more than the delay at the start.
            if tick == 0 {
                push(&mut playout, 0, 5);
            }
            if tick >= 4 {
                push(&mut playout, (tick - 3) * 160, 5);
            }
            heard.push(playout.pull().unwrap()[80]);
        }
        assert!(heard[20..].iter().all(|sample| *sample == 5), "{heard:?}");
        assert!(playout.late() > 0 && playout.late() <= LATE_MAX + 1);
    }

    #[test]
    fn a_delay_that_is_not_used_goes_away() {
        let mut playout = Playout::default();
        for place in 0..8 {
            push(&mut playout, place * 160, 5);
        }
        let depth = |playout: &Playout| playout.newest.wrapping_sub(playout.next.unwrap()) / 160;
        let before = depth(&playout);
        for place in 8..2000 {
            push(&mut playout, place * 160, 5);
            playout.pull();
        }
        assert!(depth(&playout) < before, "{} {before}", depth(&playout));
    }
}
