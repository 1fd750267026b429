//! Telephone events: keys as RTP packets (RFC 4733).

use super::FRAME;
use crate::domain::Digit;

/// A key is held for 100 ms.
const HELD: u16 = 5;
/// The last packet is sent three times (§2.5.1.4).
const ENDS: u16 = 3;
/// An event that began up to 10 s before the last one is a packet that came late.
const OLD_MAX: i32 = 80_000;
/// A key that is held longer than its duration field holds goes on as a new event that begins this
/// much later (§2.5.1.3).
const SEGMENT: i32 = 0xffff;

/// Hears keys: each once, however often, late or long it is sent.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    last: Option<Event>,
}

/// All packets of an event share its timestamp (§2.5.1.1).
#[derive(Clone, Copy, Debug)]
struct Event {
    timestamp: u32,
    digit: Digit,
    ended: bool,
}

impl Listener {
    /// The key, at the first packet that comes of its event; `None` for what repeats, is no key or
    /// is cut. `marker` is the packet's marker bit: its event's first (§2.5.1.1).
    pub fn hear(&mut self, marker: bool, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        let [event, flags, _, _, ..] = *payload else { return None };
        let digit = Digit::from_event(event)?;
        let ended = flags & 0x80 != 0;
        let mut goes_on = false;
        if let Some(last) = &mut self.last {
            let later = timestamp.wrapping_sub(last.timestamp) as i32;
            // Gateways that play keys from a file give each the same timestamp.
            let begins_again = later == 0 && last.ended && marker && !ended;
            last.ended |= later == 0 && ended;
            if (-OLD_MAX..=0).contains(&later) && !begins_again {
                return None;
            }
            goes_on = later == SEGMENT && digit == last.digit && !last.ended;
        }
        self.last = Some(Event { timestamp, digit, ended });
        (!goes_on).then_some(digit)
    }
}

/// One key being sent, a packet each 20 ms.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    digit: Digit,
    sent: u16,
}

impl Sender {
    /// A key about to be pressed.
    pub fn new(digit: Digit) -> Self {
        Self { digit, sent: 0 }
    }

    /// The next payload, and whether it is the first of its event; `None` when all are sent. The stream's
    /// clock has so many ticks for each sample at 8 kHz.
    pub fn next_payload(&mut self, ticks: u32) -> Option<([u8; 4], bool)> {
        if self.sent == HELD + ENDS - 1 {
            return None;
        }
        self.sent += 1;
        let duration = self.sent.min(HELD) * FRAME as u16 * ticks as u16;
        let end = if self.sent >= HELD { 0x80 } else { 0 };
        let [high, low] = duration.to_be_bytes();
        // Volume 10: -10 dBm0.
        Some(([self.digit.event(), end | 10, high, low], self.sent == 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const END: u8 = 0x80;

    fn heard(packets: &[(u32, u8, u8)]) -> String {
        let mut listener = Listener::default();
        let hear = |(timestamp, event, flags): &(u32, u8, u8)| {
            listener.hear(false, *timestamp, &[*event, *flags, 1, 0])
        };
        packets.iter().filter_map(hear).map(Digit::as_char).collect()
    }

    #[test]
    fn a_key_sent_is_a_key_heard_once() {
        let mut listener = Listener::default();
        let mut heard = String::new();
        for (timestamp, key) in [(160, '9'), (4000, '9'), (8000, '#')] {
            let mut sender = Sender::new(Digit::new(key).unwrap());
            let mut packets = 0;
            while let Some((payload, first)) = sender.next_payload(1) {
                assert_eq!(first, packets == 0);
                packets += 1;
                heard.extend(listener.hear(first, timestamp, &payload).map(Digit::as_char));
            }
            assert_eq!(packets, 7);
        }
        assert_eq!(heard, "99#");
    }

    #[test]
    fn keys_played_from_a_file_share_a_timestamp_and_are_told_apart_by_the_marker() {
        let mut listener = Listener::default();
        let mut hear = |marker, flags| listener.hear(marker, 160, &[9, flags, 1, 0]).is_some();
        for _ in 0..3 {
            assert!(hear(true, 0));
            assert!(!hear(false, 0) && !hear(false, END) && !hear(false, END));
        }
        assert!(!hear(true, END), "a marked end is a copy, no key");
    }

    #[test]
    fn an_end_of_which_the_beginning_was_lost_is_a_key() {
        assert_eq!(heard(&[(160, 5, END), (160, 5, END), (160, 5, END)]), "5");
    }

    #[test]
    fn an_end_that_comes_after_the_next_key_began_is_no_third_key() {
        assert_eq!(heard(&[(160, 5, 0), (2_000, 6, 0), (160, 5, END), (2_000, 6, END)]), "56");
    }

    #[test]
    fn a_key_held_for_ten_seconds_is_one_key() {
        let next = 160 + SEGMENT as u32;
        assert_eq!(heard(&[(160, 1, 0), (next, 1, 0), (next, 1, END)]), "1");
        assert_eq!(heard(&[(160, 1, 0), (160, 1, END), (next, 1, 0)]), "11", "it had ended");
    }

    #[test]
    fn the_timestamp_may_wrap() {
        assert_eq!(heard(&[(u32::MAX - 10, 1, END), (900, 2, 0), (900, 2, END)]), "12");
    }

    #[test]
    fn what_is_no_key_is_not_heard() {
        let mut listener = Listener::default();
        assert_eq!(listener.hear(true, 0, &[]), None);
        assert_eq!(listener.hear(true, 0, &[9, 0, 0]), None);
        assert_eq!(listener.hear(true, 0, &[16, 0, 0, 160]), None, "event 16 is a hook flash");
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(packets in proptest::collection::vec(any::<(u32, [u8; 5])>(), 0..50)) {
            let mut listener = Listener::default();
            for (timestamp, payload) in &packets {
                listener.hear(true, *timestamp, payload);
            }
        }
    }
}
