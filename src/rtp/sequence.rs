//! What has been received from one source (RFC 3550 §A.1, §A.3, §A.8).

use jiff::Timestamp;

/// A jump of the sequence number beyond this is a restart, not a loss.
const DROPOUT_MAX: u16 = 3000;
/// A packet this far behind is late, not a restart.
const MISORDER_MAX: u16 = 100;

/// The reception of one synchronisation source.
#[derive(Clone, Debug)]
pub struct Reception {
    /// Who sends.
    pub ssrc: u32,
    highest: u16,
    cycles: u32,
    base: u32,
    received: u32,
    /// The expected next number after a jump: two in a row and the source has restarted.
    bad_next: Option<u16>,
    jitter: f64,
    transit: Option<f64>,
    prior: (u32, u32),
}

impl Reception {
    /// From the first packet of a source on.
    pub fn new(ssrc: u32, sequence: u16) -> Self {
        Self {
            ssrc,
            highest: sequence,
            cycles: 0,
            base: u32::from(sequence),
            received: 0,
            bad_next: None,
            jitter: 0.0,
            transit: None,
            prior: (0, 0),
        }
    }

    /// Takes a packet in. False when it must not be played: a number far off that no second packet
    /// confirms.
    pub fn take(&mut self, sequence: u16, timestamp: u32, at: Timestamp) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < DROPOUT_MAX {
            if sequence < self.highest {
                self.cycles += 1;
            }
            self.highest = sequence;
            self.bad_next = None;
        } else if ahead <= u16::MAX - MISORDER_MAX {
            if self.bad_next != Some(sequence) {
                self.bad_next = Some(sequence.wrapping_add(1));
                return false;
            }
            *self = Self::new(self.ssrc, sequence);
        }
        self.received += 1;
        self.measure_jitter(timestamp, at);
        true
    }

    /// Packets lost since the start, never negative here (duplicates hide losses, §A.3).
    pub fn lost(&self) -> u32 {
        self.expected().saturating_sub(self.received)
    }

    /// Packets taken.
    pub fn received(&self) -> u32 {
        self.received
    }

    /// The highest sequence number with its cycles (§6.4.1).
    pub fn extended_highest(&self) -> u32 {
        (self.cycles << 16) | u32::from(self.highest)
    }

    /// Interarrival jitter in samples (§6.4.1).
    pub fn jitter(&self) -> u32 {
        self.jitter as u32
    }

    /// The share lost since the last time this was asked, in 256ths (§A.3).
    pub fn fraction_lost(&mut self) -> u8 {
        let (expected, received) = (self.expected(), self.received);
        let interval = expected.saturating_sub(self.prior.0);
        let lost = interval.saturating_sub(received.saturating_sub(self.prior.1));
        self.prior = (expected, received);
        (lost << 8).checked_div(interval).unwrap_or(0).min(255) as u8
    }

    fn expected(&self) -> u32 {
        self.extended_highest().saturating_sub(self.base) + 1
    }

    fn measure_jitter(&mut self, timestamp: u32, at: Timestamp) {
        let arrival = at.as_microsecond() as f64 * 0.008;
        // The difference of two timestamps wraps; what is far off is a new start.
        let transit = arrival - f64::from(timestamp);
        if let Some(previous) = self.transit {
            let change = (transit - previous).abs();
            if change < 8000.0 {
                self.jitter += (change - self.jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(reception: &mut Reception, sequence: u16) -> bool {
        reception.take(sequence, u32::from(sequence) * 160, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_number_wraps_and_losses_are_counted() {
        let mut reception = Reception::new(1, 65_534);
        for sequence in [65_534, 65_535, 1] {
            assert!(take(&mut reception, sequence));
        }
        assert_eq!(reception.extended_highest(), (1 << 16) | 1);
        assert_eq!(reception.lost(), 1);
        assert_eq!(reception.fraction_lost(), 64);
        assert_eq!(reception.fraction_lost(), 0);
    }

    #[test]
    fn a_jump_is_believed_at_its_second_packet() {
        let mut reception = Reception::new(1, 10);
        assert!(take(&mut reception, 10));
        assert!(!take(&mut reception, 30_010));
        assert!(take(&mut reception, 30_011));
        assert_eq!(reception.lost(), 0);
        assert!(take(&mut reception, 30_012));
    }

    #[test]
    fn a_late_packet_is_no_jump() {
        let mut reception = Reception::new(1, 100);
        for sequence in [100, 102, 101] {
            assert!(take(&mut reception, sequence));
        }
        assert_eq!(reception.lost(), 0);
    }
}
