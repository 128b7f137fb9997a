# SPDX-License-Identifier: MIT
"""Installs the wheel that `./dev wheel` built into two virtual environments:

    build/python/bare   empty, made anew: the wheel and what it asks for itself
    build/python/full   with what the tests compare with (scripts/python_tests.txt), and the torch that
                        `./dev setup` fetched

Nothing is fetched here: packages come from build/python/wheels, which `./dev test` fills.
"""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build/python"


def pip(environment, *arguments):
    command = [sys.executable, "-m", "pip", "--python", environment / "bin/python", "install", "--quiet",
               "--disable-pip-version-check", "--no-index", "--find-links", FOLDER / "wheels", *arguments]
    subprocess.run(list(map(str, command)), check=True)


def make(environment):
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)


def main():
    wheels = list((ROOT / "build/wheelhouse").glob("longplay-*.whl"))
    if len(wheels) != 1 or not (FOLDER / "wheels").is_dir():
        sys.exit("error: installing the wheel: expected one in build/wheelhouse, and packages in "
                 "build/python/wheels: run ./dev test")
    size = wheels[0].stat().st_size
    assert size <= 15e6, f"the wheel: expected at most 15 MB, got {size / 1e6:.1f}"
    assert wheels[0].name.split("-")[2:4] == ["py3", "none"], wheels[0].name

    make(FOLDER / "bare")
    pip(FOLDER / "bare", wheels[0])

    pins = (ROOT / "scripts/python_tests.txt").read_text(encoding="utf-8")
    stamp = FOLDER / "full/.stamp"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        make(FOLDER / "full")
        pip(FOLDER / "full", "-r", ROOT / "scripts/python_tests.txt")
        packages = next((FOLDER / "full/lib").glob("python*")) / "site-packages"
        (packages / "torch_of_setup.pth").write_text(str(ROOT / ".deps/site") + "\n", encoding="utf-8")
        stamp.write_text(pins, encoding="utf-8")
    pip(FOLDER / "full", "--no-deps", "--force-reinstall", wheels[0])
    print("installed", wheels[0].name, os.path.getsize(wheels[0]), "bytes")


if __name__ == "__main__":
    main()
