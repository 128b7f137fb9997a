# SPDX-License-Identifier: MIT
"""What two programs said and wrote in two folders, compared: the first difference with its place.

compare_folders is all that scripts/twin_run.py uses. A file is compared as what it is: tensor by
tensor, value by value of JSON, row by row, array by array; without the columns and keys that tell
times. Differences in configurations and versions are notes.
"""
import csv
import dataclasses
import json
import math
import pathlib
import re
import struct
import sys

REPO = pathlib.Path(__file__).resolve().parent.parent
# Keys of JSON objects, columns of tables and tags of events that say how fast it went.
TIMES = re.compile("seconds|per_second|wait_share|peak_bytes")
FIRST = {"returns", "lengths"}  # keys of what the others are computed from
NOTED = {"config", "options", "versions", "settings"}  # keys of JSON objects: notes
IGNORED = set()  # keys of JSON objects and names of tensors that may differ: twin_run.py --ignore
# Reports are mixed with times, and are in JSON, too; a claim names its process.
SKIPPED = {"said.json", "report.html", "report.csv", ".claim"}
NUMBERS = {"F64": "d", "F32": "f", "I64": "q", "I32": "i", "I8": "b", "U8": "B", "BOOL": "B"}


@dataclasses.dataclass
class Difference:
    place: str
    old: object
    new: object
    note: bool = False

    def __str__(self):
        old, new = (repr(value) if len(repr(value)) < 160 else repr(value)[:157] + "..."
                    for value in (self.old, self.new))
        return f"{self.place}: {old} is now {new}"


def same(a, b):
    return type(a) is type(b) and (a == b or (isinstance(a, float) and math.isnan(a)
                                              and math.isnan(b)))


def compare_values(old, new, place, note=False):
    """The first difference of two JSON values, of notes and of others."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(key, old.get(key, "nothing"), new.get(key, "nothing"))
                 for key in sorted({**old, **new}, key=lambda key: key not in FIRST)
                 if not TIMES.search(key) and key not in IGNORED]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(i, a, b) for i, (a, b) in enumerate(zip(old, new))]
    else:
        return [] if same(old, new) else [Difference(place, old, new, note)]
    found = []
    for key, a, b in pairs:
        inside = f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}"
        more = compare_values(a, b, inside, note or key in NOTED)
        found += [d for d in more if all(d.note != known.note for known in found)]
    return found


def compare_lines(old, new, place, note=False):
    for i, (a, b) in enumerate(zip(old, new), 1):
        if a != b:
            return [Difference(f"{place}:{i}", a, b, note)]
    return [] if len(old) == len(new) else [Difference(f"{place}: lines", len(old), len(new), note)]


def compare_text(old, new, place):
    """One JSON value each, or lines."""
    try:
        return compare_values(json.loads(old), json.loads(new), place)
    except ValueError:
        return compare_lines(old.splitlines(), new.splitlines(), place)


def read_tensors(path):
    """{name: (dtype, shape, bytes)} and the metadata of a safetensors file."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header, rest = json.loads(content[8:8 + size]), content[8 + size:]
    metadata = header.pop("__metadata__", None)
    return metadata, {name: (entry["dtype"], entry["shape"], rest[slice(*entry["data_offsets"])])
                      for name, entry in header.items()}


def unravel(i, shape):
    place = []
    for size in reversed(shape):
        place.insert(0, i % size)
        i //= size
    return place


def compare_tensors(old, new, place):
    (old_metadata, old), (new_metadata, new) = read_tensors(old), read_tensors(new)
    for name in IGNORED:
        old.pop(name, None)
        new.pop(name, None)
    if old_metadata != new_metadata or list(old) != list(new):
        return compare_values({"metadata": old_metadata, "tensors": list(old)},
                              {"metadata": new_metadata, "tensors": list(new)}, place)
    for name, (dtype, shape, a) in old.items():
        if new[name][:2] != (dtype, shape):
            return [Difference(f"{place}: {name}", (dtype, shape), new[name][:2])]
        b = new[name][2]
        if a == b:
            continue
        letter = NUMBERS.get(dtype, "H")
        width = struct.calcsize(letter)
        i = next(i for i in range(len(a)) if a[i] != b[i]) // width
        values = [struct.unpack_from("<" + letter, x, i * width)[0] for x in (a, b)]
        return [Difference(f"{place}: {name}{unravel(i, shape)}", *values)]
    return []


def read_table(path):
    rows = list(csv.reader(path.read_text().splitlines()))
    kept = [i for i, name in enumerate(rows[0]) if not TIMES.search(name)] if rows else []
    return [[row[i] for i in kept if i < len(row)] for row in rows]


def compare_tables(old, new, place):
    return compare_lines(read_table(old), read_table(new), place)


