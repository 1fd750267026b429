//! How late something may be: a histogram, fine enough for its rare long ends, that forgets.

/// The width of a bin, in milliseconds: a frame of audio.
const BIN_MS: i128 = 20;

/// The last bin holds all that takes longer: 10 s and more.
const BINS: usize = 512;

/// Past this weight every delay loses half of its own, so that a changed line is believed after as
/// many calls.
const WEIGHT_MAX: f32 = 4_000.0;

/// How late something may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Lag {
    bins: Vec<f32>,
    weight: f32,
}

impl Default for Lag {
    fn default() -> Self {
        Self { bins: vec![0.0; BINS], weight: 0.0 }
    }
}

impl Lag {
    /// One that took so many milliseconds; below zero counts as none.
    pub fn add(&mut self, took_ms: i128) {
        let bin = usize::try_from(took_ms.max(0) / BIN_MS).unwrap_or(BINS - 1);
        self.bins[bin.min(BINS - 1)] += 1.0;
        self.weight += 1.0;
        if self.weight > WEIGHT_MAX {
            self.bins.iter_mut().for_each(|bin| *bin /= 2.0);
            self.weight /= 2.0;
        }
    }

    /// Milliseconds within which the share `p` of them is over, rounded up to a frame; `None`
    /// before `least` were seen.
    pub fn within_ms(&self, p: f64, least: f32) -> Option<i64> {
        if self.weight < least {
            return None;
        }
        let wanted = self.weight * p as f32;
        let mut sum = 0.0;
        let bin = self.bins.iter().position(|weight| {
            sum += weight;
            sum >= wanted
        });
        bin.map(|bin| (bin as i64 + 1) * BIN_MS as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_them_is_over_within_its_quantile() {
        let mut lag = Lag::default();
        assert_eq!(lag.within_ms(0.5, 1.0), None);
        (0..100).for_each(|n| lag.add(n * 10));
        assert_eq!(lag.within_ms(0.5, 100.0), Some(500));
        assert_eq!(lag.within_ms(0.99, 100.0), Some(1_000));
        lag.add(-5);
        lag.add(1_000_000);
        assert_eq!(lag.within_ms(1.0, 1.0), Some(BINS as i64 * 20));
    }

    #[test]
    fn an_old_line_is_forgotten() {
        let mut lag = Lag::default();
        (0..4_000).for_each(|_| lag.add(1_000));
        (0..16_000).for_each(|_| lag.add(100));
        assert_eq!(lag.within_ms(0.9, 1.0), Some(120));
    }
}
