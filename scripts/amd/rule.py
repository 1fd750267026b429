"""When to decide: the expected cost of deciding now against that of listening on.

A moment is summed up by how long it has been silent and how likely a person speaks. How one moment
follows another is counted in training calls; what waiting costs follows by backward induction
(value iteration), as src/amd/rule.rs does it for the costs of a campaign.
"""

import numpy as np

from calls import AT

# Upper ends of the silences (s) and of the probabilities of a person, the last bin open.
SILENT_S = [0.01, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.15, 1.35]
PERSON = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.16, 0.2, 0.3, 0.4, 0.5,
          0.6, 0.7, 0.8, 0.9, 0.96]
STEP_S = 0.1
# A machine is said at once where a person is no likelier than this share of what a machine met costs.
SURE = 0.3
# The line and the detector cost little while somebody speaks, but not nothing.
LISTENING_S = 0.025
STATES = (len(SILENT_S) + 1) * (len(PERSON) + 1)


def state(row, person):
    """The bin of a row of features (or of many) with its probability of a person."""
    silent = np.searchsorted(SILENT_S, row[..., AT["silent_s"]])
    return silent * (len(PERSON) + 1) + np.searchsorted(PERSON, person)


class Rule:
    def __init__(self):
        self.follows = np.zeros((STATES, STATES))
        self.person = np.zeros(STATES)
        self.seen = np.zeros(STATES)

    def learn(self, calls, person):
        of_kind = calls.kind[calls.call]
        counts = (calls.rows[:, AT["heard"]] > 0) & (calls.rows[:, AT["now_s"]] <= 6.0) & (of_kind >= 0)
        states = state(calls.rows, person)
        np.add.at(self.seen, states[counts], 1)
        np.add.at(self.person, states[counts], (of_kind[counts] == 0).astype(float))
        follows = counts[:-1] & counts[1:] & (calls.call[:-1] == calls.call[1:])
        np.add.at(self.follows, (states[:-1][follows], states[1:][follows]), 1)

    def write(self, path):
        """For each state how many others follow it; each with its share in thousandths."""
        with open(path, "w") as file:
            file.write("# Which moments follow which; written by scripts/amd/train_call.py, read by src/amd/rule.rs.\n")
            for values in (SILENT_S, PERSON):
                file.write(f"{len(values)} " + " ".join(map(str, values)) + "\n")
            for chance, shares in zip(self.chance(), self.shares()):
                others = np.argsort(-shares)[: np.count_nonzero(shares)]
                pairs = " ".join(f"{n} {shares[n] * 1000:g}" for n in others)
                file.write(f"{chance * 1000:g} {len(others)} {pairs}\n")

    def shares(self):
        """As they are written: of the states that follow the 20 likeliest, to a hundred-thousandth."""
        # A state that was hardly seen stays as it is.
        counts = self.follows + np.eye(STATES) * 0.5
        shares = counts / counts.sum(axis=1, keepdims=True)
        least = np.sort(shares, axis=1)[:, -20:-19]
        shares[(shares < least) | (shares < 0.004)] = 0.0
        return np.round(shares / shares.sum(axis=1, keepdims=True), 5)

    def chance(self):
        """The chance of a person in a state: as counted, and where little was, as the network says."""
        edges = np.array([0.0, *PERSON, 1.0])
        said = np.tile((edges[:-1] + edges[1:]) / 2, STATES // (len(PERSON) + 1))
        return np.round((self.person + 20 * said) / (self.seen + 20), 5)

    def decisions(self, machine_met, waiting_s, listening_s=LISTENING_S):
        """For each state: 1 person, -1 machine, 0 listen on. A person lost costs 1."""
        person = self.chance()
        now = np.minimum((1 - person) * machine_met, person)
        silent = np.arange(STATES) // (len(PERSON) + 1) > 0
        delay = np.where(silent, person * waiting_s, 0.0) * STEP_S + listening_s * STEP_S
        shares, value = self.shares(), now.copy()
        for _ in range(80):
            wait = delay + shares @ value
            value = np.minimum(now, wait)
        decided = now <= wait
        is_sure = np.tile(np.array([*PERSON, 1.0]) <= SURE * machine_met + 1e-6, STATES // (len(PERSON) + 1))
        return np.where(is_sure, -1, np.where(decided, np.where((1 - person) * machine_met <= person, 1, -1), 0))


def simulate(calls, person, decisions, limit_s=6.0):
    """(call, class, verdict, at, after the first utterance) of every person and machine."""
    out = []
    for call, info in enumerate(calls.info):
        if info["cls"] not in ("human", "machine"):
            continue
        rows, likely = calls.rows[calls.of(call)], person[calls.of(call)]
        verdict, at = "human", limit_s
        for row, p in zip(rows, likely):
            if row[0] > limit_s:
                break
            decided = decisions[state(row, p)] if row[AT["heard"]] > 0 else 0
            if decided:
                verdict, at = ("human" if decided > 0 else "machine"), row[0]
                break
        end = info["first_utterance_end_s"]
        after = at - float(end) if end and info["cls"] == "human" else None
        out.append((call, info["cls"], verdict, at, after))
    return out


def summary(out, calls, by_group=False):
    people = [o for o in out if o[1] == "human"]
    machines = [o for o in out if o[1] == "machine"]
    lost = np.mean([o[2] == "machine" for o in people])
    found = np.mean([o[2] == "machine" for o in machines])
    after = [o[4] for o in people if o[2] == "human" and o[4] is not None]
    took = [o[3] for o in machines if o[2] == "machine"]
    text = (f"balanced {(1 - lost + found) / 2:.3f}, people lost {lost:.3f}, machines found {found:.3f}; person "
            f"{np.median(after):.2f} s after the utterance (p90 {np.quantile(after, 0.9):.2f}), machine after "
            f"{np.median(took):.2f} s (p90 {np.quantile(took, 0.9):.2f})")
    for group in sorted(set(calls.group)) if by_group else []:
        text += f"\n  {group:12}"
        for name, of_class in (("people lost", people), ("machines found", machines)):
            verdicts = [o[2] == "machine" for o in of_class if calls.group[o[0]] == group]
            text += f"  {name} {np.mean(verdicts):.3f} of {len(verdicts)}" if verdicts else ""
    return text
