//! One call at the test carrier: what its number does, and when.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;

use super::super::chance::chance_for;
use super::config::CarrierConfig;
use super::numbers::Answer;
use super::repertoire::{Clip, Repertoire};

/// Who rings and is never answered is turned away after this (Timer C of RFC 3261 §16.6).
const RING_MAX: SignedDuration = SignedDuration::from_secs(180);

/// What a called number will do, drawn from the seed and the number alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) answer: Answer,
    /// Which voice speaks.
    pub(super) voice: usize,
    post_dial_delay: SignedDuration,
    ring: SignedDuration,
    patience: SignedDuration,
    talk: SignedDuration,
    /// From the answer (vacant: from the early media) to the end.
    stays: SignedDuration,
}

impl Plan {
    /// What `number` (any user part of a SIP URI) does.
    pub(super) fn draw(
        config: &CarrierConfig,
        repertoire: &Repertoire,
        seed: u64,
        number: &str,
    ) -> Self {
        let chance = &mut chance_for(seed, number);
        let answer = config.numbers.at(chance.random());
        let voice = repertoire.any_voice(chance);
        let stays = match answer {
            Answer::Busy | Answer::Declined | Answer::Failed => SignedDuration::ZERO,
            Answer::NoAnswer | Answer::Person => SignedDuration::ZERO,
            Answer::Fax => config.fax_stays_s.draw(chance),
            Answer::Machine => {
                repertoire.length(Clip::Greeting, voice) + config.machine.records_s.draw(chance)
            }
            Answer::Silence => config.silence_stays_s.draw(chance),
            Answer::Vacant => {
                repertoire.length(Clip::Vacant, voice) + config.vacant_stays_s.draw(chance)
            }
        };
        Self {
            answer,
            voice,
            post_dial_delay: config.post_dial_delay_s.draw(chance),
            ring: config.ring_s.draw(chance),
            patience: config.person.patience_s.draw(chance),
            talk: config.person.talk_s.draw(chance),
            stays,
        }
    }
}

/// What the line does next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    /// 200, and play this.
    Answer(Option<Clip>),
    /// 183 with SDP, and play this.
    EarlyMedia(Clip),
    /// BYE.
    HangUp,
    /// Another clip.
    Play(Clip),
    /// A final response with a Q.850 cause.
    Refuse {
        /// 400 to 699.
        status: u16,
        /// ITU-T Q.850.
        cause: u8,
    },
    /// 180.
    Ring,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The network looks for the number.
    Dialing,
    /// It is over, but for the last word of SIP.
    Closing,
    /// It rings.
    Ringing,
    /// An announcement, a machine, a fax, silence: until it is enough.
    Staying,
    /// A person talks.
    Talking,
    /// A person has said hello and hears nothing yet.
    Waiting,
}

/// One call.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) plan: Plan,
    stage: Stage,
    deadline: Option<Timestamp>,
}

impl Line {
    /// The INVITE has come.
    pub(super) fn new(plan: Plan, now: Timestamp) -> Self {
        let deadline = Some(now + plan.post_dial_delay);
        Self { plan, stage: Stage::Dialing, deadline }
    }

    /// When [`Line::expire`] is due.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// The deadline has come.
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<Act> {
        self.deadline.take_if(|deadline| *deadline <= now)?;
        match self.stage {
            Stage::Closing => None,
            Stage::Dialing => Some(self.reach(now)),
            Stage::Ringing => Some(self.pick_up(now)),
            Stage::Staying if self.plan.answer == Answer::Vacant => Some(self.refuse(404, 1)),
            Stage::Staying | Stage::Talking | Stage::Waiting => {
                self.stage = Stage::Closing;
                Some(Act::HangUp)
            }
        }
    }

    /// The first sound from the caller. A person who waits for it begins to talk.
    pub(super) fn heard(&mut self, now: Timestamp) -> Option<Act> {
        if self.stage != Stage::Waiting {
            return None;
        }
        self.enter(Stage::Talking, now + self.plan.talk);
        Some(Act::Play(Clip::Talk))
    }

    /// Whether a person is there who has heard nothing.
    pub(super) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// The network has found the number, or not.
    fn reach(&mut self, now: Timestamp) -> Act {
        let ring = match self.plan.answer {
            Answer::Busy => return self.refuse(486, 17),
            Answer::Failed => return self.refuse(503, 34),
            Answer::Vacant => {
                self.enter(Stage::Staying, now + self.plan.stays);
                return Act::EarlyMedia(Clip::Vacant);
            }
            Answer::NoAnswer => RING_MAX,
            Answer::Declined | Answer::Fax | Answer::Machine | Answer::Person | Answer::Silence => {
                self.plan.ring
            }
        };
        self.enter(Stage::Ringing, now + ring);
        Act::Ring
    }

