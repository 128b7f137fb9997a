# SPDX-License-Identifier: MIT
"""The longest context that trains in a memory: PyTorch's recipes and longplay, three sizes of policy.

    bench/run headline [--limits 1024,2048,4096,8192] [--sizes small,medium,large] [--longest-pass 600]
                       [--threads 2] [--out FOLDER]

Each program does one forward and backward pass of the layers in a process of its own, whose data
(RLIMIT_DATA: all memory that it can write, libraries' included) may not exceed the limit. First
passes of doubling lengths, without a limit, say what length to expect (bytes of tensors, and the least
that a process took beside them); then real passes under the limit bisect to one part in 32. Where one
pass would take longer than --longest-pass seconds, the expected length counts, marked ~. Every pass is written to
FOLDER/headline.json at once: what is there is not run again.
"""
import argparse
import glob
import json
import math
import os
import resource
import subprocess
import sys

from program import write_result, write_whole
from side_by_side import machine

MIB = 2**20
SIZES = {  # name: layers, width, heads
    "small": (3, 128, 4),
    "medium": (4, 256, 4),
    "large": (8, 512, 8),
}
LEAN = ["keep=layer_inputs", "tokens_at_once=2048", "query_block=256"]
PROGRAMS = {  # name: recipe of bench/peers/pytorch_layers.py, or arguments of bench_model
    "PyTorch: vanilla": "vanilla",
    "PyTorch: fused, checkpoint": "checkpoint",
    "PyTorch: + tiled feed-forward": "checkpoint_tiled",
    "longplay: as by default": ["keep=layer_inputs_and_attention"],
    "longplay: chunks": LEAN,
    "longplay: chunks, int8": LEAN + ["kept_type=int8"],
}
STEP = 256  # [tokens] lengths are multiples of it
THREADS = 2
PARTS = 32  # of a length that bisection tells apart


def command(program, size, tokens):
    layers, width, heads = SIZES[size]
    kind = PROGRAMS[program]
    if isinstance(kind, list):
        return ["build/release/bench/bench_model", f"layers={layers}", f"width={width}",
                f"heads={heads}", f"context={tokens}", f"threads={THREADS}", "repeats=0", *kind]
    meter = glob.glob("build/release/bench/liblongplay_meter.*")[0]
    return [sys.executable, "bench/peers/pytorch_layers.py", "--recipe", kind, "--layers",
            str(layers), "--width", str(width), "--heads", str(heads), "--context", str(tokens),
            "--threads", str(THREADS), "--repeats", "0", "--meter", meter]


class Passes:
    """Passes that were run, in a file that grows with each."""

    def __init__(self, path):
        self.path, self.content = path, {"machine": machine(), "passes": {}, "cells": {}}
        if os.path.exists(path):
            with open(path) as file:
                self.content = json.load(file)

    def save(self):
        write_result(self.path, self.content)

    def run(self, program, size, tokens, limit):
        """What the program printed, its peak (resident) besides; None where memory was short."""
        key = f"{program}, {size}, {tokens} tokens, {limit or 'no'} limit"
        if key not in self.content["passes"]:
            self.content["passes"][key] = self.call(command(program, size, tokens), limit)
            self.save()
            print(key, self.content["passes"][key], file=sys.stderr, flush=True)
        return self.content["passes"][key]

    @staticmethod
    def call(words, limit):
        def confine():
            if limit:
                resource.setrlimit(resource.RLIMIT_DATA, (limit * MIB, limit * MIB))

        # OpenMP's threads have stacks of 8 MiB that count as data.
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 preexec_fn=confine, env={**os.environ, "OMP_STACKSIZE": "1M"})
        out, error = child.communicate()
        if child.returncode == 0:
            return json.loads(out)
        # Whatever a library says when memory is short; anything else is an error of ours. Where
        # limits are set, a library that could not even be loaded says so in words of its own.
        short = ("memory", "alloc", "failed to map segment", "resource temporarily unavailable",
                 "could not create a primitive")
        if limit and (child.returncode < 0 or any(word in error.lower() for word in short)):
            return None
        sys.exit(f"error: {' '.join(words)}: {error.strip()[-300:]}")


