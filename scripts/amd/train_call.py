"""Trains the trees that tell a person from a recording, the network that tells recordings apart, and the rule
that says when to decide; prints what they do on a
manifest of other recordings, each source judged by trees that never heard its voices.

    train_call.py MANIFEST.csv MANIFEST_ROWS MODEL.txt RULE.txt CALLS...

Each of CALLS is a folder that compose.py wrote, with its rows in CALLS/calls.f32 (`outdial amd features`).
Replaces the second network and the trees of MODEL.txt and writes RULE.txt.
"""

import sys
import warnings

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import weights
from calls import AT, KINDS, Calls
from rule import Rule, simulate, summary

warnings.filterwarnings("ignore")
LIMIT_S = 6.0


def usable(calls):
    rows = calls.rows
    return ((rows[:, AT["heard"]] > 0) & (rows[:, AT["now_s"]] <= LIMIT_S + 0.05)
            & (rows[:, AT["silent_s"]] < 1.7) & (calls.kind[calls.call] >= 0))


def gather(sets, without=None, part=None, share=1.0):
    """Rows and kinds of the calls whose voices are not of a group, or not of a part of all calls."""
    inputs, kinds = [], []
    for calls in sets:
        keep = usable(calls)
        if without:
            keep &= calls.group[calls.call] != without
        if part is not None:
            keep &= calls.call % 3 != part
        if share < 1.0:
            keep &= np.random.default_rng(3).random(len(keep)) < share
        inputs.append(calls.rows[keep])
        kinds.append(calls.kind[calls.call[keep]])
    return np.concatenate(inputs), np.concatenate(kinds)


def fit(job):
    """Trees that give the log-odds of a recording."""
    inputs, kinds = job
    trees = HistGradientBoostingClassifier(max_iter=110, max_leaf_nodes=14, learning_rate=0.12, l2_regularization=10,
                                           min_samples_leaf=300, random_state=1)
    return trees.fit(inputs, kinds != 0)


def fit_kinds(inputs, kinds):
    """A network that tells the kinds of recordings apart."""
    recorded = kinds != 0
    scaler = StandardScaler().fit(inputs[recorded])
    network = MLPClassifier((24,), activation="tanh", alpha=1e-3, max_iter=6, batch_size=1_000,
                            learning_rate_init=2e-3, random_state=1)
    network.fit(np.clip(scaler.transform(inputs[recorded]), -5, 5), kinds[recorded])
    return scaler, network


def person(trees, rows):
    return trees.predict_proba(rows)[:, 0] if len(rows) else np.zeros(0)


def trees_text(trees):
    """As src/amd/trees.rs reads them."""
    base = float(np.ravel(trees._baseline_prediction)[0])
    lines = [f"{base:.5g} {len(trees._predictors)}"]
    for (tree,) in trees._predictors:
        nodes = [str(len(tree.nodes))]
        for at, node in enumerate(tree.nodes):
            if node["is_leaf"]:
                nodes.append(f"-1 {node['value']:.4g}")
            else:
                left, right = int(node["left"]) - at, int(node["right"]) - at
                nodes.append(f"{node['feature_idx']} {node['num_threshold']:.6g} {left} {right}")
        lines.append(" ".join(nodes))
    return "\n".join(lines)


def main(manifest, manifest_rows, model, rule_path, *folders):
    sets = [Calls(f"{folder}/manifest.csv", f"{folder}/calls.f32") for folder in folders]
    tested = Calls(manifest, manifest_rows)
    whole = fit(gather(sets))
    networks = weights.read(model)[:1]
    networks.append(weights.of_sklearn(*fit_kinds(*gather(sets, share=0.4))))
    with open(model, "w") as file:
        file.write("# Weights of src/amd/model.rs, written by scripts/amd; sources and licences: docs/amd.md.\n")
        file.write("\n".join([*networks, trees_text(whole)]) + "\n")
    print("trained on", sum(len(calls.info) for calls in sets), "calls", flush=True)

    rule = Rule()
    for part in range(3):
        trees = fit(gather(sets, part=part, share=0.6))
        for calls in sets:
            rule.learn(calls, person(trees, calls.rows), calls.call % 3 == part)
    rule.write(rule_path)

    likely = person(whole, tested.rows)
    groups = sorted(set(tested.group) & set(np.concatenate([calls.group for calls in sets])))
    for group in groups:
        of_group = tested.group[tested.call] == group
        trees = fit(gather(sets, without=group))
        likely[of_group] = person(trees, tested.rows[of_group])
        print("judged without its own voices:", group, flush=True)
    for costs in ((0.3, 0.1), (0.5, 0.1), (0.8, 0.1), (0.5, 0.2), (0.8, 0.2)):
        print("machine met, a second waited:", costs, summary(simulate(tested, likely, rule.decisions(*costs)), tested), flush=True)
    print(summary(simulate(tested, likely, rule.decisions(0.5, 0.1)), tested, by_group=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
