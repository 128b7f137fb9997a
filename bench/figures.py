# SPDX-License-Identifier: MIT
"""The figures and tables of docs/results/context_length.md, docs/explanation/fog.md and of the README, from what `bench/run
study`, `bench/run fog` and `bench/run published` took down.

    bench/run figures [NAME ...]

Writes docs/study/NAME.svg and prints the table beside each. Parts of the study that were not run are
left out. Intervals are 95 % percentile intervals of a bootstrap over training runs, paired where two
rows have the same seeds.
"""
import json
import os
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

FOLDER = "docs/study"
BUDGETS = {"steps": "gradient steps", "tokens": "tokens"}
RESAMPLES = 10000
PLACES = [1, 2, 4, 8, 16, 32]
SHORTEST = "2 episodes"  # of the chains with a context
LONGER = "played for 32 episodes"
LONGER_CONTROL = LONGER + ", the last after another task's"
COLOURS = {"context": "#1f5fa8", "longer": "#2a9d6f", "tries": "#c75b12", "control": "#888888",
           "oracle": "#222222"}


def read(part, folder=FOLDER):
    path = os.path.join(folder, part + ".json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def interval(values):
    """Mean of one number for each training run, with its interval."""
    values = np.asarray(values, float)
    draws = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(1), [2.5, 97.5])
    return values.mean(), low, high


def text(estimate, digits=1):
    mean, low, high = estimate
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def returns(study, task=None, row=None, budget="steps"):
    """[training run][evaluation seed, episode], in the order of training seeds."""
    runs = [run for run in study["runs"] if budget in run["budgets"]
            and task in (None, run["task"]) and row in (None, run["row"])]
    return [np.array(run["returns"]) for run in sorted(runs, key=lambda run: run["seed"])]


def played_again(study, name, measure="last", task=None, row=None):
    """[training run] or nothing."""
    for evaluation in study["evaluations"]:
        if (evaluation["name"] == name and task in (None, evaluation["task"])
                and row in (None, evaluation["row"])):
            return np.array([run[measure] for run in evaluation["runs"]])
    return None


def less_reference(study, row, task=None, budget="equal gradient steps"):
    """What `longplay compare` found: the row's measure less the reference's, paired by seed."""
    for found in study["rows"]:
        if found["name"] == row and found["budget"] == budget and task in (None, found["task"]):
            difference = found["difference_to_reference"]
            return difference and (difference["mean"], *(difference.get("ci95") or difference["range"]))
    return None


def best_of(tries, count):
    """Of one run's independent tries [seed, episode]: the mean best of `count` of them."""
    groups = tries.shape[1] // count
    return tries[:, :groups * count].reshape(len(tries), groups, count).max(2).mean()


def table(head, lines):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    print()


def save(figure, name):
    figure.tight_layout()
    figure.savefig(os.path.join(FOLDER, name + ".svg"), metadata={"Date": None})
    plt.close(figure)


def draw(axis, xs, estimates, label, colour, **style):
    means, low, high = np.array(estimates).T
    axis.plot(xs, means, label=label, color=colour, marker="o", markersize=3.5, **style)
    axis.fill_between(xs, low, high, color=colour, alpha=0.18, linewidth=0)


def legend_above(axis):
    axis.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0, 1.08), ncols=2)


def episodes_in(task):
    return int(task.split()[0])


