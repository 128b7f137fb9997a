# SPDX-License-Identifier: MIT
"""Runs the layers of longplay and PyTorch's recipes one after the other, each in its own process,
and writes one table and one chart. Called by bench/run, which sets the paths.

    bench/run             everything (about 40 minutes on 2 cores)
    bench/run --quick     4,096 tokens only (2 minutes)
    bench/run --long      65,536 tokens in full and 1,048,576 with a span (about 15 minutes)
"""
import argparse
import datetime
import glob
import json
import os
import platform
import subprocess
import sys

from program import write_result, write_whole

OURS = [  # name, arguments of bench_model
    ("everything", "keep=everything"),
    ("layer_inputs_and_attention", "keep=layer_inputs_and_attention"),
    ("layer_inputs_and_attention, bfloat16", "keep=layer_inputs_and_attention kept_type=bfloat16"),
    ("layer_inputs_and_attention, int8", "keep=layer_inputs_and_attention kept_type=int8"),
    ("layer_inputs_and_attention, in a file", "keep=layer_inputs_and_attention kept_place=file"),
    ("layer_inputs", "keep=layer_inputs"),
    ("layer_inputs, chunks of 2048", "keep=layer_inputs tokens_at_once=2048"),
    ("layer_inputs, int8, chunks of 2048",
     "keep=layer_inputs kept_type=int8 tokens_at_once=2048 query_block=256"),
]
FEW = [OURS[i] for i in (0, 1, 5, 7)]
SHAPE = "4 layers, width 256, 4 heads, feed-forward 1024, batch 1, full causal attention, 2 threads"


def call(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(command)}: {result.stderr.strip()[-300:]}")
    return json.loads(result.stdout)


def peer(recipe, context, dtype, repeats):
    meter = glob.glob("build/release/bench/liblongplay_meter.*")[0]
    return call([sys.executable, "bench/peers/pytorch_layers.py", "--recipe", recipe, "--context",
                 str(context), "--dtype", dtype, "--repeats", str(repeats), "--meter", meter])


def ours(arguments, context, dtype, repeats):
    return call(["build/release/bench/bench_model", f"context={context}", f"dtype={dtype}",
                 f"repeats={repeats}", *arguments.split()])


def measure(context, dtype, modes, repeats):
    rows = []
    recipes = ["checkpoint", "fused", "checkpoint_tiled"] + ["vanilla"] * (context <= 4096)
    for recipe in recipes:
        rows.append(dict(name=f"PyTorch: {recipe}", **peer(recipe, context, dtype, repeats)))
        print(rows[-1], file=sys.stderr)
    for name, arguments in modes:
        rows.append(dict(name=f"longplay: {name}", **ours(arguments, context, dtype, repeats)))
        print(rows[-1], file=sys.stderr)
    return rows


def table(rows):
    """Speed is beside PyTorch's checkpoint, memory beside the leanest peer."""
    speed = rows[0]["tokens_per_second"]
    peers = [row for row in rows if row["name"].startswith("PyTorch")]
    leanest = {key: min(row[key] for row in peers) for key in ("peak_bytes", "process_bytes")}
    lines = ["| layers | tokens/s | ÷ checkpoint | tensors at the peak, MiB | ÷ leanest peer | "
             "process, MiB | ÷ leanest peer | kept, bytes a token |", "|" + "---|" * 8]
    for row in rows:
        lines.append("| {} | {:.0f} | {:.2f} | {:.0f} | {:.2f} | {:.0f} | {:.2f} | {:.0f} |".format(
            row["name"], row["tokens_per_second"], row["tokens_per_second"] / speed,
            row["peak_bytes"] / 2**20, row["peak_bytes"] / leanest["peak_bytes"],
            row["process_bytes"] / 2**20, row["process_bytes"] / leanest["process_bytes"],
            row["bytes_per_token_kept"]))
    return "\n".join(lines)


