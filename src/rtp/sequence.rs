//! What has been received from one source (RFC 3550 §A.1, §A.3, §A.8).

use jiff::Timestamp;

use super::source::Admission;

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
    /// The number after a jump: two in a row and the source has restarted.
    bad_next: Option<u16>,
    jitter: f64,
    /// Arrival, and timestamp, of the packet before.
    before: Option<(Timestamp, u32)>,
    /// Expected and received at the last report.
    prior: (u32, u32),
}

impl Reception {
    /// The first packet of a source.
    pub(super) fn new(ssrc: u32, sequence: u16) -> Self {
        Self {
            ssrc,
            highest: sequence,
            cycles: 0,
            base: u32::from(sequence),
            received: 1,
            bad_next: None,
            jitter: 0.0,
            before: None,
            prior: (0, 0),
        }
    }

    /// `update_seq` of §A.1, after the first packet.
    pub(super) fn take(&mut self, sequence: u16) -> Admission {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < DROPOUT_MAX {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1);
            }
            self.highest = sequence;
            self.bad_next = None;
        } else if ahead <= u16::MAX - MISORDER_MAX {
            if self.bad_next != Some(sequence) {
                self.bad_next = Some(sequence.wrapping_add(1));
                return Admission::Refused;
            }
            *self = Self::new(self.ssrc, sequence);
            return Admission::Begins;
        }
        self.received = self.received.saturating_add(1);
        Admission::Continues
    }

    /// Measures the interarrival jitter (§A.8) by a packet whose timestamp says when it was
    /// sampled: audio, not telephone events.
    pub fn measure_jitter(&mut self, timestamp: u32, arrived: Timestamp) {
        if let Some((then, earlier)) = self.before.replace((arrived, timestamp)) {
            let apart = arrived.duration_since(then).as_secs_f64() * 8_000.0;
            let sampled_apart = f64::from(timestamp.wrapping_sub(earlier) as i32);
            let change = (apart - sampled_apart).abs();
            // Beyond a second a clock was set, not a packet late.
            if change < 8_000.0 {
                self.jitter += (change - self.jitter) / 16.0;
            }
        }
    }

    /// Packets lost since the start, never negative here (duplicates hide losses, §A.3).
    pub fn lost(&self) -> u32 {
        self.expected().saturating_sub(self.received)
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
        (u64::from(lost) << 8).checked_div(u64::from(interval)).unwrap_or(0).min(255) as u8
    }

    fn expected(&self) -> u32 {
        self.extended_highest().wrapping_sub(self.base).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_number_wraps_and_losses_are_counted() {
        let mut reception = Reception::new(1, 65_534);
        for sequence in [65_535, 1] {
            assert_eq!(reception.take(sequence), Admission::Continues);
        }
        assert_eq!(reception.lost(), 1);
        assert_eq!(reception.extended_highest(), (1 << 16) | 1);
        assert_eq!(reception.fraction_lost(), 64);
        assert_eq!(reception.fraction_lost(), 0);
    }

    #[test]
    fn a_late_packet_is_no_jump() {
        let mut reception = Reception::new(1, 100);
        for sequence in [102, 101] {
            assert_eq!(reception.take(sequence), Admission::Continues);
        }
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn jitter_is_what_arrivals_stray_from_the_timestamps() {
        let jitter_ms = |stray_ms: i64| {
            let mut reception = Reception::new(1, 0);
            for n in 0..500_i64 {
                let stray = if n % 2 == 0 { stray_ms } else { 0 };
                let arrived = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(n * 20 + stray);
                // The timestamp wraps on the way.
                reception.measure_jitter((n as u32 * 160).wrapping_sub(800), arrived);
            }
            reception.jitter() / 8
        };
        assert_eq!(jitter_ms(0), 0);
        assert_eq!(jitter_ms(10), 9, "each change is 10 ms; the estimate comes close from below");
    }
}