def expected(passes, program, size):
    """(bytes, seconds) as functions of the length, from passes of doubling length without a limit."""
    power = 2 if program.endswith("vanilla") else 1
    # Long beside blocks and chunks; vanilla's scores would not fit.
    lengths = (512, 1024, 2048) if power == 2 else (4096, 8192, 16384)
    runs = [passes.run(program, size, tokens, None) for tokens in lengths]
    # Tensors are counted exactly. What a process takes beside them jumps about with the holes of its
    # heap (PyTorch: 93 to 807 MiB for one policy), so the least of it counts.
    (x, y), (a, b) = [n**power for n in lengths[1:]], [run["peak_bytes"] for run in runs[1:]]
    slope = (b - a) / (y - x)
    fixed = b - slope * y + min(run["process_bytes"] - run["peak_bytes"] for run in runs)
    (m, n), (s, t) = lengths[1:], [run["seconds_per_step"] for run in runs[1:]]
    pairs = max(0.0, (t - s * n / m) / (n * n - m * n))
    each = max(0.0, s / m - pairs * m)
    return (lambda tokens: fixed + slope * tokens**power,
            lambda tokens: each * tokens + pairs * tokens**2,
            lambda bytes: (max(0.0, bytes - fixed) / slope)**(1 / power))


def beside(passes, program, size):
    """[bytes] that a program's data take before its pass: the least limit under which it can run."""
    low, high = 0, 2048  # [MiB]
    while high - low > 4:
        middle = (low + high) // 2
        if passes.run(program, size, STEP, middle) is None:
            low = middle
        else:
            high = middle
    return high * MIB


def bisect(fits, guess):
    """The longest length that fits, to one part in PARTS, from a guess; 0 where not even STEP does."""
    def rounded(tokens):
        return max(STEP, STEP * round(tokens / STEP))
    low, high, tokens = 0, None, rounded(guess)
    while True:
        if fits(tokens):
            low = tokens
        else:
            high = tokens
        if high == STEP:
            return 0
        if high is not None and high - low <= max(STEP, low / PARTS):
            return low
        # Near the guess first: it is usually good to a few percent.
        if high is None:
            tokens = max(low + STEP, rounded(low * (1 + 2 / PARTS)))
        elif low == 0:
            tokens = min(high - STEP, rounded(high * (1 - 2 / PARTS)))
        else:
            tokens = rounded((low + high) / 2)
            if tokens in (low, high):
                return low


def cell(passes, program, size, limit, longest_pass):
    _, seconds, length = expected(passes, program, size)
    own = beside(passes, program, size)
    guess = length(limit * MIB - own) if limit * MIB > own else 0
    guess = STEP * math.floor(guess / STEP)
    if seconds(guess) > longest_pass:
        return {"tokens": guess, "measured": False, "hours_of_a_pass": seconds(guess) / 3600}
    tokens = bisect(lambda n: passes.run(program, size, n, limit) is not None, guess)
    result = {"tokens": tokens, "measured": True, "expected_tokens": guess}
    if tokens > 0:
        result["seconds"] = passes.run(program, size, tokens, limit)["seconds_per_step"]
    return result


def key_of(size, limit, program):
    return f"{size}, {limit} MiB, {program}"


def tables(content, limits, sizes):
    """A table for each size: lengths, and the ratios that arXiv 2305.19370 claims."""
    text = ""
    for size in sizes:
        layers, width, heads = SIZES[size]
        text += f"\n{size}: {layers} layers of width {width}, {heads} heads\n\n"
        text += "| longest context, tokens | " + " | ".join(f"{n} MiB" for n in limits) + " |\n"
        text += "|" + "---|" * (len(limits) + 1) + "\n"
        rows = {program: [content["cells"].get(key_of(size, limit, program)) for limit in limits]
                for program in PROGRAMS}
        for program, cells in rows.items():
            shown = ["" if c is None else ("" if c["measured"] else "~") + f"{c['tokens']:,}"
                     for c in cells]
            text += f"| {program} | " + " | ".join(shown) + " |\n"
        ours, exact = rows["longplay: chunks, int8"], rows["longplay: chunks"]
        for title, mine, peer in (("chunks, int8 ÷ vanilla", ours, "PyTorch: vanilla"),
                                  ("chunks ÷ vanilla", exact, "PyTorch: vanilla"),
                                  ("chunks, int8 ÷ fused, checkpoint", ours,
                                   "PyTorch: fused, checkpoint"),
                                  ("chunks, int8 ÷ + tiled", ours, "PyTorch: + tiled feed-forward")):
            shown = [f"{a['tokens'] / b['tokens']:.1f}" if a and b and b["tokens"] else ""
                     for a, b in zip(mine, rows[peer])]
            text += f"| {title} | " + " | ".join(shown) + " |\n"
    return text