def chart(rows, title):
    """Two bars a row: tokens/s and MiB at the peak."""
    left, width, step = 310, 230, 30
    height = 70 + step * len(rows)
    most = max(row["tokens_per_second"] for row in rows), max(row["peak_bytes"] for row in rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + 2 * width + 130} {height}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="100%" height="100%" fill="white"/><text x="10" y="20" font-size="14">{title}'
             '</text>',
             f'<text x="{left}" y="44">tokens/s</text>',
             f'<text x="{left + width + 60}" y="44">tensors at the peak, MiB</text>']
    for i, row in enumerate(rows):
        y = 54 + i * step
        colour = "#b0b0b0" if row["name"].startswith("PyTorch") else "#2a6fb0"
        bars = ((left, row["tokens_per_second"] / most[0], f'{row["tokens_per_second"]:.0f}'),
                (left + width + 60, row["peak_bytes"] / most[1], f'{row["peak_bytes"] / 2**20:.0f}'))
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{row["name"]}</text>')
        for x, share, label in bars:
            parts.append(f'<rect x="{x}" y="{y}" width="{max(1, share * width):.0f}" height="20" '
                         f'fill="{colour}"/><text x="{x + share * width + 4:.0f}" y="{y + 14}">{label}</text>')
    return "\n".join(parts + ["</svg>"])


def long_rows():
    lean = "keep=layer_inputs kept_type=int8 tokens_at_once=2048 query_block=256"
    fast = "keep=layer_inputs_and_attention"
    rows = []
    for context in (16384, 65536):
        for name, arguments in (("layer_inputs_and_attention", fast),
                                ("layer_inputs, int8, chunks of 2048", lean)):
            rows.append(dict(name=f"{context} tokens, {name}", **ours(arguments, context, "float32", 0)))
            print(rows[-1], file=sys.stderr)
    narrow = "layers=1 width=64 span=4096 keep=layer_inputs"
    for name, more in (("whole", ""), ("chunks of 8192", " tokens_at_once=8192")):
        rows.append(dict(name=f"1048576 tokens, span 4096, one layer of width 64, {name}",
                         **ours(narrow + more, 1 << 20, "float32", 0)))
        print(rows[-1], file=sys.stderr)
    return rows


def long_table(rows):
    lines = ["| | tokens/s | seconds | tensors at the peak, MiB | bytes a token at the peak | "
             "process, MiB |", "|" + "---|" * 6]
    for row in rows:
        tokens = int(row["name"].split()[0])
        lines.append("| {} | {:.0f} | {:.1f} | {:.0f} | {:.0f} | {:.0f} |".format(
            row["name"], row["tokens_per_second"], row["seconds_per_step"], row["peak_bytes"] / 2**20,
            row["peak_bytes"] / tokens, row["process_bytes"] / 2**20))
    return "\n".join(lines)


def machine():
    with open("/proc/cpuinfo") as info:
        name = next((line.split(":")[1].strip() for line in info if line.startswith("model name")),
                    platform.machine())
    return f"{name}, {os.cpu_count()} cores, {datetime.date.today().isoformat()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--out", default="runs/bench")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    header = f"{SHAPE}; one forward and backward pass, parameter gradients included. {machine()}."
    if args.long:
        results = {"long": long_rows()}
        text = f"{machine()}. Command: `bench/run --long`.\n\n{long_table(results['long'])}\n"
    else:
        plan = [(4096, "float32", FEW)]
        if not args.quick:
            plan += [(16384, "float32", OURS), (16384, "bfloat16", FEW)]
        results = {f"{T} tokens, {dtype}": measure(T, dtype, modes, 2) for T, dtype, modes in plan}
        text = f"{header} Command: `./dev bench{' --quick' if args.quick else ''}`.\n"
        for name, rows in results.items():
            text += f"\n{name}:\n\n{table(rows)}\n"
        widest = list(results)[0 if args.quick else 1]
        write_whole(f"{args.out}/layers.svg", chart(results[widest], f"{widest}: {SHAPE}"))
    stem = "long" if args.long else "layers"
    write_result(f"{args.out}/{stem}.json", dict(machine=machine(), shape=SHAPE, results=results))
    write_whole(f"{args.out}/{stem}.md", text)
    print(text)


if __name__ == "__main__":
    main()
