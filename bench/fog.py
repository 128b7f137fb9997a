# SPDX-License-Identifier: MIT
"""How long a context each mixer can use: excess over the limit of family/fog-v0 (docs/explanation/fog.md).

    bench/run fog [--estimate] [--hours H] [--mixers "a;b"] [--contexts 1000,16000] [--drifts 0,1e-5]
                  [--seeds N] [--folder F] [--out FILE.json] [key=value ...]

A cell is a mixer, a drift, a training seed and a context length. Its policy is trained on episodes of
that length (Recurrent Memory on ever longer ones up to it), from the policy of the next shorter context
(the first from a fresh one; --contexts takes in all that are shorter), and scored by `longplay excess` at
contexts up to 100 times as long, --steps at most. Cells run from the cheapest to the dearest of one seed,
then the next seed's, --processes at a time with one thread each. A cell that is done is not done again, one
that was stopped goes on; --hours is the time of threads that may be spent, by
estimates of what is left: what does not fit is left out and said. --estimate only measures what each cell
would cost. FILE holds all cells; a mixer, drift and seed of which it holds every context asked for is not run again, even where
--folder is another one.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import threading

from program import longplay, positive, processor_seconds, write_result, write_whole

CONFIG = os.path.abspath("configs/fog.yaml")
MIXERS = {  # settings, and whether the time of a token grows with the context
    "attention": ({"model.mixer": "attention"}, True),
    "attention of 1,000 tokens": ({"model.mixer": "attention", "model.span": 1000}, False),
    "MASFormer": ({"model.mixer": "masformer", "model.masformer_span": 1000}, True),
    "Mamba": ({"model.mixer": "mamba"}, False),
    "Mamba-2": ({"model.mixer": "mamba2"}, False),
    "Taipan": ({"model.mixer": "taipan", "model.taipan_period": 1,
                "model.taipan_span": 1000}, False),
    "RWKV-4": ({"model.mixer": "rwkv", "model.rwkv_version": 4}, False),
    "RWKV-7": ({"model.mixer": "rwkv", "model.rwkv_version": 7}, False),
    "Recurrent Memory": ({"model.mixer": "recurrent_memory", "model.memory_segment": 256}, False),
    "MemSizer": ({"model.mixer": "memsizer"}, False),
}
# What a context adds, stage by stage: length of the episodes, optimiser steps, tokens of each, learning rate.
# Longer ones only refine.
TRAINING = {
    1000: [(1000, 600, 16000, 2e-3)],
    16000: [(16000, 200, 64000, 1e-3)],
    128000: [(128000, 60, 128000, 1e-4)],
    1000000: [(1000000, 20, 1000000, 1e-4)],
}
# A memory that is written anew for each segment does not survive a jump to sixteen times as many: lengths double,
# as in its paper (arXiv 2304.11062), with equal tokens.
DOUBLING = {
    "Recurrent Memory": {
        16000: [(2000, 50, 64000, 1e-3), (4000, 50, 64000, 1e-3), (8000, 50, 64000, 7e-4),
                (16000, 50, 64000, 7e-4)],
        128000: [(32000, 20, 128000, 3e-4), (64000, 20, 128000, 2e-4), (128000, 20, 128000, 1e-4)]},
}
SHORT = 16000    # longest context that a mixer whose time grows is trained at
SCORED = 100000  # ... and scored at
BEYOND = 100     # contexts are scored up to so many times the one of training
PASSES = 3       # that are timed
SEED = 1000000   # of the first episode scored: settings are tried on those of `longplay excess` itself


def contexts_up_to(text):
    """Each starts from the next shorter one: all up to the longest of the list."""
    asked = text.split(",")
    known = list(map(str, TRAINING))
    if not set(asked) <= set(known):
        raise argparse.ArgumentTypeError(f"expected some of {','.join(known)}, got {text}")
    return [context for context in TRAINING if context <= max(map(int, asked))]


def drifts_of(text):
    try:
        drifts = text.split(",")
        if all(0 <= float(drift) <= 1 for drift in drifts):
            return drifts
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expected numbers from 0 to 1, got {text}")


def stages_of(mixer, context):
    return DOUBLING.get(mixer, {}).get(context, TRAINING[context])


# All stages of all mixers: those of one length share a data set, whichever of them comes first.
STAGES = [stage for mixer in MIXERS for context in TRAINING for stage in stages_of(mixer, context)]


def settings_of(mixer, stage):
    """key=value of a stage's model and schedule."""
    length, steps, tokens, rate = stage
    values = {**MIXERS[mixer][0], "train.steps": steps, "train.tokens_per_step": tokens,
              "train.learning_rate": rate, "train.warmup_steps": max(10, steps // 20)}
    if length > SHORT:
        values["model.tokens_at_once"] = 4096
    return [f"{key}={value}" for key, value in values.items()]


def longest_scored(mixer, context, steps):
    longest = min(steps, BEYOND * context)
    return min(longest, SCORED) if MIXERS[mixer][1] else longest


def scored_steps(steps, episodes, most=256):
    """Steps of all episodes of `longplay excess`, about: each length costs the same until `most`."""
    total = 0
    while True:
        total += steps * episodes
        if episodes >= most or steps <= 1:
            return total
        steps, episodes = max(1, steps // 4), min(most, 4 * episodes)


class Costs:
    """[s] of one thread for each cell, from a few passes of this machine. Time of the processor: other
    work beside it changes little."""

    def __init__(self, arguments):
        self.arguments, self.path = arguments, os.path.join(arguments.folder, "costs.json")
        self.speeds = {}
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.speeds = json.load(file)

    def speed(self, mixer, context):
        """Tokens a second of training; a mixer with a state has the speed of 16,000 at any length."""
        if not MIXERS[mixer][1]:
            context = min(context, SHORT)
        key = f"{mixer} {context}"
        if key not in self.speeds:
            model = [f"{k}={v}" for k, v in MIXERS[mixer][0].items()]
            batch, before = SHORT // context, processor_seconds()
            longplay("bench", "train", "--context", str(context), "--batch", str(batch), "--layers",
                     "2", "--width", "64", "--heads", "2", "--keep", "layer_inputs", "--threads", "1",
                     "--repeats", str(PASSES), *model, "model.mamba2_head_width=32",
                     "model.rwkv_head_width=32")
            # One pass more than those that are timed; the start of the program is in it as well.
            tokens = (PASSES + 1) * batch * context
            self.speeds[key] = round(tokens / (processor_seconds() - before))
            write_result(self.path, self.speeds)
        return self.speeds[key]

    def of(self, mixer, context):
        """Training and scoring; forward alone takes about a third."""
        longest = longest_scored(mixer, context, self.arguments.steps)
        speed = self.speed(mixer, context)
        training = sum(steps * max(tokens, length)
                       for length, steps, tokens, _ in stages_of(mixer, context)) / speed
        if MIXERS[mixer][1]:
            # A token's time grows with the length: each length costs a quarter of the one before.
            slower = longest / SHORT
            scored = 4 / 3 * self.arguments.episodes * longest
            return training, slower * scored / (3 * self.speed(mixer, SHORT))
        return training, scored_steps(longest, self.arguments.episodes) / (3 * speed)


def data_of(length, drift):
    return f"fog_{drift}_{length}.hdf5"


def collect(arguments, length, drift):
    """A data set of episodes of this length, and as many steps as a stage takes at most."""
    name = data_of(length, drift)
    if not os.path.exists(os.path.join(arguments.folder, name)):
        taken = max(steps * tokens for own, steps, tokens, _ in STAGES if own == length)
        episodes = max(16, min(taken, 16000000) // length)
        longplay("collect", "--env", f"family/fog-v0?drift={drift}&steps={length}", "--steps",
                 str(episodes * length), "--out", name, "--seed", str(length), "--overwrite",
                 "--resume", folder=arguments.folder)


def made_by(arguments):
    """What cells of one study share."""
    return {"settings": arguments.settings, "steps": arguments.steps, "episodes": arguments.episodes}


USUAL = {"settings": [], "steps": 1000000, "episodes": 2}


def folder_of(arguments, cell):
    """Of a cell's runs and score; what another study makes stands apart."""
    drift, seed, mixer, _ = cell
    made = made_by(arguments)
    other = "" if made == USUAL else hashlib.sha256(json.dumps(made).encode()).hexdigest()[:8]
    return os.path.join(other, f"drift_{drift}", f"seed_{seed}", mixer.replace(" ", "_").replace(",", ""))


def is_done(arguments, cell):
    return os.path.exists(os.path.join(arguments.folder, folder_of(arguments, cell), f"{cell[3]}.json"))


def run_cell(arguments, cell):
    """Trains and scores, as far as it is not done; the score."""
    drift, seed, mixer, context = cell
    name = folder_of(arguments, cell)
    score = os.path.join(name, f"{context}.json")
    if not is_done(arguments, cell):
        before = [str(shorter) for shorter in TRAINING if shorter < context][-1:]
        for stage in stages_of(mixer, context):
            length = stage[0]
            run = str(context) if length == context else f"{context}_{length}"
            settings = [*settings_of(mixer, stage), f"data.files=[{data_of(length, drift)}]",
                        f"train.seed={seed}"]
            if before:
                settings.append(f"train.start_from={os.path.join(name, before[0])}")
            before, out = [run], os.path.join(name, run)
            resume = ["--resume"] if os.path.exists(os.path.join(arguments.folder, out)) else []
            longplay("train", CONFIG, *settings, *arguments.settings, "--out", out, *resume,
                     folder=arguments.folder)
        longplay("excess", os.path.join(name, str(context)), "--steps",
                 str(longest_scored(mixer, context, arguments.steps)), "--episodes", str(arguments.episodes),
                 "--seed", str(SEED), "--out", score, folder=arguments.folder)
    with open(os.path.join(arguments.folder, score)) as file:
        told = json.load(file)
    return {"mixer": mixer, "drift": float(drift), "seed": seed, "context": context,
            "excess": told["excess"]}


def known_cells(parser, arguments):
    """{(drift, seed, mixer, context): result} of FILE, which may hold nothing but cells of this study."""
    if not os.path.exists(arguments.out):
        return {}
    try:
        with open(arguments.out) as file:
            held = json.load(file)
        made = {**USUAL, **{key: held[key] for key in USUAL if key in held}}
        cells = {(result["drift"], result["seed"], result["mixer"], result["context"]): result
                 for result in held["cells"]}
    except (KeyError, TypeError, ValueError):
        made, cells = "a file of something else", {}
    if made != made_by(arguments):
        parser.error(f"--out: {arguments.out}: expected cells made by {made_by(arguments)}, got {made}")
    return cells


def contexts_of(arguments, mixer):
    return [context for context in arguments.contexts if context <= SHORT or not MIXERS[mixer][1]]


def cells_of(arguments, costs, known):
    """(drift, seed, mixer, context), each with the seconds that it still takes, behind those that it
    starts from."""
    cells = []
    for seed in range(arguments.seeds):
        own = [(cell, 0 if is_done(arguments, cell) else sum(costs.of(mixer, context)))
               for drift in arguments.drifts for mixer in arguments.mixers
               if any((float(drift), seed, mixer, context) not in known
                      for context in contexts_of(arguments, mixer))
               for context in contexts_of(arguments, mixer)
               for cell in [(drift, seed, mixer, context)]]
        cells += sorted(own, key=lambda cell: (cell[0][3], cell[1]))
    return cells


def affordable(cells, hours):
    """Those that fit, in their order; one that starts from a cell that does not fit is left out."""
    left, out, kept = hours * 3600, set(), []
    for cell, seconds in cells:
        family = cell[:3]
        if family in out or seconds > left:
            out.add(family)
            continue
        left -= seconds
        kept.append(cell)
    return kept


def print_costs(arguments, costs):
    print(f"{'mixer':28}" + "".join(f"{context:>22}" for context in arguments.contexts))
    for mixer in arguments.mixers:
        line = f"{mixer:28}"
        for context in arguments.contexts:
            if context not in contexts_of(arguments, mixer):
                line += f"{'':>22}"
                continue
            train, score = costs.of(mixer, context)
            line += f"{f'{train:.0f} s + {score:.0f} s':>22}"
        print(line)


def write(arguments, results):
    lines = ",\n  ".join(json.dumps(result) for result in results)
    made = json.dumps(made_by(arguments))[1:-1]
    write_whole(arguments.out, "{" + made + ', "cells": [\n  ' + lines + "\n]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--estimate", action="store_true")
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--mixers", type=lambda text: text.split(";"), default=list(MIXERS))
    parser.add_argument("--contexts", type=contexts_up_to, default=list(TRAINING))
    parser.add_argument("--drifts", type=drifts_of, default=["0", "1e-5"])
    parser.add_argument("--seeds", type=positive, default=3)
    parser.add_argument("--steps", type=positive, default=USUAL["steps"], help="longest context scored")
    parser.add_argument("--episodes", type=positive, default=USUAL["episodes"],
                        help="of the longest context scored")
    parser.add_argument("--folder", default="runs/fog_study")
    parser.add_argument("--processes", type=positive, default=os.cpu_count())
    parser.add_argument("--out", default="docs/study/fog.json")
    parser.add_argument("settings", nargs="*", help="key=value pairs for longplay train")
    arguments = parser.parse_intermixed_args()
    for mixer in arguments.mixers:
        if mixer not in MIXERS:
            parser.error(f"--mixers: expected some of {'; '.join(MIXERS)}, got {mixer}")
    arguments.folder = os.path.abspath(arguments.folder)
    os.makedirs(arguments.folder, exist_ok=True)
    costs, known = Costs(arguments), known_cells(parser, arguments)
    cells = cells_of(arguments, costs, known)
    chosen = affordable(cells, arguments.hours)
    print_costs(arguments, costs)
    whole = sum(seconds for _, seconds in cells) / 3600
    print(f"{len(cells)} cells still take {whole:.1f} hours of one thread, {len(chosen)} of them fit "
          f"into {arguments.hours:g}")
    if arguments.estimate:
        return
    for length, drift in dict.fromkeys(
            (stage[0], drift) for drift, _, mixer, context in chosen for stage in stages_of(mixer, context)):
        collect(arguments, length, drift)
    # One family (drift, seed, mixer) in order, families side by side.
    families, lock = {}, threading.Lock()
    for cell in chosen:
        families.setdefault(cell[:3], []).append(cell)

    def run_family(own):
        for cell in own:
            result = run_cell(arguments, cell)
            with lock:
                known[result["drift"], result["seed"], result["mixer"], result["context"]] = result
                write(arguments, sorted(known.values(), key=lambda r: (
                    r["drift"], r["mixer"], r["context"], r["seed"])))
            last = result["excess"][-1]
            print(*cell, f"excess {last['mean']:.3g} at {last['step']}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
        for done in [pool.submit(run_family, own) for own in families.values()]:
            done.result()


main()
