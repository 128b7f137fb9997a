# SPDX-License-Identifier: MIT
"""Policies on published tasks, as docs/published/protocol.md says: one part of its tables.

    bench/run published PART [--choose] [--data F] [--seeds N] [--rows "a;b"] [--folder F] [--out FILE.json] [key=value ...]

PART names configs/literature/PART.yaml, whose rows stand in PARTS below. Every row is trained --seeds times
(in stages, each from the policy of the one before), one seed of all rows after the other, then plays every test task in
contexts of E episodes, then its controls. Data that are not given are collected (Point-Robot's are not ours to ship: --data
names the converted file). What is done is not done again, neither what is done in --folder nor the seeds that FILE holds (with
another --out everything is), and training that was stopped goes on. Processes may share a folder: start the same command once
for each core. With --choose it plays held-out training tasks instead, which --data must not hold: settings are chosen on them.
These runs, and those with key=value, have folders of their own. FILE holds every return; means and 95 % intervals over
training seeds are printed.
"""
import argparse
import fcntl
import glob
import hashlib
import json
import os
import random
import re
import subprocess
import sys

from program import longplay, positive, processor_seconds, write_whole

CONFIGS = os.path.abspath("configs/literature")
RESAMPLES = 10000
DIGITS = 4  # of returns
# Evaluations of training seed k begin at seed (k + 1) times this: no two of them share draws, nor do test
# tasks with those that settings are chosen on.
SEEDS, CHOOSING_SEEDS = 1000000, 1000
PLAIN = "chain.symmetry=none"
SEQUENCE = "train.method=sequence"
DPT = [SEQUENCE, "chain.query_fraction=0.1", "chain.loss=last", "evaluate.act=sample"]


def grid_rows(name):
    """Of the dark room `name`: settings, and for some a config and data of their own."""
    labelled = {"config": name + "_dpt.yaml", "data": "walks"}
    return {
        "DPT, labels of an oracle": {"settings": [], **labelled},
        "values": [],
        "algorithm distillation": [SEQUENCE, "evaluate.act=sample"],
        "DPT, best tenth of histories": [*DPT, "chain.skip=1", "chain.order=shuffled"]}


LABELLED_POINTS = {
    "settings": [], "config": "point_robot_dpt.yaml", "data": "labels",
    # First the geometry, from much context; then what little of it tells.
    "stages": [[], ["chain.episodes=2", "train.steps=2000", "train.learning_rate=1e-3"]]}

PARTS = {
    "point_robot": {
        "config": "point_robot.yaml", "data": "point_robot.hdf5",
        "tests": range(45, 50),
        # The second stage learns from shorter chains, of which the first episode is half.
        "stages": [["chain.episodes=8", "train.tokens_per_step=5120", "train.steps=1500"],
                   ["chain.episodes=2", "train.tokens_per_step=2560", "train.steps=800",
                    "train.learning_rate=1e-3"]],
        # Far from the start and near it; docs/published/protocol.md says why these.
        "choose": (0, 16, 25, 28, 38, *range(40, 45)),
        "draws": 8,  # contexts of each task
        "rows": {
            "values, turned and mirrored": [],
            "values": [PLAIN],
            "values, random maps": [PLAIN, "chain.random_maps=0.5"],
            "DPT, labels of rewards, turned and mirrored": LABELLED_POINTS,
            "DPT, labels of rewards": {**LABELLED_POINTS, "settings": [PLAIN]},
            "DPT, turned and mirrored": DPT,
            "DPT": [*DPT, PLAIN],
            "ascending returns": [SEQUENCE, PLAIN, "chain.order=ascending_return", "evaluate.act=mean",
                                  "chain.tokens=[return,observation,action,reward,completion]"],
            "IQL without context": ["train.method=iql", "evaluate.act=mean"]}},
    "dark_room": {
        "config": "dark_room.yaml",
        # Eight goals are left out to choose settings on. Histories: two of 400 episodes of each goal.
        "collect": {
            "histories": {"config": "dark_room.yaml", "steps": 80000,
                          "env": "literature/dark-room-v0?task={}",
                          "tasks": range(80), "choose": range(72)},
            "walks": {"config": "dark_room_walks.yaml", "steps": 2400000,
                      "env": "literature/dark-room-v0?start=random&task={}",
                      "tasks": ["0-79"], "choose": ["0-71"]}},
        "choose": range(72, 80), "tests": range(80, 100), "stages": [[]], "draws": 4,
        "rows": grid_rows("dark_room")},
    "cheetah_vel": {
        "config": "cheetah_vel_dpt.yaml",
        # A file holds all tasks: one learner is told them, and searches them untold.
        "collect": {
            "histories": {"config": "cheetah_vel_search.yaml", "steps": 409600,
                          "env": "literature/cheetah-vel-v0?task={}",
                          "tasks": ["0-44"], "choose": ["0-34"]}},
        "choose": range(35, 45), "tests": range(45, 50), "stages": [[]], "draws": 8,
        "rows": {
            "DPT, labels of a runner": [],
            # The searcher's own actions, in its order.
            "algorithm distillation": ["data.labels=", "chain.order=collected"]}},
    "dark_key_to_door": {
        "config": "dark_key_to_door.yaml",
        # Histories: one of 1,000 episodes of each of the list's first 200 pairs; the next 20 to choose on.
        "collect": {
            "histories": {"config": "dark_key_to_door.yaml", "steps": 50000,
                          "env": "literature/dark-key-to-door-v0?task={}",
                          "tasks": range(200), "choose": range(200)},
            "walks": {"config": "dark_key_to_door_walks.yaml", "steps": 2400000,
                      "env": "literature/dark-key-to-door-v0?start=random&limit=100&task={}",
                      "tasks": ["220-6232"], "choose": ["220-6232"]}},
        "choose": range(200, 220), "tests": range(6233, 6561), "stages": [[]], "draws": 1,
        "rows": grid_rows("dark_key_to_door")},
}


