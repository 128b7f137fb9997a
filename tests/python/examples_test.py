# SPDX-License-Identifier: MIT
"""The examples of python/examples do what they say, with the installed wheel."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent


def run(name, *arguments, folder):
    result = subprocess.run([sys.executable, ROOT / "python/examples" / name, *map(str, arguments)],
                            capture_output=True, text=True, cwd=folder, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_data_sets(tmp_path):
    out = run("data_sets.py", ROOT / "tests/datasets/fixtures/minari_box", folder=tmp_path)
    assert "minari, 12 episodes, 240 steps, O = 3, A = 1" in out
    assert len(re.findall(r"step \d: observations \(2, 60, 3\), 120 steps count", out)) == 3


def test_vector_environment(tmp_path):
    out = run("vector_environment.py", folder=tmp_path)
    found = re.fullmatch(r"Hopper-v5: (\d+) episodes with random actions, mean return ([0-9.]+)\n", out)
    # 16 simulations of 200 steps; a hopper with random actions falls after about 20, with a return as large.
    assert 80 < int(found[1]) < 250 and 5 < float(found[2]) < 40


def test_play_policy(tmp_path):
    out = run("play_policy.py", ROOT / "zoo/point_goal_2_episodes", folder=tmp_path)
    means = [float(each) for each in re.search(r"\.\.\.: (.*)\n", out)[1].split()]
    assert len(means) == 16
    # It finds the goal in the first episodes and goes there in the last ones.
    assert sum(means[-8:]) / 8 > means[0] + 5, out
