//! Whatever is heard, and however it is cut into frames: one verdict, the same one, and no panic.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::greeting::GreetingEnd;
use super::Detector;
use crate::domain::Verdict;

/// A stretch of sound that a line may carry.
#[derive(Clone, Copy, Debug)]
enum Sound {
    /// Full scale, up and down, so many samples each.
    Clipping(usize),
    /// The same sample again and again.
    Level(i16),
    /// Chance, as loud as this at most.
    Noise(i16),
    Silence,
    /// So many hertz.
    Tone(u16),
    /// Syllables of a buzz at so many hertz, at a rate that is not ours: played at twice the speed.
    Voice(u16),
}

fn sound() -> impl Strategy<Value = Sound> {
    prop_oneof![
        (1_usize..200).prop_map(Sound::Clipping),
        any::<i16>().prop_map(Sound::Level),
        (1_i16..=i16::MAX).prop_map(Sound::Noise),
        Just(Sound::Silence),
        (50_u16..4_000).prop_map(Sound::Tone),
        (80_u16..400).prop_map(Sound::Voice),
    ]
}

fn sample(sound: Sound, n: usize) -> i16 {
    let turn = |hz: f64| (n as f64 * hz / 8_000.0 * std::f64::consts::TAU).sin();
    match sound {
        Sound::Clipping(period) => {
            if (n / period).is_multiple_of(2) {
                i16::MAX
            } else {
                i16::MIN
            }
        }
        Sound::Level(level) => level,
        Sound::Noise(loudest) => {
            let drawn = (n as u32 ^ 0x9e37).wrapping_mul(0x85eb_ca6b).rotate_left(13);
            ((i64::from(drawn.wrapping_mul(0xc2b2_ae35) as i32) * i64::from(loudest)) >> 31) as i16
        }
        Sound::Silence => 0,
        Sound::Tone(hz) => (turn(f64::from(hz)) * 9_000.0) as i16,
        Sound::Voice(hz) => {
            let buzz: f64 =
                (1..12).map(|k| turn(f64::from(hz) * 2.0 * f64::from(k)) / f64::from(k)).sum();
            (buzz * turn(3.0).abs() * 4_000.0) as i16
        }
    }
}

fn call(parts: &[(Sound, usize)]) -> Vec<i16> {
    parts.iter().flat_map(|(sound, length)| (0..*length).map(|n| sample(*sound, n))).collect()
}

fn detector() -> Detector {
    let limit = SignedDuration::from_secs(6);
    Detector::new(limit)
        .within(SignedDuration::from_millis(1_750))
        .going_on(SignedDuration::from_secs(10))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sounds_give_the_same_verdicts_however_they_are_cut(
        parts in proptest::collection::vec((sound(), 1_usize..24_000), 1..6),
        cuts in proptest::collection::vec(1_usize..2_000, 1..8),
        singly in any::<bool>(),
    ) {
        // What has no end falls silent: then the limit comes.
        let call = [call(&parts), vec![0; 6 * 8_000]].concat();
        let whole: Vec<Verdict> = call.chunks(160).fold((detector(), Vec::new()), |(mut detector, mut said), frame| {
            said.extend(detector.push(frame));
            (detector, said)
        }).1;
        prop_assert!(!whole.is_empty(), "a verdict by the limit");
        let cuts: Vec<usize> = if singly { vec![1] } else { cuts };
        let (mut other, mut said, mut at) = (detector(), Vec::new(), 0);
        for cut in cuts.iter().cycle() {
            let end = call.len().min(at + cut);
            said.extend(other.push(&call[at..end]));
            at = end;
            if at == call.len() {
                break;
            }
        }
        prop_assert_eq!(said.last(), whole.last());
        prop_assert_eq!(other.posterior(), {
            let mut once = detector();
            once.push(&call);
            once.posterior()
        });
    }
}

/// Neither holds anything beside itself (both are copied whole by `clone`, and have no collection that
/// grows): what they are after ten minutes is as large as what they were.
#[test]
fn ten_minutes_of_anything_are_heard_to_the_end() {
    let minute = 60 * 8_000;
    for (sound, long) in [
        (Sound::Noise(20_000), minute),
        (Sound::Silence, minute),
        (Sound::Clipping(3), minute),
        (Sound::Voice(120), 10 * minute),
    ] {
        let mut detector = detector().going_on(SignedDuration::from_secs(600));
        let mut greeting = GreetingEnd::new(SignedDuration::from_secs(50));
        let (mut verdicts, mut ends, mut at) = (0, 0, 0);
        while at < long {
            let second: Vec<i16> = (at..at + 8_000).map(|n| sample(sound, n)).collect();
            verdicts += usize::from(detector.push(&second).is_some());
            ends += usize::from(greeting.push(&second).is_some());
            at += 8_000;
        }
        println!("{sound:?}: {verdicts} verdicts, {ends} ends in {} s", long / 8_000);
        assert!((1..=3).contains(&verdicts) && ends == 1, "{sound:?}: {verdicts}, {ends}");
        let sum: f64 =
            crate::domain::VerdictKind::ALL.map(|kind| detector.posterior().of(kind)).iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sound:?}: {sum}");
    }
}
