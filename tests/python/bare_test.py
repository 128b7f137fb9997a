# SPDX-License-Identifier: MIT
"""The wheel in an empty virtual environment: numpy is all that it brought."""
import importlib.metadata
import importlib.util
import pathlib
import re
import subprocess
import sys

import longplay
import numpy as np

ROOT = pathlib.Path(__file__).parent.parent.parent


def refused(use, expected):
    try:
        use()
    except ImportError as problem:
        assert re.search(expected, str(problem)) and "\n" not in str(problem), problem
        return
    raise AssertionError(f"expected an ImportError: {expected}")


def main():
    names = {each.name.lower() for each in importlib.metadata.distributions()}
    assert names == {"longplay", "numpy"}, names
    assert pathlib.Path(longplay.__file__).is_relative_to(sys.prefix), longplay.__file__
    version = re.search(r"project\(longplay VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert longplay.__version__ == importlib.metadata.version("longplay") == version[1]

    data = longplay.Dataset(ROOT / "tests/datasets/fixtures/minari_box")
    assert (len(data), data.steps) == (12, 240)
    assert data.sample_chains(2, episodes=3).observations.shape == (2, 60, 3)
    assert np.isfinite(data[3].rewards).all()

    # What is not installed is named, with the way to it.
    assert not longplay.has_parquet()
    try:
        longplay.Dataset(ROOT / "tests/datasets/fixtures/columnar/lerobot_v30")
    except longplay.Error as problem:
        assert "Parquet" in str(problem), problem
    else:
        raise AssertionError("expected Parquet to be refused")
    refused(lambda: longplay.make_vec, r"package gymnasium, got none: pip install 'longplay\[env\]'")
    refused(longplay.environments, r"package mujoco 3\.17\.0, got none: pip install 'longplay\[env\]'")
    program = subprocess.run([pathlib.Path(sys.prefix) / "bin/longplay", "--version"], capture_output=True,
                             text=True, check=False)
    assert program.returncode == 1 and re.fullmatch(
        r"error: starting longplay: expected the package torch, got none: pip install 'longplay\[train\]'\n",
        program.stderr), program.stderr
    print("ok")


if __name__ == "__main__":
    main()
