# SPDX-License-Identifier: MIT
"""How soon the goal of the dark room is found by who acts from the exact posterior: no network, no data.

    bench/run published_search [--walks 400]

A walker that does not know the goal draws each action with the probability that an oracle would take it, over the
goals that are left; once it was at the goal it goes there straight. What is varied: how an oracle breaks ties
(along x first, or drawn), for how many steps one draw lasts (evaluate.draw_every: the noise of the draw stays while the
probabilities change), and whether cells that were seen without a reward are ruled out. Contexts are of four episodes,
as in configs/literature/dark_room_dpt.yaml. docs/published/tries.md has the table.
"""
import argparse
import math
import random

from program import positive

SIZE, STEPS, EPISODES, WINDOW = 10, 100, 8, 4
CELLS = {(x, y) for x in range(SIZE) for y in range(SIZE)}
MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0, 0))
ROWS = [("first along x", 1, False), ("first along x", 1, True), ("first along x", 5, True),
        ("drawn", 1, False), ("drawn", 1, True), ("drawn", 3, True), ("drawn", 5, True),
        ("drawn", 8, True), ("drawn", 12, True)]


def best_moves(cell, goal):
    """Numbers of the moves that bring one nearer; staying is the best at the goal."""
    along_x = [0 if goal[0] > cell[0] else 1] if goal[0] != cell[0] else []
    along_y = [2 if goal[1] > cell[1] else 3] if goal[1] != cell[1] else []
    return along_x + along_y or [4]


def weights(cell, goals, ties):
    result = [1e-4] * len(MOVES)  # a network never says never
    for goal in goals:
        moves = best_moves(cell, goal)
        if ties == "first along x":
            moves = moves[:1]
        for move in moves:
            result[move] += 1 / len(moves)
    return result


def gumbel(draw):
    return [-math.log(-math.log(draw.random() + 1e-12)) for _ in MOVES]


def play(draw, ties, lasts, rules_out):
    """Returns of the episodes of one context, and whether the goal was known at the end of each."""
    goal, known, decisions = draw.choice(sorted(CELLS)), False, 0
    seen, returns, found = [], [], []
    for _ in range(EPISODES):
        cell, earned, here = (0, 0), 0, set()
        left = CELLS - set().union(*seen[-(WINDOW - 1):]) or CELLS
        for _ in range(STEPS):
            if decisions % lasts == 0:
                noise = gumbel(draw)
            decisions += 1
            goals = [goal] if known else left if rules_out else CELLS
            likely = weights(cell, goals, ties)
            move = MOVES[max(range(len(MOVES)), key=lambda a: math.log(likely[a]) + noise[a])]
            cell = tuple(min(max(cell[k] + move[k], 0), SIZE - 1) for k in range(2))
            here.add(cell)
            if cell == goal:
                known = True
                earned += 1
            else:
                left = left - {cell} or CELLS
        seen.append(here)
        returns.append(earned)
        found.append(known)
    return returns, found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--walks", type=positive, default=400)
    walks = parser.parse_args().walks
    for ties, lasts, rules_out in ROWS:
        draw = random.Random(1)
        played = [play(draw, ties, lasts, rules_out) for _ in range(walks)]
        returns = [sum(r[e] for r, _ in played) / walks for e in range(EPISODES)]
        known = sum(f[EPISODES - 2] for _, f in played) / walks
        print(f"{ties:14} a draw lasts {lasts:2}, seen cells {'count' if rules_out else 'do not'}: "
              f"returns {' '.join(f'{value:.1f}' for value in returns)}, found by the 7th {known:.2f}",
              flush=True)


main()
