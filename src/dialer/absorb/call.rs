//! What the lines, the media and the detector say.

use jiff::Timestamp;

use crate::call::{CallEvent, State};
use crate::dialer::{Dialer, Record};
use crate::domain::{CallId, Digit};

/// Keys kept of one call.
const DIGITS_MAX: usize = 64;

impl Dialer {
    pub(super) fn absorb_call(&mut self, id: CallId, event: CallEvent, now: Timestamp) {
        self.note(id, &event, now);
        let event = self.sampled(id, event);
        let Some(call) = self.calls.get(&id) else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        let party_of = call.party_of;
        let to = match (party_of, &event, call.state) {
            (Some(with), CallEvent::Answered, State::Ringing { .. }) => {
                State::Linked { with, since: now }
            }
            (_, _, state) => self.with_reservation(id, state.on(&event, now, &run.terms)),
        };
        match (event, to) {
            (CallEvent::Ended(cause), State::Ended { outcome }) => {
                self.end_call(id, outcome, Some(&cause), now);
            }
            (CallEvent::Played, State::Identifying { .. }) => self.listen_for_owner(id),
            (CallEvent::Screened(verdict), to) => {
                self.move_call(id, to, now);
                self.heard(id, verdict.kind, now);
            }
            (CallEvent::Answered, State::Linked { with, .. }) => {
                self.move_call(id, to, now);
                self.party_answered(id, with, now);
            }
            (CallEvent::EarlyMedia, to) => {
                self.move_call(id, to, now);
                // The agent hears it ring.
                if let Some(person) = party_of {
                    self.converse(person);
                }
            }
            _ => self.move_call(id, to, now),
        }
    }

    /// Writes down what the record of the call will say.
    fn note(&mut self, id: CallId, event: &CallEvent, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        match event {
            CallEvent::Answered => {
                if call.answered_at.is_none() {
                    call.answered_at = Some(now);
                    if let Some(run) = self.campaigns.get_mut(&call.campaign) {
                        run.totals.answered += 1;
                    }
                    self.record(Record::Answered { call: id, at: now });
                }
            }
            CallEvent::Digit(digit) => self.press(id, *digit, now),
            CallEvent::EarlyMedia | CallEvent::Ringing => {
                if call.answered_at.is_none() && call.ringing_at.is_none() {
                    call.ringing_at = Some(now);
                    if let Some(run) = self.campaigns.get_mut(&call.campaign) {
                        run.breaker.hear(false, now);
                    }
                }
            }
            CallEvent::Recorded { file, .. } => call.recording = Some(file.clone()),
            CallEvent::Features(_) => self.note_features(id, event),
            CallEvent::GreetingOver(by) => {
                if let State::Greeting { .. } = call.state {
                    call.notes.greeting_over = Some(*by);
                }
            }
            CallEvent::Screened(verdict) => self.note_verdict(id, verdict, now),
            CallEvent::ScreeningKept(file) => call.notes.audio = Some(file.clone()),
            CallEvent::BridgeFailed { .. }
            | CallEvent::Bridged { .. }
            | CallEvent::Ended(_)
            | CallEvent::Likely(_)
            | CallEvent::MediaTimeout
            | CallEvent::Played
            | CallEvent::ToneMeans(_) => {}
        }
    }

    /// The key against further calls works from the answer on, not only in the message: who asks
    /// has asked.
    fn press(&mut self, id: CallId, digit: Digit, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.answered_at.is_none() {
            return;
        }
        if call.digits.len() < DIGITS_MAX {
            call.digits.push(digit.as_char());
        }
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        if run.campaign.safe_harbour.opt_out != Some(digit) || call.do_not_call {
            return;
        }
        let number = call.lead.number;
        self.block(number, now);
        self.record(Record::DoNotCall { number, call: id, at: now });
    }
}
