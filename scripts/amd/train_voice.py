"""Trains the network that tells voice in a frame.

    train_voice.py CALLS ROWS MODEL.txt

CALLS is a folder that compose.py wrote, ROWS what `outdial amd features --voice CALLS/manifest.csv ROWS` wrote.
Replaces the first network of MODEL.txt.
"""

import sys
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import weights

warnings.filterwarnings("ignore")
INPUTS = 9
calls, rows, model = sys.argv[1:]
data = np.fromfile(rows, np.float32).reshape(-1, INPUTS + 2)
truth = np.load(f"{calls}/truth.npz")
truths = [truth[f"arr_{n}"] for n in range(len(truth.files))]
call, frame, inputs = data[:, 0].astype(int), data[:, 1].astype(int), data[:, 2:]
known = np.array([f < len(truths[c]) for c, f in zip(call, frame)])
call, frame, inputs = call[known], frame[known], inputs[known]
speaks = np.array([truths[c][f] for c, f in zip(call, frame)])
tested = call % 5 == 0
scaler = StandardScaler().fit(inputs)
network = MLPClassifier((16,), activation="tanh", max_iter=30, batch_size=2_000, learning_rate_init=3e-3,
                        random_state=1)
network.fit(scaler.transform(inputs[~tested]), speaks[~tested])
says = network.predict(scaler.transform(inputs[tested]))
print(f"voice missed {np.mean(says[speaks[tested] == 1] == 0):.3f}, "
      f"heard in its absence {np.mean(says[speaks[tested] == 0] == 1):.3f}")
networks = weights.read(model)
networks[0] = weights.of_sklearn(scaler, network)
with open(model, "w") as file:
    file.write("# Weights of src/amd/model.rs, written by scripts/amd; sources and licences: docs/amd.md.\n")
    file.write("\n".join(networks) + "\n")
