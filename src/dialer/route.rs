//! People first: the longest wait meets the agent who has been idle longest; whose wait is over
//! and who finds none hears the safe-harbour message.

use jiff::Timestamp;

use super::Dialer;

impl Dialer {
    pub(super) fn route(&mut self, now: Timestamp) {
        while let Some((id, agent)) = self.queue.next(&self.agents) {
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { return };
            self.move_call(id, state.join(agent, now), now);
        }
        for id in std::mem::take(&mut self.overdue) {
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { continue };
            self.move_call(id, state.message(now), now);
        }
    }
}
