"""Trains the trees that tell a person from a recording, the network that tells recordings apart, and the rule
that says when to decide; prints what they do on a manifest of other recordings. The rule, too, is learned of
calls that were judged by trees that never heard their voices.

    train_call.py MANIFEST.csv MANIFEST_ROWS MODEL.txt RULE.txt CALLS... -- LOSSY...

Each of CALLS is a folder that compose.py wrote, each of LOSSY one of lose.py, with its rows in calls.f32
(`outdial amd features`). The rule and the network of kinds are learned of CALLS alone.
Replaces the second network and the trees of MODEL.txt and writes RULE.txt.
"""

import sys
import warnings

import numpy as np
from scipy.stats import lognorm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import weights
from calls import AT, NAMES, PEOPLE, Calls
from rule import Rule, simulate, summary

warnings.filterwarnings("ignore")
LIMIT_S = 6.0
BAGS, TREES = 12, 15
# Rows of people, and as many of recordings, that a bag is trained on, drawn by what they weigh.
DRAWN = 40_000
# The share of the families that a bag never hears.
LEFT_OUT = 0.35
# What a studio's person and a private recording weigh, by the bag.
RARE = [(1.0, 1.0), (0.25, 0.5), (0.5, 0.7)]
# However a voice sounds: who has talked for longer is no likelier a person.
TALKED = ("talk_s", "phrase_max_s", "stretch_max_s", "utterance_s", "first_utterance_s", "first_phrase_s", "phrase_s")
# The silence before the first word, of people and of recordings: the median (s) and the spread of its logarithm,
# as they should be and as compose.py made them.
FIRST_WORD = [((0.95, 0.5), (0.75, 0.6)), ((1.2, 0.7), (0.75, 0.75))]


def usable(calls):
    rows = calls.rows
    return ((rows[:, AT["heard"]] > 0) & (rows[:, AT["now_s"]] <= LIMIT_S + 0.05)
            & (rows[:, AT["silent_s"]] < 1.7) & (calls.kind[calls.call] >= 0))


def gather(sets, without=None):
    """Rows, kinds, weights and families of the calls whose voices are not of a group."""
    gathered = []
    for calls in sets:
        keep = usable(calls)
        if without:
            keep &= calls.group[calls.call] != without
        gathered.append((calls.rows[keep], calls.kind[calls.call[keep]], first_word(calls)[keep],
                         calls.family[calls.call[keep]]))
    return tuple(np.concatenate(column) for column in zip(*gathered))


def first_word(calls):
    """What each row weighs, so that people and machines begin to speak when FIRST_WORD says."""
    onset = np.clip(calls.rows[:, AT["onset_s"]], 0.08, None)
    density = lambda median, spread: lognorm.pdf(onset, spread, scale=median)
    person, machine = (density(*wanted) / density(*composed) for wanted, composed in FIRST_WORD)
    return np.clip(np.where(calls.kind[calls.call] == 0, person, machine), 0.15, 4.0)


def fit(gathered):
    """Bags of trees that give the log-odds of a recording. Each bag leaves out other families of voices, and of
    how much it weighs what is rare in life (a studio's voice that is a person, a private one that is a
    recording) there are three opinions."""
    rows, kinds, first, family = gathered
    recorded, studio = kinds != 0, ~np.isin(family, PEOPLE)
    families, bags = sorted(set(family) - {"-"}), []
    for nth in range(BAGS):
        rng = np.random.default_rng(100 * nth + 7)
        left_out = [name for name in families if rng.random() < LEFT_OUT]
        chance = first * ~np.isin(family, left_out)
        studio_person, private_machine = RARE[nth % len(RARE)]
        chance *= np.where(studio & ~recorded, studio_person, 1.0) * np.where(~studio & recorded, private_machine, 1.0)
        drawn = np.concatenate([rng.choice(len(rows), DRAWN, p=(p := chance * of_kind) / p.sum())
                                for of_kind in (recorded, ~recorded)])
        trees = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=12, learning_rate=0.3, max_features=0.5,
                                               l2_regularization=10, min_samples_leaf=100, random_state=nth,
                                               monotonic_cst=[int(name in TALKED) for name in NAMES])
        bags.append(trees.fit(rows[drawn], recorded[drawn]))
    return bags


def fit_kinds(inputs, kinds):
    """A network that tells the kinds of recordings apart."""
    recorded = kinds != 0
    scaler = StandardScaler().fit(inputs[recorded])
    network = MLPClassifier((24,), activation="tanh", alpha=1e-3, max_iter=6, batch_size=1_000,
                            learning_rate_init=2e-3, random_state=1)
    network.fit(np.clip(scaler.transform(inputs[recorded]), -5, 5), kinds[recorded])
    return scaler, network


def person(bags, rows):
    """The probability of a person: of the mean of the bags' log-odds."""
    if not len(rows):
        return np.zeros(0)
    return 1.0 / (1.0 + np.exp(np.mean([trees.decision_function(rows) for trees in bags], axis=0)))


def trees_text(bags):
    """As src/amd/trees.rs reads them: the trees of all bags in one sum."""
    base = np.mean([float(np.ravel(trees._baseline_prediction)[0]) for trees in bags])
    every = [tree for trees in bags for (tree,) in trees._predictors]
    lines = [f"{base:.5g} {len(every)}"]
    for tree in every:
        nodes = [str(len(tree.nodes))]
        for at, node in enumerate(tree.nodes):
            if node["is_leaf"]:
                nodes.append(f"-1 {node['value'] / len(bags):.3g}")
            else:
                left, right = int(node["left"]) - at, int(node["right"]) - at
                nodes.append(f"{node['feature_idx']} {node['num_threshold']:.4g} {left} {right}")
        lines.append(" ".join(nodes))
    return "\n".join(lines)


def main(manifest, manifest_rows, model, rule_path, *folders):
    whole_calls = folders.index("--")
    sets = [Calls(f"{folder}/manifest.csv", f"{folder}/calls.f32") for folder in folders if folder != "--"]
    tested = Calls(manifest, manifest_rows)
    whole = fit(gather(sets))
    networks = weights.read(model)[:1]
    networks.append(weights.of_sklearn(*fit_kinds(*(of[::3] for of in gather(sets[:whole_calls])[:2]))))
    with open(model, "w") as file:
        file.write("# Weights of src/amd/model.rs, written by scripts/amd; sources and licences: docs/amd.md.\n")
        file.write("\n".join([*networks, trees_text(whole)]) + "\n")
    print("trained on", sum(len(calls.info) for calls in sets), "calls", flush=True)

    # What the rule is learned of, and the held-out figures: each call by trees that never heard its voices.
    composed = [person(whole, calls.rows) for calls in sets]
    likely = person(whole, tested.rows)
    for group in sorted(set(np.concatenate([calls.group for calls in sets])) - {"-"}):
        trees = fit(gather(sets, without=group))
        for calls, said in [*zip(sets, composed), (tested, likely)]:
            of_group = calls.group[calls.call] == group
            said[of_group] = person(trees, calls.rows[of_group])
        print("judged without its own voices:", group, flush=True)
    rule = Rule()
    for calls, said in zip(sets[:whole_calls], composed):
        rule.learn(calls, said)
    rule.write(rule_path)

    for costs in ((0.3, 0.08), (0.4, 0.08), (0.5, 0.08), (0.8, 0.08), (0.4, 0.2), (0.8, 0.2)):
        print("machine met, a second waited:", costs, summary(simulate(tested, likely, rule.decisions(*costs)), tested), flush=True)
    print(summary(simulate(tested, likely, rule.decisions(0.4, 0.08)), tested, by_group=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