def against_length(study, axis, title):
    """Return of the last episode against the episodes in context; the numbers behind it."""
    tasks = sorted({run["task"] for run in study["runs"]}, key=episodes_in)
    alone = returns(study, "1 episode")
    level = [run.mean() for run in alone]
    oracle = study["data"][0]["oracle_return"]
    lengths = [episodes_in(task) for task in tasks if episodes_in(task) <= alone[0].shape[1]]
    last, other, tries, lines = [], [], [], []
    for task, length in zip(tasks, lengths):
        runs = level if length == 1 else [run[:, -1].mean() for run in returns(study, task)]
        control = played_again(study, "context of another task", task=task)
        last.append(interval(runs))
        other.append(interval(runs if control is None else control))
        tries.append(interval([best_of(run, length) for run in alone]))
        gap = [(value - one) / (oracle - one) for value, one in zip(runs, level)]
        ahead = [value - best_of(run, length) for value, run in zip(runs, alone)]
        lines.append([str(length), text(last[-1]), text(interval(100 * np.array(gap)), 0) + " %",
                      text(tries[-1]), text(interval(ahead)), "" if control is None else text(other[-1])])
    draw(axis, lengths, last, "trained on E episodes: the last", COLOURS["context"])
    longer = played_again(study, LONGER, "by_episode", task=SHORTEST)
    if longer is not None:
        draw(axis, lengths, [interval(longer[:, length - 1]) for length in lengths],
             f"trained on {SHORTEST}: the E-th of 32", COLOURS["longer"])
    draw(axis, lengths, tries, "one-episode policy: best of E tries", COLOURS["tries"])
    draw(axis, lengths, other, "context of another task", COLOURS["control"], linestyle=":")
    axis.axhline(oracle, color=COLOURS["oracle"], linestyle="--", linewidth=1, label="oracle")
    axis.set_xscale("log", base=2)
    axis.set_xticks(lengths, [str(length) for length in lengths])
    axis.set_xlabel("E, episodes in context or tries")
    axis.set_ylabel("return")
    axis.set_title(title)
    return lines


def context_length():
    parts = [(read("goal_episodes"), "hidden goal"),
             (read("velocity_episodes"), "hidden velocity (HalfCheetah)")]
    parts = [(study, title) for study, title in parts if study]
    if not parts:
        return
    figure, axes = plt.subplots(1, len(parts), figsize=(5.2 * len(parts), 3.9), squeeze=False)
    for (study, title), axis in zip(parts, axes[0]):
        lines = against_length(study, axis, title)
        print(title, f"(oracle {study['data'][0]['oracle_return']:.1f})\n")
        table(["E", "last of E in context", "share of the gap to the oracle",
               "best of E independent tries", "in context less best of tries",
               "context of another task"], lines)
    legend_above(axes[0][0])
    save(figure, "context_length")


def by_episode():
    """Each policy's returns within its context, dotted where that is longer than in training."""
    study = read("goal_episodes")
    if not study:
        return
    figure, axis = plt.subplots(figsize=(5.6, 3.9))
    tasks = sorted({run["task"] for run in study["runs"]}, key=episodes_in)
    shades = plt.get_cmap("viridis")(np.linspace(0.85, 0.1, len(tasks)))
    lines = []
    for task, shade in zip(tasks, shades):
        length = episodes_in(task)
        runs = played_again(study, LONGER, "by_episode", task=task)
        for xs, style, label in ((range(1, length + 1), "-", f"trained on {task}"),
                                 (range(length, runs.shape[1] + 1), ":", None)):
            draw(axis, xs, [interval(runs[:, x - 1]) for x in xs], label, shade, linestyle=style)
        control = played_again(study, LONGER_CONTROL, task=task)
        lines.append([str(length), *[text(interval(runs[:, x - 1])) for x in PLACES],
                      "" if control is None else text(interval(control))])
    fewer = read("goal_fewer")
    if fewer:
        runs = played_again(fewer, LONGER, "by_episode")
        lines.append(["2, 4,000 goals", *[text(interval(runs[:, x - 1])) for x in PLACES], ""])
    axis.axhline(study["data"][0]["oracle_return"], color=COLOURS["oracle"], linestyle="--",
                 linewidth=1, label="oracle")
    axis.set_xscale("log", base=2)
    axis.set_xticks(PLACES, [str(x) for x in PLACES])
    axis.set_xlabel("episode in context (dotted: more than in training)")
    axis.set_ylabel("return")
    legend_above(axis)
    print("hidden goal, return by episode of the context\n")
    table(["trained on E", *[f"episode {x}" for x in PLACES], "episode 32 after another task's"],
          lines)
    save(figure, "by_episode")