    /// It has rung long enough.
    fn pick_up(&mut self, now: Timestamp) -> Act {
        let clip = match self.plan.answer {
            Answer::Declined => return self.refuse(603, 21),
            Answer::Busy | Answer::Failed | Answer::NoAnswer | Answer::Vacant => {
                return self.refuse(480, 19);
            }
            Answer::Person => {
                self.enter(Stage::Waiting, now + self.plan.patience);
                return Act::Answer(Some(Clip::Hello));
            }
            Answer::Fax => Some(Clip::Fax),
            Answer::Machine => Some(Clip::Greeting),
            Answer::Silence => None,
        };
        self.enter(Stage::Staying, now + self.plan.stays);
        Act::Answer(clip)
    }

    fn enter(&mut self, stage: Stage, until: Timestamp) {
        self.stage = stage;
        self.deadline = Some(until);
    }

    fn refuse(&mut self, status: u16, cause: u8) -> Act {
        self.stage = Stage::Closing;
        Act::Refuse { status, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::Numbers;
    use super::*;

    /// What a number of one kind does when the caller only waits; and how long it takes.
    fn course(answer: Answer) -> (Vec<Act>, SignedDuration) {
        let config = CarrierConfig { numbers: Numbers::only(answer), ..CarrierConfig::default() };
        let repertoire = Repertoire::new(&config, 1);
        let plan = Plan::draw(&config, &repertoire, 1, "+12015550123");
        let mut line = Line::new(plan, Timestamp::UNIX_EPOCH);
        let (mut acts, mut now) = (Vec::new(), Timestamp::UNIX_EPOCH);
        while let Some(deadline) = line.deadline() {
            now = deadline;
            acts.extend(line.expire(now));
        }
        (acts, now.duration_since(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn every_kind_of_number_runs_its_course() {
        use Act::{Answer as Up, EarlyMedia, HangUp, Refuse, Ring};
        for (answer, acts) in [
            (Answer::Busy, vec![Refuse { status: 486, cause: 17 }]),
            (Answer::Declined, vec![Ring, Refuse { status: 603, cause: 21 }]),
            (Answer::Failed, vec![Refuse { status: 503, cause: 34 }]),
            (Answer::Fax, vec![Ring, Up(Some(Clip::Fax)), HangUp]),
            (Answer::Machine, vec![Ring, Up(Some(Clip::Greeting)), HangUp]),
            (Answer::NoAnswer, vec![Ring, Refuse { status: 480, cause: 19 }]),
            (Answer::Person, vec![Ring, Up(Some(Clip::Hello)), HangUp]),
            (Answer::Silence, vec![Ring, Up(None), HangUp]),
            (Answer::Vacant, vec![EarlyMedia(Clip::Vacant), Refuse { status: 404, cause: 1 }]),
        ] {
            assert_eq!(course(answer).0, acts, "{answer}");
        }
        assert!(course(Answer::NoAnswer).1 > RING_MAX);
    }

    #[test]
    fn a_person_who_hears_something_talks() {
        let config =
            CarrierConfig { numbers: Numbers::only(Answer::Person), ..CarrierConfig::default() };
        let repertoire = Repertoire::new(&config, 1);
        let plan = Plan::draw(&config, &repertoire, 1, "+12015550123");
        let mut line = Line::new(plan.clone(), Timestamp::UNIX_EPOCH);
        assert_eq!(line.heard(Timestamp::UNIX_EPOCH), None);
        let now = Timestamp::UNIX_EPOCH + plan.post_dial_delay;
        line.expire(now);
        let now = now + plan.ring;
        line.expire(now);
        assert!(line.is_waiting());
        assert_eq!(line.heard(now), Some(Act::Play(Clip::Talk)));
        assert_eq!(line.deadline(), Some(now + plan.talk));
    }

    #[test]
    fn a_number_is_the_same_again_and_another_is_not() {
        let config = CarrierConfig::default();
        let repertoire = Repertoire::new(&config, 1);
        let draw = |seed, number| Plan::draw(&config, &repertoire, seed, number);
        assert_eq!(draw(1, "+12015550123"), draw(1, "+12015550123"));
        assert_ne!(draw(1, "+12015550123"), draw(1, "+12015550124"));
        assert_ne!(draw(1, "+12015550123"), draw(2, "+12015550123"));
    }
}
