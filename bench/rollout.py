# SPDX-License-Identifier: MIT
"""One action of a 3-layer, 128-wide policy over (return, observation, action) tokens: longplay's
cached contexts beside Hugging Face's DecisionTransformerModel, which computes the context anew.

    bench/run rollout [--quick] [--out FILE.json]

Both in float32 on the same threads, in alternating turns of one run; the median turn counts.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

from program import write_result

os.environ.setdefault("HF_HUB_OFFLINE", "1")
OBSERVATIONS, ACTIONS, PEER_CONTEXT, THREADS = 17, 6, 1000, 2


def longplay(contexts, batches, extra=()):
    out = subprocess.run(
        ["build/release/longplay", "bench", "rollout", "--contexts", ",".join(map(str, contexts)),
         "--batches", ",".join(map(str, batches)), "--threads", str(THREADS), "--json", *extra],
        check=True, capture_output=True, text=True).stdout
    return json.loads(out)["actions"]


def shares():
    out = subprocess.run(
        ["build/release/longplay", "bench", "rollout", "--env", "dm_control/walker-walk-v0",
         "--threads", str(THREADS), "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def peer(repeats):
    """Milliseconds of one action by full recomputation over PEER_CONTEXT time steps."""
    import torch
    from transformers import DecisionTransformerConfig, DecisionTransformerModel
    torch.set_num_threads(THREADS)
    model = DecisionTransformerModel(DecisionTransformerConfig(
        state_dim=OBSERVATIONS, act_dim=ACTIONS, hidden_size=128, n_layer=3, n_head=1,
        max_ep_len=4096, n_positions=3 * PEER_CONTEXT + 8)).eval()
    N = PEER_CONTEXT
    inputs = dict(states=torch.randn(1, N, OBSERVATIONS), actions=torch.randn(1, N, ACTIONS),
                  rewards=torch.randn(1, N, 1), returns_to_go=torch.randn(1, N, 1),
                  timesteps=torch.arange(N).unsqueeze(0), attention_mask=torch.ones(1, N))
    times = []
    with torch.no_grad():
        for _ in range(repeats + 1):
            start = time.perf_counter()
            model(**inputs)
            times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    contexts = [20, 100, 500, 1000, 2000] if arguments.quick else [20, 100, 500, 1000, 2000, 4000, 8000]
    rounds, repeats = (1, 3) if arguments.quick else (3, 7)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(longplay([PEER_CONTEXT], [1])[0]["milliseconds_per_action"])
        theirs.append(peer(repeats))
    import transformers
    result = {
        "threads": THREADS, "versions": {"transformers": transformers.__version__},
        "one_action": {"context": PEER_CONTEXT, "longplay_ms": statistics.median(ours),
                       "hugging_face_ms": statistics.median(theirs),
                       "ratio": statistics.median(b / a for a, b in zip(ours, theirs))},
        "actions": longplay(contexts, [1, 8, 64]), "shares": shares()}
    print(json.dumps(result, indent=1))
    write_result(arguments.out, result)


main()
