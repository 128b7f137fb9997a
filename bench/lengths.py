# SPDX-License-Identifier: MIT
"""What each mixer costs against the length of the context: training speed and memory, an action, a state.

    bench/run lengths [--quick] [--mixers "a;b"] [--contexts 1024,...] [--out FILE.json]

Layers (4 of width 128, float32) go forward and backward once over each context with their chunk's
inputs kept (`keep: layer_inputs`, 4096 tokens at once): tokens/s, and bytes of tensors at the peak for
each token, the sequence itself and its gradient included. Then a policy of the same layers acts with
one merged token a step: milliseconds of an action and bytes of its context. Full attention takes time
with the square of the length and is left out beyond --attention tokens. A measurement that is in FILE
already is not taken again.
"""
import argparse
import json
import os
import subprocess

from program import write_result

THREADS, LAYERS, WIDTH = 2, 4, 128
MIXERS = {
    "attention": [],
    "attention, span 4096": ["model.span=4096"],
    "masformer": ["model.mixer=masformer", "model.masformer_full_layers=1",
                  "model.masformer_span=4096"],
    "mamba": ["model.mixer=mamba"],
    "mamba2": ["model.mixer=mamba2"],
    "taipan": ["model.mixer=taipan", "model.taipan_period=3"],
    "rwkv 4": ["model.mixer=rwkv", "model.rwkv_version=4"],
    "rwkv 7": ["model.mixer=rwkv", "model.rwkv_version=7"],
    "recurrent_memory": ["model.mixer=recurrent_memory"],
    "memsizer": ["model.mixer=memsizer"],
}
QUADRATIC = ("attention", "masformer")


def longplay(command, options, settings):
    out = subprocess.run(["build/release/longplay", "bench", command, "--layers", str(LAYERS),
                          "--width", str(WIDTH), "--threads", str(THREADS), "--json", *options,
                          *settings], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def measure(settings, tokens):
    train = longplay("train", ["--context", str(tokens), "--keep", "layer_inputs",
                               "--tokens-at-once", "4096", "--repeats",
                               str(min(20, 65536 // tokens))], settings)
    act = longplay("rollout", ["--contexts", str(tokens), "--batches", "1", "--packing", "merged",
                               "--tokens", "[return, observation, action, reward, completion]"],
                   settings)["actions"][0]
    return {"tokens_per_second": round(train["tokens_per_second"]),
            "bytes_per_token": round(train["peak_bytes"] / tokens),
            "ms_per_action": round(act["milliseconds_per_action"], 3),
            "state_bytes": act["context_bytes"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--mixers", default=";".join(MIXERS), help="with semicolons between")
    parser.add_argument("--contexts", default="1024,16384,131072,1048576")
    parser.add_argument("--attention", type=int, default=131072)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    contexts = [1024, 4096] if arguments.quick else [int(n) for n in arguments.contexts.split(",")]
    rows = {}
    if arguments.out and os.path.exists(arguments.out):
        with open(arguments.out) as file:
            rows = json.load(file)["rows"]
    for tokens in contexts:
        for name in arguments.mixers.split(";"):
            done = rows.setdefault(name, {})
            if str(tokens) in done or (name in QUADRATIC and tokens > arguments.attention):
                continue
            done[str(tokens)] = measure(MIXERS[name], tokens)
            print(name, tokens, done[str(tokens)], flush=True)
            write_result(arguments.out, {"threads": THREADS, "layers": LAYERS, "width": WIDTH, "rows": rows})


main()
