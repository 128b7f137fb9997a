# SPDX-License-Identifier: MIT
"""Training speed of Mamba and Mamba-2 layers: longplay beside Hugging Face's plain CPU path.

    bench/run mixers [--quick] [--out FILE.json]

Layers of one stack (norm, mixer, residual), float32, the same threads, alternating turns in one run;
the median turn counts. Mamba's plain path keeps a loop over tokens in its graph, whose backward grows
with the square of the length (more than nine minutes at 4096 tokens): there our forward and backward
stand beside its forward alone, and beside its forward and backward at 512 tokens. Mamba-2's runs with
the chunk that is fastest for it here (64) and with its default (256).
"""
import argparse
import json
import os
import statistics
import subprocess
import time

from program import write_result

os.environ.setdefault("HF_HUB_OFFLINE", "1")
THREADS, LAYERS, TOKENS = 2, 2, 4096


def longplay(mixer, width, tokens, keep):
    out = subprocess.run(
        ["build/release/longplay", "bench", "train", "--mixer", mixer, "--width", str(width),
         "--layers", str(LAYERS), "--context", str(tokens), "--keep", keep, "--tokens-at-once",
         "2048", "--threads", str(THREADS), "--repeats", "3", "--json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(out)["tokens_per_second"]


def peer(mixer, width, tokens, chunk=64, backward=True):
    import torch
    from transformers import Mamba2Config, Mamba2Model, MambaConfig, MambaModel
    torch.set_num_threads(THREADS)
    if mixer == "mamba":
        model = MambaModel(MambaConfig(vocab_size=8, hidden_size=width, state_size=16,
                                       num_hidden_layers=LAYERS, use_cache=False))
    else:
        model = Mamba2Model(Mamba2Config(vocab_size=8, hidden_size=width, state_size=64,
                                         head_dim=64, num_heads=2 * width // 64, n_groups=1,
                                         chunk_size=chunk, num_hidden_layers=LAYERS,
                                         use_cache=False))
    times = []
    for _ in range(2):
        x = torch.randn(1, tokens, width, requires_grad=backward)
        start = time.perf_counter()
        with torch.set_grad_enabled(backward):
            y = model(inputs_embeds=x, use_cache=False).last_hidden_state.mean()
        if backward:
            y.backward()
        times.append(time.perf_counter() - start)
    return tokens / min(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    rounds, widths = (1, [128]) if arguments.quick else (3, [128, 256])
    peers = {"mamba": {"forward_alone": dict(tokens=TOKENS, backward=False),
                       "512_tokens": dict(tokens=512)},
             "mamba2": {"chunk_64": dict(tokens=TOKENS, chunk=64),
                        "chunk_256_default": dict(tokens=TOKENS, chunk=256)}}
    rows = []
    for mixer, cases in peers.items():
        for width in widths:
            ours = {"everything": [], "layer_inputs": []}
            theirs = {case: [] for case in cases}
            for _ in range(rounds):
                for keep in ours:
                    ours[keep].append(longplay(mixer, width, TOKENS, keep))
                for case, options in cases.items():
                    theirs[case].append(peer(mixer, width, **options))
            rows.append({
                "mixer": mixer, "width": width, "tokens": TOKENS,
                "longplay": {keep: round(statistics.median(v)) for keep, v in ours.items()},
                "hugging_face": {case: round(statistics.median(v)) for case, v in theirs.items()},
                "ratio": {case: round(statistics.median(
                    a / b for a, b in zip(ours["everything"], v)), 2) for case, v in theirs.items()}})
            print(json.dumps(rows[-1]), flush=True)
    import transformers
    result = {"threads": THREADS, "layers": LAYERS,
              "versions": {"transformers": transformers.__version__}, "tokens_per_second": rows}
    write_result(arguments.out, result)


main()