def played_again_table():
    """The last episode when the same policies are played in other ways."""
    for part in ("goal_episodes", "velocity_episodes"):
        study = read(part)
        if not study:
            continue
        names = list(dict.fromkeys(e["name"] for e in study["evaluations"]
                                   if not e["name"].startswith(LONGER)))
        lines = []
        for task in sorted({run["task"] for run in study["runs"]}, key=episodes_in):
            alone = episodes_in(task) == 1  # then all are tries alike
            as_trained = [run.mean() if alone else run[:, -1].mean() for run in returns(study, task)]
            measure = "mean" if alone else "last"
            again = [played_again(study, name, measure, task=task) for name in names]
            lines.append([str(episodes_in(task)), text(interval(as_trained)),
                          *["" if runs is None else text(interval(runs)) for runs in again]])
        print(part, "\n")
        table(["E", "as above", *names], lines)


def rows_figure(part, name, reference, more=None):
    """Last episodes of the rows of a comparison, and what each is worth beside the first one. `more`
    gives further cells of a row by their heads."""
    study = read(part)
    if not study:
        return
    rows = list(dict.fromkeys(run["row"] for run in study["runs"]))
    figure, axis = plt.subplots(figsize=(6, 0.45 * len(rows) + 1.2))
    lines = []
    for i, row in enumerate(rows):
        runs = returns(study, row=row)
        last = [run[:, -1].mean() for run in runs]
        estimate = interval(last)
        axis.barh(i, estimate[0], color=COLOURS["context"], alpha=0.75)
        axis.plot(last, [i] * len(last), "k.", markersize=4)
        difference = less_reference(study, row)
        lines.append([row, text(interval([run[:, 0].mean() for run in runs])), text(estimate),
                      text(difference) if difference else ""])
        cells = more(study, row) if more else {}
        lines[-1] += cells.values()
    axis.set_yticks(range(len(rows)), rows)
    axis.invert_yaxis()
    axis.set_xlabel("return of the last episode (points: training seeds)")
    save(figure, name)
    print(part, "\n")
    table(["", "first episode", "last episode", f"less {reference}", *cells], lines)


# The same mixers in bench/recall.py: how far back a cue is remembered, after equal training.
RECALL_NAMES = {"attention of two episodes": "attention of 64 tokens"}


def mixer_cells(study, name):
    row = next(row for row in study["rows"] if row["name"] == name)
    with open("docs/bench/recall.json") as file:
        recall = json.load(file)["mixers"][RECALL_NAMES.get(name, name)]
    return {"episode 32, played for 32": text(interval(played_again(study, LONGER, row=name))),
            "ms per action": f"{row['milliseconds_per_action']:.2f}",
            "bytes of context": str(row["state_bytes"]),
            "a token": f"{row['state_bytes'] / row['action_context']:.0f}",
            "remembers a cue for, decisions": str(recall["longest"])}


def single_tasks():
    study = read("single_tasks")
    if not study:
        return
    measures = {"first": lambda r: r[:, 0].mean(), "last": lambda r: r[:, -1].mean(),
                "mean": lambda r: r.mean(), "best of 16": lambda r: r.max(1).mean()}
    tasks = list(dict.fromkeys(run["task"] for run in study["runs"]))
    figure, axes = plt.subplots(1, len(tasks), figsize=(5.2 * len(tasks), 4.2))
    for task, axis in zip(tasks, axes):
        lines, labels, reference = [], [], None
        # Most rows have one run for both budgets.
        for row, budgets in dict.fromkeys((run["row"], tuple(run["budgets"]))
                                          for run in study["runs"] if run["task"] == task):
            runs = returns(study, task, row, budgets[0])
            name = row + (" (equal tokens)" if budgets == ("tokens",) else "")
            estimates = [interval([f(run) for run in runs]) for f in measures.values()]
            reference = reference or row
            difference = less_reference(study, row, task, f"equal {BUDGETS[budgets[0]]}")
            lines.append([name, *[text(e, 0) for e in estimates],
                          text(difference, 0) if difference else "", str(len(runs))])
            for i, (measure, estimate) in enumerate(zip(measures, estimates)):
                colour = list(COLOURS.values())[i]
                position = len(labels) + 0.17 * (i - 1.5)
                axis.plot(estimate[0], position, "o", color=colour, markersize=4,
                          label=measure if not labels else None)
                axis.plot(estimate[1:], [position] * 2, color=colour, linewidth=1.2)
            labels.append(name)
        axis.set_yticks(range(len(labels)), labels if axis is axes[0] else [""] * len(labels))
        axis.invert_yaxis()
        axis.set_title(task)
        axis.set_xlabel("return")
        print(task, "\n")
        table(["", *measures, f"last, less {reference}", "training seeds"], lines)
    axes[-1].legend(fontsize=8, frameon=False)
    save(figure, "single_tasks")


