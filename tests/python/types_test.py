# SPDX-License-Identifier: MIT
"""The package is typed (py.typed): its annotations are right, and a user's program sees them."""
import pathlib
import subprocess
import sys

USER = """import longplay
history: int = longplay.Dataset("a")[0].history
simulations: int = longplay.make_vec("Hopper-v5", 2).num_envs
wrong: str = longplay.Dataset("a")[0].history
policy = longplay.Policy("a", chain=1)
"""


def test_annotations_are_right_and_a_users_program_is_checked(tmp_path):
    (tmp_path / "user.py").write_text(USER, encoding="utf-8")
    cache = pathlib.Path(sys.prefix).parent / "types"  # most of the time goes into numpy's and Gymnasium's
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(cache), "--disallow-untyped-defs",
         "--ignore-missing-imports", "--no-error-summary", "-p", "longplay", "-m", "user"],
        capture_output=True, text=True, cwd=tmp_path, check=False)
    errors = [line for line in result.stdout.splitlines() if ": error: " in line]
    assert len(errors) == 2, result.stdout
    assert errors[0].startswith("user.py:4: error: Incompatible types in assignment"), result.stdout
    assert errors[1].startswith("user.py:5: error: Unexpected keyword argument"), result.stdout
