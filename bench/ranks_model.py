# SPDX-License-Identifier: MIT
"""What one training step over a shared chain would take on many GPUs: a model, not a measurement.

    bench/run ranks_model [--layers 24] [--width 2048] [--flops 4e14] [--link 4e11] [--nodes-link 5e10]
                          [--per-node 8] [--memory 139] [--measured docs/results/ranks.json]

A chain of T tokens on R ranks, full causal attention in zigzag order, bfloat16, parallel.context: R. Per rank
and layer, forward and backward (backward computes the layer again, but not its attention):

    pairs      7 T^2 D / R              [operations]  2 forward, 5 backward, over T^2 / 2 visible pairs
    rest       8 * 12 D^2 T / R         [operations]  projections and feed-forward: 2 forward, 2 again, 4 backward
    sent       3/4 (R - 1) / R * 2 T D (2 + 2 + 4)  [bytes] keys and values forward and once more in backward,
               their float32 gradients; blocks travel while others are computed, so the longer of both counts
    gradients  2 (R - 1) / R 4 P        [bytes] P parameters, once a step, not hidden
    kept       layers * T / R * D * (2 or 1)  [bytes] a layer's input each, bfloat16 or int8

--flops: what products reach on one GPU, --link and --nodes-link: bytes a second of one GPU to its neighbour
within a machine and between machines. With --measured the same formulas, with the speed of one process on this
machine put in, stand beside what `bench/run ranks` measured.
"""
import argparse
import json
import os


def cost(tokens, ranks, layers, width, flops, link, keys=2, gradients=4):
    """Seconds of a rank's step: (computing attention, computing the rest, exchange of a layer's ring, gradients)."""
    pairs = 7 * tokens**2 * width / ranks / flops
    rest = 8 * 12 * width**2 * tokens / ranks / flops
    # A rank passes on, of each layer, three quarters of all others' keys and values (zigzag).
    sent = 0.75 * (ranks - 1) / ranks * 2 * tokens * width * (2 * keys + gradients)
    parameters = 12 * width**2 * layers
    return pairs, rest, sent / link, 2 * (ranks - 1) / ranks * 4 * parameters / link


def step(tokens, ranks, layers, width, flops, link):
    pairs, rest, ring, gradients = cost(tokens, ranks, layers, width, flops, link)
    computing = layers * (pairs + rest)
    taken = layers * (max(pairs, ring) + rest) + gradients
    return taken, computing / taken


def duration(seconds):
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86400:.3g} days"


def table(arguments):
    text = ("| tokens | GPUs | a step | of it computing | inputs kept in bfloat16, GiB a GPU | in int8 | fits "
            f"{arguments.memory:g} GiB |\n|---|---|---|---|---|---|---|\n")
    for tokens in (1e6, 4e6, 16e6, 100e6):
        for ranks in (8, 64):
            link = arguments.link if ranks <= arguments.per_node else arguments.nodes_link
            taken, share = step(tokens, ranks, arguments.layers, arguments.width, arguments.flops, link)
            kept = [arguments.layers * tokens / ranks * arguments.width * size / 2**30 for size in (2, 1)]
            # Weights, gradients and two moments in float32, and a fifth for what layers need while they work.
            own = 12 * arguments.width**2 * arguments.layers * 16 / 2**30
            fits = [1.2 * each + own < arguments.memory for each in kept]
            text += (f"| {tokens / 1e6:g} M | {ranks} | {duration(taken)} | {share:.0%} | {kept[0]:.1f} | "
                     f"{kept[1]:.1f} | {'yes' if fits[0] else 'in int8' if fits[1] else 'no'} |\n")
    return text


def check(path):
    """Measured shares of one process's speed beside the model's, on this machine's own speeds."""
    with open(path) as file:
        rows = json.load(file)["rows"]
    text = "| mixer, chains | ranks share | measured | model |\n|---|---|---|---|\n"
    for row in rows:
        if row["way"] == "one process":
            continue
        # Ranks of one thread each compute what one process's threads do; Gloo between processes of one machine
        # moves about 2 GB/s (4 MiB over two ranks in 1.9 ms), which is hidden in the ring and not in gradients.
        base = next(r for r in rows if (r["mixer"], r["chains"], r["way"]) ==
                    (row["mixer"], row["chains"], "one process"))
        seconds = base["tokens"] / base["tokens_per_second"]
        gradients = 4 * 12 * 128**2 * 4 / 2e9
        busy = 1.0
        if row["mixer"] != "attention" and row["way"] == "context":  # states are handed on: U / (U + R - 1)
            units = 4 if row["chains"] == 1 else min(row["chains"], 8)
            busy = units / (units + 1)
        text += (f"| {row['mixer']}, {row['chains']} | {'each chain' if row['way'] == 'context' else 'the chains'} | "
                 f"{row['of_one']:.2f} | {busy * seconds / (seconds + gradients):.2f} |\n")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--flops", type=float, default=4e14)
    parser.add_argument("--link", type=float, default=4e11)
    parser.add_argument("--nodes-link", type=float, default=5e10)
    parser.add_argument("--per-node", type=int, default=8)
    parser.add_argument("--memory", type=float, default=139)
    parser.add_argument("--measured", default="docs/results/ranks.json")
    arguments = parser.parse_args()
    print(table(arguments))
    if os.path.exists(arguments.measured):
        print(check(arguments.measured))


if __name__ == "__main__":
    main()
