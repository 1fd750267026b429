//! Keys in the band.

use super::*;
use crate::domain::Digit;

#[test]
fn a_key_in_the_band_is_told_once_where_events_are_not_sent_and_nowhere_else() {
    let mut stage = Stage::new();
    let (mut old, mut person) = (FarEnd::new(Law::A), FarEnd::new(Law::A));
    old.telephone_event = None;
    let legs = [stage.connected(&old), stage.connected(&person)];
    for (end, leg) in [&mut old, &mut person].into_iter().zip(&legs) {
        for (nth, frame) in tones::key(Digit::new('9').unwrap()).chunks(160).enumerate() {
            let coded: Vec<u8> = frame.iter().map(|it| g711::encode(Law::A, *it)).collect();
            end.send(leg.local, Law::A.payload_type(), 8_000 + 160 * nth as u32, &coded);
        }
    }
    // What is kept before it is played is no more than this.
    wait(40);
    let keys = legs.map(|leg| {
        let (told, ..) = stage.close(leg);
        told.iter().filter(|event| matches!(event, MediaEvent::Digit(_))).count()
    });
    assert_eq!(keys, [1, 0]);
}
