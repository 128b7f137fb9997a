# SPDX-License-Identifier: MIT
"""What does a longer context buy? One part of the study in docs/results/context_length.md.

    bench/run study PART [key=value ...] [--folder F] [--processes N] [--train-only]

PART names configs/study/PART.yaml. Its data are collected if they are not there, `longplay compare`
trains and plays every row (a run that is done is not done again), the trained policies are played
again in the ways of EVALUATIONS, and docs/study/PART.json takes everything down: each row with its
intervals, every return of every run [evaluation seed][episode], the other evaluations run by run, and
what it cost. N processes with one thread each share the work.

--train-only stops when all is trained: on a machine with a GPU, say, whose folder F another one plays.
"""
import argparse
import concurrent.futures
import json
import os

from program import compare, compare_in_parts, longplay

CONFIGS = os.path.abspath("configs/study")
OUT = os.path.abspath("docs/study")
DIGITS = 4  # of returns

GOAL = ["--env", "family/point-goal-v0", "--steps"]
HIDDEN_GOAL = [*GOAL, "640000", "--episodes-per-history"]
VELOCITY = ["--env", "family/cheetah-velocity-v0", "--steps", "640000", "--episodes-per-history"]
DATA = {  # by name: options of `longplay collect`
    **{f"goal_{e}": [*HIDDEN_GOAL, str(e)] for e in (2, 4, 8, 16, 32)},
    "goal_2_fewer": [*GOAL, "160000", "--episodes-per-history", "2"],
    **{f"velocity_{e}": [*VELOCITY, str(e)] for e in (4, 8)},
    "cartpole_4": ["--env", "dm_control/cartpole-swingup-v0", "--steps", "60000", "--learners", "2",
                   "--action-repeat", "4"],
    "walker_4": ["--env", "dm_control/walker-walk-v0", "--steps", "120000", "--learners", "2",
                 "--action-repeat", "4"],
}
NEEDS = {
    "goal_episodes": ["goal_2", "goal_4", "goal_8", "goal_16", "goal_32"],
    "goal_fewer": ["goal_2_fewer"],
    "goal_variants": ["goal_8"],
    "goal_mixers": ["goal_8"],
    "velocity_episodes": ["velocity_4", "velocity_8"],
    "single_tasks": ["cartpole_4", "walker_4"],
}
# Ways of playing again: name, options of `longplay eval`, and the least number of episodes in
# context for which it is another thing. {x} is that share of the best return in the data.
OTHER_CONTEXTS = [("context of another task", ["--last-context", "another_task"], 2),
                  ("context sorted by return", ["--last-context", "sorted"], 3)]
# More episodes than in training, on goals of their own: the idea came from a look at the others.
LONGER = "played for 32 episodes"
PLAY_LONGER = ["--episodes", "32", "--seed", "5000"]
PLAYED_LONGER = (LONGER, PLAY_LONGER, 1)
EVALUATIONS = {
    "goal_episodes": [*OTHER_CONTEXTS, ("mean action", ["--act", "mean"], 1),
                      ("target 0.8", ["--target", "{0.8}"], 1),
                      ("target 1.2", ["--target", "{1.2}"], 1),
                      PLAYED_LONGER,
                      (LONGER + ", the last after another task's",
                       [*PLAY_LONGER, "--last-context", "another_task"], 2)],
    "goal_fewer": [PLAYED_LONGER],
    "goal_mixers": [PLAYED_LONGER],
    "velocity_episodes": [*OTHER_CONTEXTS, ("sampled action", ["--act", "sample"], 1)],
}


def read(path):
    with open(path) as file:
        return json.load(file)


def collect(name, folder):
    """The data set, and beside it what the learner and an oracle earned."""
    summary = os.path.join(folder, name + ".json")
    if not os.path.exists(summary):
        told = longplay("collect", *DATA[name], "--out", name, "--overwrite", folder=folder)
        with open(summary, "w") as file:
            json.dump({"options": DATA[name], **told}, file)
    return read(summary)


