//! Telephone events: keys as RTP packets (RFC 4733).

use crate::domain::Digit;

use super::FRAME;

/// A key is held for 100 ms.
const HELD: u16 = 5;
/// The last packet is sent three times (RFC 4733 §2.5.1.4).
const ENDS: u16 = 3;

/// Hears keys: each once, however often its packets are repeated.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// The timestamp of the event that was told last; all packets of an event share it (§2.5.1.1).
    told: Option<u32>,
}

impl Listener {
    /// The key, at the first packet of its event; `None` for what repeats, is no key or is cut.
    pub fn hear(&mut self, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        let [event, _, _, _, ..] = *payload else { return None };
        let digit = Digit::from_event(event)?;
        if self.told == Some(timestamp) {
            return None;
        }
        self.told = Some(timestamp);
        Some(digit)
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

    /// The next payload, and whether it is the first of its event; `None` when all are sent.
    pub fn next_payload(&mut self) -> Option<([u8; 4], bool)> {
        if self.sent == HELD + ENDS - 1 {
            return None;
        }
        self.sent += 1;
        let duration = self.sent.min(HELD) * FRAME as u16;
        let end = if self.sent >= HELD { 0x80 } else { 0 };
        let [high, low] = duration.to_be_bytes();
        // Volume 10: -10 dBm0.
        Some(([self.digit.event(), end | 10, high, low], self.sent == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_sent_is_a_key_heard_once() {
        let mut listener = Listener::default();
        let mut heard = String::new();
        for (timestamp, key) in [(160, '9'), (4000, '9'), (8000, '#')] {
            let mut sender = Sender::new(Digit::new(key).unwrap());
            let mut packets = 0;
            while let Some((payload, first)) = sender.next_payload() {
                assert_eq!(first, packets == 0);
                packets += 1;
                heard.extend(listener.hear(timestamp, &payload).map(Digit::as_char));
            }
            assert_eq!(packets, 7);
        }
        assert_eq!(heard, "99#");
    }

    #[test]
    fn what_is_no_key_is_not_heard() {
        let mut listener = Listener::default();
        assert_eq!(listener.hear(0, &[]), None);
        assert_eq!(listener.hear(0, &[9, 0, 0]), None);
        assert_eq!(listener.hear(0, &[16, 0, 0, 160]), None, "event 16 is a hook flash");
    }
}