def chart(content, limits, sizes):
    """Bars on a logarithmic scale: a panel for each size, a group for each limit."""
    panel, bar, colours = 300, 9, ["#b0b0b0", "#808080", "#505050", "#9cc3e6", "#2a6fb0", "#123f6b"]
    group = bar * (len(PROGRAMS) + 1)
    panel = max(panel, group * len(limits) + 60)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {panel * len(sizes) + 60} 330" '
             'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
             '<text x="10" y="18" font-size="14">Longest context that trains, tokens '
             '(pale: by shorter passes)</text>']

    def y(tokens):  # 2^8 at the bottom, 2^22 at the top
        return 260 - 15 * (math.log2(max(tokens, 256)) - 8)
    for i, size in enumerate(sizes):
        left = 60 + i * panel
        for power in range(8, 23, 2):
            parts.append(f'<line x1="{left}" x2="{left + panel - 30}" y1="{y(2**power)}" '
                         f'y2="{y(2**power)}" stroke="#e0e0e0"/><text x="{left - 4}" '
                         f'y="{y(2**power) + 4}" text-anchor="end">'
                         f'{f"{2**power // 1024} k" if power >= 10 else 2**power}</text>')
        parts.append(f'<text x="{left}" y="42" font-size="12">{size}</text>')
        for g, limit in enumerate(limits):
            x = left + 10 + g * group
            parts.append(f'<text x="{x}" y="276">{limit} MiB</text>')
            for k, program in enumerate(PROGRAMS):
                found = content["cells"].get(key_of(size, limit, program))
                if found and found["tokens"] > 0:
                    top = y(found["tokens"])
                    parts.append(f'<rect x="{x + k * bar}" y="{top:.0f}" width="{bar - 1}" '
                                 f'height="{260 - top:.0f}" fill="{colours[k]}" '
                                 f'opacity="{1 if found["measured"] else 0.6}"/>')
    for k, program in enumerate(PROGRAMS):
        x, row = 60 + (k % 3) * 200, 296 + 18 * (k // 3)
        parts.append(f'<rect x="{x}" y="{row - 9}" width="10" height="10" fill="{colours[k]}"/>'
                     f'<text x="{x + 14}" y="{row}">{program}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limits", default="1024,2048,4096,8192", help="[MiB]")
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--longest-pass", type=float, default=600, help="[s]")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", default="runs/bench")
    args = parser.parse_args()
    global THREADS
    THREADS = args.threads
    limits, sizes = [int(n) for n in args.limits.split(",")], args.sizes.split(",")
    os.makedirs(args.out, exist_ok=True)
    passes = Passes(f"{args.out}/headline.json")
    for size in sizes:
        for limit in limits:
            for program in PROGRAMS:
                key = key_of(size, limit, program)
                if key not in passes.content["cells"]:
                    passes.content["cells"][key] = cell(passes, program, size, limit,
                                                        args.longest_pass)
                    passes.save()
                print(key, passes.content["cells"][key], file=sys.stderr, flush=True)
    threads = "1 thread" if THREADS == 1 else f"{THREADS} threads"
    text = (f"One forward and backward pass, {threads}, float32, in a process with a limit on its data; "
            f"~ = by the memory of shorter passes. {passes.content['machine']}. Command: `bench/run "
            f"headline`.\n" + tables(passes.content, limits, sizes))
    for name, written in (("md", text), ("svg", chart(passes.content, limits, sizes))):
        write_whole(f"{args.out}/headline.{name}", written)
    print(text)


if __name__ == "__main__":
    main()