def fog_variance(drift, steps, sigma=30):
    """v of the Kalman filter after so many readings (docs/explanation/fog.md)."""
    kept, p, v = (1 - drift) ** 2, 1.0, 1.0
    for _ in range(steps):
        v = p * sigma ** 2 / (p + sigma ** 2)
        p = kept * v + drift * (2 - drift)
    return v


def fog():
    """Excess over the limit of family/fog-v0 against the length of the context, one panel for each
    drift and training length, with the least of a window as long as in training; and where each mixer
    is within 10 % of the limit."""
    study = read("fog")
    if not study:
        return
    cells = study["cells"]
    drifts = sorted({cell["drift"] for cell in cells})
    contexts = sorted({cell["context"] for cell in cells})
    mixers = list(dict.fromkeys(cell["mixer"] for cell in cells))
    figure, axes = plt.subplots(len(drifts), len(contexts), sharex=True, sharey=True, squeeze=False,
                                figsize=(3.6 * len(contexts) + 1, 3.2 * len(drifts) + 0.6))
    lines = []
    for drift, row in zip(drifts, axes):
        for context, axis in zip(contexts, row):
            for number, mixer in enumerate(mixers):
                runs = [cell["excess"] for cell in cells if (cell["drift"], cell["context"],
                                                             cell["mixer"]) == (drift, context, mixer)]
                if not runs:
                    continue
                steps = [place["step"] for place in runs[0]]
                # Of the training seeds: the median, from the least to the largest.
                means = np.array([[place["mean"] for place in run] for run in runs])
                middle = np.median(means, 0)
                axis.plot(steps, middle, color=f"C{number % 10}", label=mixer, linewidth=1.2)
                axis.fill_between(steps, means.min(0), means.max(0), color=f"C{number % 10}",
                                  alpha=0.15, linewidth=0)
                good = [step for step, value in zip(steps, middle) if value <= 0.1]
                at = {step: f"{value:.2g}" for step, value in zip(steps, middle)}
                lines.append([f"{drift:g}", f"{context:,}", mixer, str(len(runs)),
                              f"{good[-1]:,}" if good else "", at.get(1000, ""), at.get(10000, ""),
                              at.get(100000, ""), at.get(1000000, "")])
            ends = [place for cell in cells if cell["drift"] == drift for place in cell["excess"]]
            idle = {place["step"]: place["zero_action"] for place in ends}
            axis.plot(sorted(idle), [idle[step] for step in sorted(idle)], "k:", linewidth=1,
                      label="action 0")
            # From the last readings alone, as many as in training.
            best, limits = fog_variance(drift, context), {place["step"]: place["limit"] for place in ends}
            beyond = [step for step in sorted(limits) if step > context]
            axis.plot(beyond, [best / (-limits[step] / 2) - 1 for step in beyond], "k--", linewidth=1,
                      label="window of the\ntrained length")
            axis.axhline(0.1, color="#888888", linewidth=0.7, linestyle="--")
            axis.axvline(context, color="#888888", linewidth=0.7)
            axis.set_xscale("log")
            axis.set_yscale("log")
            axis.set_title(f"drift {drift:g}, trained on {context:,}", fontsize=9)
        row[0].set_ylabel("excess over the limit")
    for axis in axes[-1]:
        axis.set_xlabel("readings in context")
    # One legend for all: a panel may lack some mixers.
    handles = {label: handle for axis in axes.flat
               for handle, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), fontsize=7, frameon=False, loc="center right")
    figure.tight_layout(rect=(0, 0, 1 - 1.4 / figure.get_figwidth(), 1))
    figure.savefig(os.path.join(FOLDER, "fog.svg"), metadata={"Date": None})
    plt.close(figure)
    table(["drift", "trained on", "mixer", "seeds", "within 10 % up to", "excess at 1,000", "10,000",
           "100,000", "1,000,000"], lines)


