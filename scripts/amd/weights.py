"""Networks as the text that src/amd/model.rs reads."""

import numpy as np


def numbers(mean, scale, layers):
    """One network: inputs, their standard, layers as (weights inputs x outputs, biases)."""
    lines = [str(len(mean)), " ".join(f"{a:.5g} {b:.5g}" for a, b in zip(mean, scale)), str(len(layers))]
    for weights, biases in layers:
        lines.append(str(weights.shape[1]))
        for output in range(weights.shape[1]):
            row = [biases[output], *weights[:, output]]
            lines.append(" ".join(f"{value:.4g}" for value in row))
    return "\n".join(lines)


def read(path):
    """The networks of a file; comments and what follows the networks (trees) are left out."""
    tokens = [t for line in open(path) if not line.startswith("#") for t in line.split()]
    at, networks = 0, []
    while at < len(tokens) and len(networks) < 2:
        start = at
        inputs = int(tokens[at])
        at += 1 + 2 * inputs
        layers = int(tokens[at])
        at += 1
        for _ in range(layers):
            outputs = int(tokens[at])
            at += 1 + outputs * (inputs + 1)
            inputs = outputs
        networks.append(" ".join(tokens[start:at]))
    return networks


def of_sklearn(scaler, network):
    layers = [(np.asarray(w), np.asarray(b)) for w, b in zip(network.coefs_, network.intercepts_)]
    return numbers(scaler.mean_, 1.0 / scaler.scale_, layers)
