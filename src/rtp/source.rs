//! Whose packets are played.

use super::sequence::Reception;

/// The source that is heard: one at a time, and another only when two of its packets have
/// come in sequence.
#[derive(Clone, Debug, Default)]
pub struct Source {
    reception: Option<Reception>,
    /// Another source's SSRC and the number that it must send next to be believed.
    candidate: Option<(u32, u16)>,
    /// Packets lost of the sources before.
    lost_before: u64,
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// Play it; whatever was there before is of another source, or of this one before its restart.
    Begins,
    /// Play it.
    Continues,
    /// Drop it: not believed, or not yet.
    Refused,
}

impl Source {
    /// Takes a packet's SSRC and sequence number in.
    pub fn admit(&mut self, ssrc: u32, sequence: u16) -> Admission {
        match &mut self.reception {
            None => {
                self.begin(ssrc, sequence);
                Admission::Begins
            }
            Some(reception) if reception.ssrc == ssrc => {
                let lost = reception.lost();
                let admission = reception.take(sequence);
                if admission == Admission::Begins {
                    self.lost_before += u64::from(lost);
                }
                admission
            }
            Some(_) => {
                let is_believed = self.candidate == Some((ssrc, sequence));
                self.candidate = Some((ssrc, sequence.wrapping_add(1)));
                if !is_believed {
                    return Admission::Refused;
                }
                self.begin(ssrc, sequence);
                Admission::Begins
            }
        }
    }

    /// The source that is heard.
    pub fn reception(&self) -> Option<&Reception> {
        self.reception.as_ref()
    }

    /// The source that is heard, to measure it.
    pub fn reception_mut(&mut self) -> Option<&mut Reception> {
        self.reception.as_mut()
    }

    /// Packets lost, of every source so far.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.reception.as_ref().map_or(0, |it| u64::from(it.lost()))
    }

    /// Whatever comes next is a new source.
    pub fn forget(&mut self) {
        self.lost_before = self.lost();
        self.reception = None;
        self.candidate = None;
    }

    fn begin(&mut self, ssrc: u32, sequence: u16) {
        self.forget();
        self.reception = Some(Reception::new(ssrc, sequence));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(ssrc: u32, sequences: &[u16]) -> Source {
        let mut source = Source::default();
        for sequence in sequences {
            assert_ne!(source.admit(ssrc, *sequence), Admission::Refused);
        }
        source
    }

    #[test]
    fn a_jump_is_believed_at_its_second_packet_and_is_no_loss() {
        let mut source = source(1, &[10, 12]);
        assert_eq!(source.admit(1, 30_010), Admission::Refused);
        assert_eq!(source.admit(1, 30_011), Admission::Begins);
        assert_eq!(source.admit(1, 30_012), Admission::Continues);
        assert_eq!(source.lost(), 1, "the one before the jump");
    }

    #[test]
    fn another_source_is_believed_at_its_second_packet() {
        let mut source = source(1, &[10, 12]);
        assert_eq!(source.admit(2, 500), Admission::Refused);
        assert_eq!(source.admit(1, 13), Admission::Continues);
        assert_eq!(source.admit(2, 700), Admission::Refused, "not in sequence");
        assert_eq!(source.admit(2, 701), Admission::Begins);
        assert_eq!(source.reception().unwrap().ssrc, 2);
        assert_eq!(source.lost(), 1, "of the source before");
    }

    proptest! {
        #[test]
        fn no_numbers_break_it(packets in proptest::collection::vec(any::<(bool, u16)>(), 0..300)) {
            let mut source = Source::default();
            for (which, sequence) in packets {
                source.admit(u32::from(which), sequence);
                if let Some(reception) = source.reception_mut() {
                    reception.fraction_lost();
                }
            }
        }
    }
}