# Of each published task: the row that is drawn, what one earns that is told, and published rows.
PUBLISHED = {
    "point_robot": ("Point-Robot", "DPT, labels of rewards, turned and mirrored", -2.98,
                    {"T2DA, told in words": -7.2, "AD": -15.8, "standing still": -17.5}),
    "cheetah_vel": ("Cheetah-Vel", "DPT, labels of a runner", None,
                    {"S-ICQL": -35.5, "AD": -67.4, "best constant speed": -91}),
    "dark_room": ("Dark-Room", "DPT, labels of an oracle", 90.9,
                  {"S-ICQL": 66.05, "AD": 42.72, "standing still": 0}),
    "dark_key_to_door": ("Dark Key-to-Door", "DPT, labels of an oracle", 2, {"standing still": 0}),
}


def published():
    """Returns on test tasks against the episode in context, beside published rows."""
    figure, axes = plt.subplots(1, len(PUBLISHED), figsize=(3 * len(PUBLISHED), 2.9))
    for axis, (part, (title, row, told, others)) in zip(axes, PUBLISHED.items()):
        study = read(part, "docs/published")
        if not study:
            axis.axis("off")
            continue
        runs = study["rows"][row]["runs"]
        # [training seed, episode], each test task alike.
        curves = np.array([np.mean([np.mean(draws, 0) for draws in run["tasks"].values()], 0)
                           for run in runs])
        episodes = np.arange(1, curves.shape[1] + 1)
        axis.fill_between(episodes, curves.min(0), curves.max(0), color=COLOURS["context"], alpha=0.2,
                          linewidth=0)
        axis.plot(episodes, curves.mean(0), "o-", color=COLOURS["context"], markersize=3)
        tries = np.mean([[np.max(draws, 1).mean() for draws in run["controls"]["independent tries"].values()]
                         for run in runs])
        marks = {**({"told: the optimum": told} if told is not None else {}),
                 f"best of {len(episodes)} tries": tries, **others}
        for name, value in marks.items():
            style = ("--", COLOURS["tries"]) if "tries" in name else (":", COLOURS["oracle"])
            axis.axhline(value, linestyle=style[0], color=style[1], linewidth=0.9)
            axis.annotate(name, (1, value), xycoords=("axes fraction", "data"), xytext=(2, 0),
                          textcoords="offset points", fontsize=6.5, va="center", color=style[1])
        axis.set_title(f"{title} ({len(runs)} seeds)", fontsize=9)
        axis.set_xlabel("episode in context")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel("return on test tasks")
    save(figure, "published")


FIGURES = {"published": published, "context_length": context_length, "by_episode": by_episode,
           "played_again": played_again_table,
           "variants": lambda: rows_figure("goal_variants", "variants", "in order of time"),
           "mixers": lambda: rows_figure("goal_mixers", "mixers", "attention", mixer_cells),
           "single_tasks": single_tasks, "fog": fog}


def main():
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "longplay", "font.size": 9,
                         "font.family": "sans-serif", "axes.spines.top": False,
                         "axes.spines.right": False})
    unknown = set(sys.argv[1:]) - set(FIGURES)
    if unknown:
        sys.exit(f"figures.py: expected names among {', '.join(FIGURES)}, got {', '.join(unknown)}")
    for name in sys.argv[1:] or FIGURES:
        FIGURES[name]()


main()
