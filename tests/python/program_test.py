# SPDX-License-Identifier: MIT
"""The program that comes with the wheel, on the LibTorch inside the package torch."""
import json
import pathlib
import subprocess
import sys

import longplay
import pytest

PROGRAM = pathlib.Path(sys.prefix) / "bin/longplay"
pytest.importorskip("torch", reason="torch is not installed")


def run(*arguments, folder):
    result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                            cwd=folder, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_it_collects_trains_and_plays(tmp_path):
    assert longplay.__version__ in run("--version", folder=tmp_path)
    run("collect", "--env", "dm_control/cartpole-swingup-v0", "--algorithm", "random", "--steps", 200,
        "--action-repeat", 50, "--out", "data.hdf5", folder=tmp_path)
    data = longplay.Dataset(tmp_path / "data.hdf5")
    assert (len(data), data.steps, data.environment) == (10, 200, "dm_control/cartpole-swingup-v0")
    run("train", "--data", "data.hdf5", "train.steps=2", "model.width=16", "model.heads=2", "--out", "run",
        folder=tmp_path)
    result = json.loads(run("eval", "run", "--seeds", 1, "--episodes", 2, "--json", folder=tmp_path))
    assert len(result["returns"][0]) == 2