def read_events(path):
    """Records of a TensorBoard file without their times; those that tell times left out."""
    content, at, records = path.read_bytes(), 0, []
    while at + 12 <= len(content):
        (size,) = struct.unpack_from("<Q", content, at)
        record = content[at + 21:at + 12 + size]  # 12 bytes of header, 9 of the time
        at += 16 + size
        if not TIMES.search(record.decode(errors="replace")):
            records.append(record)
    return records


def compare_events(old, new, place):
    return compare_lines(read_events(old), read_events(new), place)


def h5py_if_there():
    sys.path.append(str(REPO / ".deps/oracles"))
    try:
        import h5py
        return h5py
    except ImportError:
        return None
    finally:
        sys.path.pop()


def describe(item):
    """Attributes of a group or array, and an array's type and shape."""
    told = {f"@{key}": repr(value) for key, value in sorted(item.attrs.items())}
    return told | {key: str(getattr(item, key)) for key in ("dtype", "shape") if hasattr(item, key)}


def first_number(old, new, place):
    """Of two arrays of one type and shape."""
    import numpy
    old, new = (numpy.atleast_1d(item[()]) for item in (old, new))
    if old.dtype != object and old.tobytes() == new.tobytes():
        return []
    for index in numpy.ndindex(old.shape):
        if repr(old[index]) != repr(new[index]):
            return [Difference(f"{place}{list(index)}", str(old[index]), str(new[index]))]
    return []


def compare_arrays(old, new, place):
    """Two HDF5 files whose bytes differ."""
    library = h5py_if_there()
    if library is None:
        return compare_bytes(old, new, f"{place} (h5py would name the array)")
    with library.File(old) as a, library.File(new) as b:
        names = []
        for file in (a, b):
            names.append(["/"])
            file.visit(names[-1].append)
        found = compare_values(*names, f"{place}: names")
        for name in [] if found else names[0]:
            inside = f"{place}: {name}"
            found = found or compare_values(describe(a[name]), describe(b[name]), inside)
            if not found and hasattr(a[name], "dtype"):
                found = first_number(a[name], b[name], inside)
    return found or [Difference(f"{place}: bytes (arrays are equal)", "one", "another", True)]


def compare_bytes(old, new, place):
    a, b = old.read_bytes(), new.read_bytes()
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return [Difference(f"{place}: byte {at}", a[at:at + 8].hex(), b[at:at + 8].hex())]


def without_times(path, said):
    """HDF5 notes in seconds when a data set was made: those of the run become zeros."""
    content = path.read_bytes()
    for second in range(int(said["start"]) - 1, int(said["end"]) + 2):
        content = content.replace(struct.pack("<I", second), bytes(4))
    return content


def compare_config(old, new, place):
    return compare_lines(old.read_text().splitlines(), new.read_text().splitlines(), place, True)


def compare_files(old, new, place):
    if place.endswith(".safetensors"):
        return compare_tensors(old, new, place)
    if "events.out.tfevents." in place:
        return compare_events(old, new, place)
    if place.endswith(".csv"):
        return compare_tables(old, new, place)
    if place.endswith("config.yaml"):
        return compare_config(old, new, place)
    if place.endswith((".hdf5", ".h5")):
        return compare_arrays(old, new, place)
    try:
        return compare_text(old.read_text(), new.read_text(), place)
    except UnicodeDecodeError:
        return compare_bytes(old, new, place)


def files_of(folder):
    """{name: path}; an event file's name holds a time."""
    return {re.sub(r"tfevents\.[0-9]+\.[^.]+\.", "tfevents.", str(path.relative_to(folder))): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in SKIPPED}


def compare_folders(old, new):
    """Every difference of what two programs said and wrote in a case: one a file at most."""
    said = [json.loads((folder / "said.json").read_text()) for folder in (old, new)]
    found = []
    for a, b in zip(said[0]["told"], said[1]["told"]):
        if a["command"] == b["command"]:
            place = a["command"].split(" model.layers")[0]
        else:
            place = f"{a['command']} | {b['command']}"
        if a["exit code"] != b["exit code"]:
            found.append(Difference(f"{place}: exit code", a["exit code"], b["exit code"]))
        found += compare_lines(a["stderr"], b["stderr"], f"{place}: stderr")
        found += compare_text(a["stdout"], b["stdout"], f"{place}: stdout")
    files = [files_of(folder) for folder in (old, new)]
    for name in sorted({*files[0], *files[1]}):
        a, b = (those.get(name) for those in files)
        if a is None or b is None:
            found.append(Difference(name, "a file" if a else "none", "a file" if b else "none"))
        elif a.read_bytes() != b.read_bytes() and without_times(a, said[0]) != without_times(
                b, said[1]):
            found += compare_files(a, b, name)
    return sorted(found, key=lambda d: "weights.safetensors" not in d.place)  # all else follows
