//! Who hears whom, where they are more than two or not each other's: told by the tones that each sends.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;

/// A tone for each, far from the others' and from the tone that an agent hears first.
const HERTZ: [f64; 4] = [400.0, 650.0, 1_150.0, 1_600.0];
const PERSON: usize = 0;
const AGENT: usize = 1;
const SUPERVISOR: usize = 2;
const COLLEAGUE: usize = 3;
/// Samples that are looked at: 0.3 s.
const HEARD: usize = 2_400;

struct Table {
    stage: Stage,
    far_ends: Vec<FarEnd>,
    legs: Vec<Leg>,
}

impl Table {
    fn new(threads: usize) -> Self {
        let stage = Stage::with(threads, 20);
        let law = |place| if place % 2 == 0 { Law::Mu } else { Law::A };
        let far_ends: Vec<FarEnd> = (0..HERTZ.len()).map(|place| FarEnd::new(law(place))).collect();
        let legs = far_ends.iter().map(|far_end| stage.connected(far_end)).collect();
        Self { stage, far_ends, legs }
    }

    /// Each pair: who hears whom.
    fn confer(&self, anchor: usize, pairs: &[(usize, usize)]) {
        let leg = |place: usize| self.legs[place].id;
        let hears = |(listener, speaker)| Hears { listener: leg(listener), speaker: leg(speaker) };
        let hearing = pairs.iter().copied().map(hears).collect();
        self.stage.engine.confer(leg(anchor), hearing);
    }

    fn talk(&mut self, count: u64) {
        ticks(count, || {
            for (place, far_end) in self.far_ends.iter_mut().enumerate() {
                far_end.send_tone(self.legs[place].local, HERTZ[place]);
                far_end.hear();
            }
        });
    }

    /// Whom this one hears, by their tones.
    fn heard_by(&self, listener: usize) -> Vec<usize> {
        let heard = self.far_ends[listener].last(HEARD);
        if heard.iter().all(is_quiet) {
            return Vec::new();
        }
        (0..HERTZ.len()).filter(|speaker| share_at(HERTZ[*speaker], heard) > 0.1).collect()
    }

    fn everybody_hears(&self) -> Vec<Vec<usize>> {
        (0..HERTZ.len()).map(|listener| self.heard_by(listener)).collect()
    }
}

#[test]
fn who_listens_is_heard_by_nobody_who_whispers_by_the_agent_who_barges_in_by_both() {
    let listening = [(PERSON, AGENT), (AGENT, PERSON), (SUPERVISOR, PERSON), (SUPERVISOR, AGENT)];
    let whispering = [&listening[..], &[(AGENT, SUPERVISOR)]].concat();
    let barging = [&whispering[..], &[(PERSON, SUPERVISOR)]].concat();
    for threads in [1, 3] {
        let mut table = Table::new(threads);
        table.stage.engine.bridge(table.legs[PERSON].id, table.legs[AGENT].id);
        let both: &[usize] = &[PERSON, AGENT];
        for (pairs, person, agent) in [
            (&listening[..], vec![AGENT], vec![PERSON]),
            (&whispering, vec![AGENT], vec![PERSON, SUPERVISOR]),
            (&barging, vec![AGENT, SUPERVISOR], vec![PERSON, SUPERVISOR]),
        ] {
            table.confer(PERSON, pairs);
            table.talk(40);
            assert_eq!(table.everybody_hears(), [person, agent, both.to_vec(), vec![]]);
        }
        // Two again, and nobody beside them.
        table.stage.engine.bridge(table.legs[PERSON].id, table.legs[AGENT].id);
        table.talk(40);
        assert_eq!(table.everybody_hears(), [vec![AGENT], vec![PERSON], vec![], vec![]]);
    }
}

#[test]
fn a_whisper_is_not_in_the_persons_recording_and_a_barge_is() {
    let mut table = Table::new(2);
    table.stage.engine.record(table.legs[PERSON].id, "talk.wav".to_owned());
    let whispering = [(PERSON, AGENT), (AGENT, PERSON), (SUPERVISOR, PERSON), (AGENT, SUPERVISOR)];
    table.confer(PERSON, &whispering);
    table.talk(50);
    table.confer(PERSON, &[&whispering[..], &[(PERSON, SUPERVISOR)]].concat());
    table.talk(60);
    let (.., recording) = table.stage.close(table.legs[PERSON]);
    table.stage.engine.shutdown();
    let (left, right) = table.stage.recording(&recording.unwrap());
    let (first, second) = (4_000..6_400, 13_000..15_400);
    assert!(share_at(HERTZ[PERSON], &left[first.clone()]) > 0.9);
    assert!(share_at(HERTZ[AGENT], &right[first.clone()]) > 0.9);
    assert!(share_at(HERTZ[SUPERVISOR], &right[first]) < 0.01);
    assert!(share_at(HERTZ[SUPERVISOR], &right[second.clone()]) > 0.4);
    assert!(share_at(HERTZ[AGENT], &right[second]) > 0.4);
}

#[test]
fn who_is_closed_or_bridged_elsewhere_is_heard_by_nobody_who_stays() {
    let mut table = Table::new(2);
    let all: Vec<(usize, usize)> =
        (0..3).flat_map(|one| (0..3).map(move |other| (one, other))).collect();
    table.confer(AGENT, &all);
    table.talk(40);
    let three = vec![vec![AGENT, SUPERVISOR], vec![PERSON, SUPERVISOR], vec![PERSON, AGENT]];
    assert_eq!(table.everybody_hears()[..3], three);
    table.stage.engine.bridge(table.legs[COLLEAGUE].id, table.legs[AGENT].id);
    table.talk(40);
    let pairs = [vec![SUPERVISOR], vec![COLLEAGUE], vec![PERSON], vec![AGENT]];
    assert_eq!(table.everybody_hears(), pairs);
    table.stage.engine.close(table.legs[SUPERVISOR].id);
    table.talk(30);
    assert_eq!(table.heard_by(PERSON), [0; 0]);
    assert_eq!(table.heard_by(AGENT), [COLLEAGUE]);
}

/// Whatever is asked in whatever order, on one thread or several, what is heard is what was said last.
#[test]
fn any_conference_is_heard_as_it_was_said() {
    let mut chance = Pcg64Mcg::seed_from_u64(7);
    for threads in [1, 3] {
        let mut table = Table::new(threads);
        for _ in 0..6 {
            let mut expected = vec![Vec::new(); HERTZ.len()];
            let mut pairs = Vec::new();
            for (listener, hears) in expected.iter_mut().enumerate() {
                for speaker in 0..HERTZ.len() {
                    if speaker != listener && chance.random_bool(0.5) {
                        hears.push(speaker);
                        pairs.push((listener, speaker));
                    }
                }
            }
            // Of a conference that another one follows at once nothing is left.
            table.confer(chance.random_range(0..4), &[(0, 1), (1, 0), (2, 3), (3, 2)]);
            table.confer(chance.random_range(0..4), &pairs);
            table.talk(36);
            assert_eq!(table.everybody_hears(), expected, "{pairs:?}");
        }
    }
}