def row_of(part, name):
    """A row's settings, config and kind of data."""
    row = part["rows"][name]
    usual = {"config": part["config"], "data": "histories", "stages": part["stages"]}
    return {**usual, **(row if isinstance(row, dict) else {"settings": row})}


def read(path):
    with open(path) as file:
        return json.load(file)


def write(path, value):
    """With the returns of a context in one line."""
    write_whole(path, re.sub(
        r"\[[^\[\]{}]*\]", lambda found: json.dumps(json.loads(found[0]), separators=(",", ":")),
        json.dumps(value, indent=1)))


def mean(values):
    return sum(values) / len(values)


def interval(values):
    """95 % percentile bootstrap of the mean; nothing of fewer than four."""
    if len(values) < 4:
        return None
    draw = random.Random(0)
    means = sorted(mean(draw.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return [means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]]


def play(run, part_name, tasks, draws, seed, *options):
    """{task: returns [draw][episode]}, each task in contexts of its own. Consecutive tasks are played in one call, whose
    seeds from a multiple of their number on have one after the other."""
    returns, groups = {}, []
    for task in tasks:
        if groups and groups[-1][-1] == task - 1:
            groups[-1].append(task)
        else:
            groups.append([task])
    for group in groups:
        count = len(group)
        first = -(-seed // count) * count
        told = longplay(
            "eval", run, "--env",
            f"literature/{part_name.replace('_', '-')}-v0?task={group[0]}-{group[-1]}&draw=in_turn",
            "--seed", str(first), "--seeds", str(count * draws), *options,
            "--out", os.path.join(run, "published_play.json"))
        played = [[round(value, DIGITS) for value in episodes] for episodes in told["returns"]]
        returns |= {str(task): played[place::count] for place, task in enumerate(group)}
        seed = first + count * draws
    return returns


def make_once(path, make):
    """The file, made by the first of all processes that ask for it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        if not os.path.exists(path):
            make()
    return path


def label(arguments, part):
    """The given data with the best actions beside them."""
    out = os.path.join(part_folder(arguments), "labels.hdf5")
    data = collect(arguments, part, "histories")[0]
    return make_once(out, lambda: subprocess.run(
        [sys.executable, "scripts/label_point_robot.py", data, out], check=True))


def given_data(arguments, part):
    """The file that takes the place of collected ones; None where they are collected."""
    if arguments.data or "collect" not in part:
        return os.path.abspath(arguments.data or os.path.join(arguments.folder, part["data"]))
    return None


def collect(arguments, part, kind):
    """Files of the part's own data of this kind, or the one that it is given."""
    if kind == "labels":
        return [label(arguments, part)]
    if given := given_data(arguments, part):
        return [given]
    data = part["collect"][kind]
    folder = os.path.join(arguments.folder, arguments.part + ("_data" if kind == "histories" else "_" + kind))
    files = []
    for number, task in enumerate(data["choose" if arguments.choose else "tasks"]):
        out = os.path.join(folder, f"task_{task}.hdf5")
        files.append(make_once(out, lambda: longplay(
            "collect", "--config", os.path.join(CONFIGS, "collect", data["config"]), "--env",
            data["env"].format(task), "--steps", str(data["steps"]), "--seed", str(number),
            "--out", out, "--resume", "--overwrite")))
    return files


def train(arguments, part, row, run, seed):
    """Every stage from the policy of the one before, as far as it is not done; the run of the last."""
    settings = row["settings"]
    data, before = ",".join(collect(arguments, part, row["data"])), None
    stages = [[]] if "train.method=iql" in settings else row["stages"]
    for number, stage in enumerate(stages):
        out = os.path.join(run, f"stage_{number}")
        if not os.path.exists(os.path.join(out, "trained")):
            start = processor_seconds()
            resume = ["--resume"] if os.path.exists(os.path.join(out, "checkpoints")) else []
            start_from = [f"train.start_from={before}"] if before else []
            longplay("train", os.path.join(CONFIGS, row["config"]), f"data.files=[{data}]", *settings,
                     *stage, *start_from, *arguments.settings, f"train.seed={seed}", "--out", out, *resume)
            with open(os.path.join(out, "trained"), "w") as file:
                # Of training that was stopped the first part is not known.
                file.write("unknown" if resume else f"{processor_seconds() - start:.0f}\n")
        before = out
    return before


def part_folder(arguments):
    """Of runs with these settings that play these tasks."""
    settings = hashlib.sha256(" ".join(arguments.settings).encode()).hexdigest()[:8]
    return os.path.join(arguments.folder, arguments.part + ("_choose" if arguments.choose else "")
                        + ("_" + settings if arguments.settings else ""))


def folder_of(arguments, row):
    return os.path.join(part_folder(arguments), row.replace(" ", "_").replace(",", ""))


def written_rows(arguments):
    """Those of FILE."""
    return read(arguments.out)["rows"] if os.path.exists(arguments.out) else {}


def known_runs(arguments, row, written):
    """{seed: run} of the row: those that are written, and those done in the folder."""
    runs = {run["seed"]: run for run in written.get(row, {"runs": []})["runs"]}
    for file in glob.glob(os.path.join(folder_of(arguments, row), "seed_*", "published.json")):
        run = read(file)
        runs[run["seed"]] = run
    return runs


def finish_run(arguments, part, row, seed):
    """One training seed of a row, as far as it is not done."""
    run = os.path.join(folder_of(arguments, row), f"seed_{seed}")
    result = os.path.join(run, "published.json")
    os.makedirs(os.path.dirname(run), exist_ok=True)
    with open(run + ".claim", "w") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another process is at it
        if seed in known_runs(arguments, row, written_rows(arguments)):
            return
        policy = train(arguments, part, row_of(part, row), run, seed)
        before = processor_seconds()
        chosen = part["choose" if arguments.choose else "tests"]
        first = (CHOOSING_SEEDS if arguments.choose else SEEDS) * (seed + 1)

        def played(*options):
            return play(policy, arguments.part, chosen, part["draws"], first, *options)

        tasks = played()
        controls = {} if arguments.choose else {
            "another task's context": played("--last-context", "another_task"),
            "independent tries": played("--context", "one_episode")}
        write(result, {"row": row, "seed": seed, "first_evaluation_seed": first, "tasks": tasks,
                       "controls": controls,
                       "thread_seconds": {"train": seconds_of(run),
                                          "play": round(processor_seconds() - before)}})


def seconds_of(run):
    """Of all stages; none where that is not known."""
    stages = []
    for stage in glob.glob(os.path.join(run, "stage_*", "trained")):
        with open(stage) as file:
            stages.append(file.read().strip())
    return None if "unknown" in stages else sum(map(int, stages))


def by_episode(tasks):
    """[E] means over draws, then over tasks."""
    per_task = [[mean(episode) for episode in zip(*draws)] for draws in tasks.values()]
    return [mean(episode) for episode in zip(*per_task)]


def told(value):
    ends = "" if value[1] is None else f" [{value[1][0]:.2f}, {value[1][1]:.2f}]"
    return f"{value[0]:.2f}{ends}"


def summary(runs):
    """Each figure with its interval over training seeds."""
    curves = [by_episode(run["tasks"]) for run in runs]
    figures = {"first": [curve[0] for curve in curves], "last": [curve[-1] for curve in curves]}
    if runs[0]["controls"]:
        other = [by_episode(run["controls"]["another task's context"])[-1] for run in runs]
        figures["last behind another task's context, less as played"] = [
            swapped - curve[-1] for swapped, curve in zip(other, curves)]
        figures["best of independent tries"] = [
            mean([mean([max(draw) for draw in draws])
                  for draws in run["controls"]["independent tries"].values()]) for run in runs]
    result = {name: [mean(values), interval(values)] for name, values in figures.items()}
    result["by_episode"] = [mean(values) for values in zip(*curves)]
    result["last_by_task"] = {
        task: mean([mean([draw[-1] for draw in run["tasks"][task]]) for run in runs])
        for task in runs[0]["tasks"]}
    return result


def check_out(parser, arguments, part):
    """FILE may hold nothing but runs of this part with these settings, on these tasks."""
    if not os.path.exists(arguments.out):
        return
    try:
        held = read(arguments.out)
        runs = [run for row in held["rows"].values() for run in row["runs"]]
        tasks = {tuple(map(int, run["tasks"])) for run in runs}
        others = [f"part {held['part']}"] if held["part"] != arguments.part else []
        others += [f"settings {held['settings']}"] if held["settings"] != arguments.settings else []
        if tasks - {tuple(part["choose" if arguments.choose else "tests"])}:
            others += ["other tasks (with --choose it plays those of training)"]
    except (KeyError, TypeError, ValueError, AttributeError):
        others = ["a file of something else"]
    if others:
        parser.error(f"--out: {arguments.out}: expected runs of part {arguments.part} with settings "
                     f"{arguments.settings} on its tasks, got {'; '.join(others)}")


def check_data(parser, arguments, part):
    """Data that nothing collects are there."""
    given = given_data(arguments, part)
    if given and not os.path.isfile(given):
        parser.error(f"--data: expected a file, got none at {given}" + (
            "" if "collect" in part else " (scripts/point_robot_to_hdf5.py makes it of the published ones)"))


def report(arguments, part):
    rows, written = {}, written_rows(arguments)
    for row in part["rows"]:
        known = known_runs(arguments, row, written)
        runs = [known[seed] for seed in sorted(known)]
        if not runs:
            continue
        rows[row] = {"settings": row_of(part, row)["settings"], "runs": runs, "summary": summary(runs)}
        if row not in arguments.rows:
            continue
        figures = rows[row]["summary"]
        print(f"{row} ({len(runs)} of {arguments.seeds} seeds)")
        for name in figures:
            if name not in ("by_episode", "last_by_task"):
                print(f"  {name:52} {told(figures[name])}")
        print("  by episode  " + " ".join(f"{value:.2f}" for value in figures["by_episode"]))
        tasks = figures["last_by_task"].items()
        if len(tasks) <= 10:
            print("  last by task  " + ", ".join(f"{task}: {value:.2f}" for task, value in tasks))
    write(arguments.out, {"part": arguments.part, "settings": arguments.settings, "rows": rows})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--data")
    parser.add_argument("--seeds", type=positive, default=5)
    parser.add_argument("--rows", type=lambda text: text.split(";"))
    parser.add_argument("--folder", default="runs/published")
    parser.add_argument("--out", help="default: docs/published/PART.json")
    parser.add_argument("--choose", action="store_true",
                        help="play the held-out training tasks in place of the test tasks")
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("settings", nargs="*", help="key=value pairs for longplay train")
    arguments = parser.parse_intermixed_args()
    part = PARTS[arguments.part]
    arguments.folder = os.path.abspath(arguments.folder)
    arguments.rows = arguments.rows or list(part["rows"])
    name = arguments.part + ("_choose" if arguments.choose else "")
    arguments.out = os.path.abspath(arguments.out or os.path.join("docs/published", name + ".json"))
    for row in arguments.rows:
        if row not in part["rows"]:
            parser.error(f"--rows: expected some of {'; '.join(part['rows'])}, got {row}")
    check_out(parser, arguments, part)
    if not arguments.report_only:
        check_data(parser, arguments, part)
        for seed in range(arguments.seeds):
            for row in arguments.rows:
                finish_run(arguments, part, row, seed)
                report(arguments, part)
    report(arguments, part)


main()
