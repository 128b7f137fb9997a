# SPDX-License-Identifier: MIT
"""Forward and backward of Mamba and Mamba-2 layers: longplay beside Hugging Face's plain CPU path.

    bench/run mixers [--quick] [--out FILE.json]

Layers of one stack (norm, mixer, residual), float32, the same threads, alternating turns in one run;
the median turn counts.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
THREADS, LAYERS = 2, 2


def longplay(mixer, width, tokens, keep):
    out = subprocess.run(
        ["build/release/longplay", "bench", "train", "--mixer", mixer, "--width", str(width),
         "--layers", str(LAYERS), "--context", str(tokens), "--keep", keep, "--tokens-at-once",
         str(tokens if keep == "everything" else 1024), "--threads", str(THREADS), "--repeats", "2",
         "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["tokens_per_second"]


def peer(mixer, width, tokens, repeats):
    import torch
    from transformers import Mamba2Config, Mamba2Model, MambaConfig, MambaModel
    torch.set_num_threads(THREADS)
    if mixer == "mamba":
        model = MambaModel(MambaConfig(vocab_size=8, hidden_size=width, state_size=16,
                                       num_hidden_layers=LAYERS, use_cache=False))
    else:
        model = Mamba2Model(Mamba2Config(vocab_size=8, hidden_size=width, state_size=64,
                                         head_dim=64, num_heads=2 * width // 64, n_groups=1,
                                         chunk_size=64, num_hidden_layers=LAYERS, use_cache=False))
    times = []
    for _ in range(repeats + 1):
        x = torch.randn(1, tokens, width, requires_grad=True)
        start = time.perf_counter()
        model(inputs_embeds=x, use_cache=False).last_hidden_state.mean().backward()
        times.append(time.perf_counter() - start)
    return tokens / min(times[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    rounds, widths = (1, [128]) if arguments.quick else (3, [128, 256])
    rows = []
    for mixer in ("mamba", "mamba2"):
        for width in widths:
            ours, lean, theirs = [], [], []
            for _ in range(rounds):
                ours.append(longplay(mixer, width, 4096, "everything"))
                lean.append(longplay(mixer, width, 4096, "layer_inputs"))
                theirs.append(peer(mixer, width, 4096, 1))
            rows.append({"mixer": mixer, "width": width, "tokens": 4096,
                         "longplay": round(statistics.median(ours)),
                         "longplay_recomputed": round(statistics.median(lean)),
                         "hugging_face": round(statistics.median(theirs)),
                         "ratio": round(statistics.median(a / b for a, b in zip(ours, theirs)), 2)})
            print(rows[-1], flush=True)
    import transformers
    result = {"threads": THREADS, "layers": LAYERS,
              "versions": {"transformers": transformers.__version__}, "tokens_per_second": rows}
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")


main()
