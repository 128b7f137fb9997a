# SPDX-License-Identifier: MIT
"""The program `longplay`, which comes with the wheel and runs on the LibTorch inside the package torch."""
from __future__ import annotations

import os
import sys

from longplay._library import FOLDER, _package_folder


def main() -> None:
    program = FOLDER / "bin" / "longplay"
    if not program.exists():
        sys.exit("error: starting longplay: this package was built without LibTorch, so it has no program")
    # Beside this package they are found as they are; elsewhere (another folder of packages) like this.
    paths = []
    for package, folder in (("torch", "lib"), ("mujoco", "."), ("pyarrow", ".")):
        found = _package_folder(package)
        if found is None:
            sys.exit(f"error: starting longplay: expected the package {package}, got none: "
                     "pip install 'longplay[train]'")
        paths.append(str(found / folder))
    before = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = ":".join(paths + ([before] if before else []))
    os.execv(program, [str(program), *sys.argv[1:]])
