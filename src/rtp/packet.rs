//! RTP packets (RFC 3550 §5.1), read and written by rtp-rs.

use rtp_rs::{RtpPacketBuilder, RtpReader};

/// The longest payload that is looked at: 120 ms of G.711. Longer ones are cut.
const PAYLOAD_MAX: usize = 960;

/// A packet that has a whole header and, where it says so, whole extension and padding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The marker bit: the first packet after a silence (RFC 3551 §4.1).
    pub marker: bool,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in samples.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
    /// The payload, at most 120 ms of G.711.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The packet, or `None` when it is none (RFC 3550 §A.1: version, padding, extension).
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let reader = RtpReader::new(bytes).ok()?;
        // RTCP that has strayed to the RTP port (RFC 5761 §4: types 64 to 95).
        if (64..=95).contains(&reader.payload_type()) {
            return None;
        }
        let end = bytes.len() - usize::from(reader.padding().unwrap_or(0));
        let payload = bytes.get(reader.payload_offset()..end)?;
        Some(Self {
            payload_type: reader.payload_type(),
            marker: reader.mark(),
            sequence: reader.sequence_number().into(),
            timestamp: reader.timestamp(),
            ssrc: reader.ssrc(),
            payload: &payload[..payload.len().min(PAYLOAD_MAX)],
        })
    }
}

/// Writes a packet into `buffer` and returns its length; `None` when it does not fit.
pub fn write_packet(packet: &Packet<'_>, buffer: &mut [u8]) -> Option<usize> {
    RtpPacketBuilder::new()
        .payload_type(packet.payload_type)
        .marked(packet.marker)
        .sequence(packet.sequence.into())
        .timestamp(packet.timestamp)
        .ssrc(packet.ssrc)
        .payload(packet.payload)
        .build_into(buffer)
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let packet = Packet {
            payload_type: 0,
            marker: true,
            sequence: 65_535,
            timestamp: u32::MAX,
            ssrc: 7,
            payload: &[1, 2, 3],
        };
        let mut buffer = [0; 64];
        let length = write_packet(&packet, &mut buffer).unwrap();
        assert_eq!(length, 15);
        assert_eq!(Packet::read(&buffer[..length]), Some(packet));
    }

    #[test]
    fn padding_and_rtcp_are_seen_through() {
        let mut bytes = vec![0xa0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        bytes.extend([9, 9, 0, 2]);
        assert_eq!(Packet::read(&bytes).unwrap().payload, [9, 9]);
        bytes[15] = 0;
        assert_eq!(Packet::read(&bytes), None, "padding of no bytes");
        bytes[15] = 200;
        assert_eq!(Packet::read(&bytes), None, "padding longer than the packet");
        assert_eq!(Packet::read(&[0x80, 200, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(packet) = Packet::read(&bytes) {
                prop_assert!(packet.payload.len() + 12 <= bytes.len());
            }
        }
    }
}