def play_again(part, folder, row, runs, evaluation):
    """One evaluation of all training seeds of a row, or nothing where it would be no other one."""
    name, options, least = evaluation
    if row["context_episodes"] < least:
        return None
    asked = read(os.path.join(runs[0], "evaluation.json"))["runs"][0]["target"]
    options = [str(round(float(o[1:-1]) * asked, 6)) if o.startswith("{") else o for o in options]
    file = os.path.join(folder, part, "evaluations",
                        "_".join([row["task"], row["name"], name]).replace(" ", "-") + ".json")
    trained = max(os.path.getmtime(os.path.join(run, "result.json")) for run in runs)
    if not os.path.exists(file) or os.path.getmtime(file) < trained:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        longplay("eval", *runs, *options, "--out", file, folder=folder)
    result = read(file)
    measures = ("first", "last", "mean", "best")
    told = [{m: round(run[m]["mean"], DIGITS) for m in measures} for run in result["runs"]]
    if name == LONGER:
        for run, all_of_it in zip(told, result["runs"]):
            run["by_episode"] = [round(e["mean"], DIGITS) for e in all_of_it["by_episode"]]
    return {"task": row["task"], "row": row["name"], "name": name, "options": options,
            **{m: {key: result[m][key] for key in ("mean", "ci95")} for m in measures},
            "runs": told}


def write(path, sections):
    """JSON with one line for each element of a list."""
    lines = []
    for key, value in sections.items():
        if isinstance(value, list):
            elements = ",\n  ".join(json.dumps(element) for element in value)
            lines.append(f' "{key}": [\n  {elements}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value)}')
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=NEEDS)
    parser.add_argument("--folder", default="runs/study")
    parser.add_argument("--out", help="default: docs/study/PART.json")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--train-only", action="store_true")
    parser.add_argument("settings", nargs="*", help="key=value pairs for longplay compare")
    arguments = parser.parse_intermixed_args()
    part, folder = arguments.part, os.path.abspath(arguments.folder)
    os.makedirs(folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
        data = list(pool.map(lambda name: collect(name, folder), NEEDS[part]))
        config = [os.path.join(CONFIGS, part + ".yaml"), *arguments.settings]
        sharing = {"out": part, "processes": arguments.processes, "folder": folder}
        if arguments.train_only:
            return compare_in_parts(*config, "--train-only", **sharing)
        rows, plan = compare(*config, **sharing)
        made = [{"task": plan["tasks"][run["task"]]["name"] or rows[0]["task"],
                 "row": plan["rows"][run["row"]]["name"], "seed": run["seed"],
                 "budgets": run["budgets"], "folder": os.path.join(folder, part, run["folder"])}
                for run in plan["runs"]]
        again = [(row, [run["folder"] for run in made
                        if (run["task"], run["row"]) == (row["task"], row["name"])], evaluation)
                 for row in rows for evaluation in EVALUATIONS.get(part, [])]
        evaluations = list(pool.map(lambda a: play_again(part, folder, *a), again))
    seconds = {"train": 0, "play": 0}
    for run in made:
        path = run.pop("folder")
        played = read(os.path.join(path, "evaluation.json"))
        seconds["train"] += read(os.path.join(path, "result.json"))["outcome"]["train_seconds"]
        seconds["play"] += played["seconds"]
        run["returns"] = [[round(r, DIGITS) for r in episodes] for episodes in played["returns"]]
    seconds = {key: round(value) for key, value in seconds.items()}
    os.makedirs(OUT, exist_ok=True)
    write(arguments.out or os.path.join(OUT, part + ".json"),
          {"part": part, "settings": arguments.settings, "versions": played["versions"],
           "machine": played["machine"], "thread_seconds": seconds, "data": data, "rows": rows,
           "evaluations": [e for e in evaluations if e], "runs": made})
    for row in rows:
        print(f"{row['task']:24} {row['name']:36} {row['budget']:7} first {row['first']['mean']:8.2f}"
              f"  last {row['last']['mean']:8.2f} {row['last']['ci95']}  best {row['best']['mean']:8.2f}")


main()
