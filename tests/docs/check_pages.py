# SPDX-License-Identifier: MIT
"""Do the pages say what is there? Checks every page of the tree, and runs the commands that pages mark to be run.

    check_pages.py links             links lead somewhere, headings included
    check_pages.py names             keys, options, commands and files that pages name are there
    check_pages.py run PAGE PROGRAM  every ```sh block of a page, in order, in one empty folder

A block behind `<!-- not run: why -->` is left out, one behind `<!-- long -->` runs with LONGPLAY_LONG_TESTS=1 alone.
Blocks without `sh` are examples with files that a reader has: their commands are checked by name.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
# What comes behind a dot of a file's name, where a section has the same name: data.hdf5, train.cpp.
FILES = r"cpp|h|md|yaml|json|hdf5|csv|npz|svg|py|html|partial|packed|log|sh|safetensors"


def pages(root):
    """Of the tree, without what is fetched and built."""
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=root,
                           capture_output=True, text=True, check=True).stdout.split()
    return {name: read(os.path.join(root, name)) for name in sorted(names)}


def read(path):
    with open(path) as file:
        return file.read()


def slug(heading):
    """As GitHub makes the anchor of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip())
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def anchors(text):
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)}


def check_links(texts, exists):
    problems = []
    for page, text in texts.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
            if re.match(r"https?:|mailto:", target):
                continue
            path, _, anchor = target.partition("#")
            name = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not exists(name):
                problems.append(f"{page}: a link to {target}, which is not there")
            elif anchor and name in texts and anchor not in anchors(texts[name]):
                problems.append(f"{page}: a link to {target}: no such heading")
    return problems


def check_orphans(texts):
    """Every page of docs is reached from the index by links."""
    reached, open_pages = set(), ["README.md"]
    while open_pages:
        page = open_pages.pop()
        if page in reached or page not in texts:
            continue
        reached.add(page)
        for target in re.findall(r"\]\(([^)\s#]+)", texts[page]):
            open_pages.append(os.path.normpath(os.path.join(os.path.dirname(page), target)))
    return [f"{page}: no link leads to it" for page in texts if page.startswith("docs/") and page not in reached]


def known_keys(texts):
    return set(re.findall(r"^\| `([\w.]+)` \|", texts["docs/reference/configuration.md"], re.M))


def check_keys(texts):
    keys = known_keys(texts)
    sections = sorted({key.split(".")[0] for key in keys})
    dotted = re.compile(rf"(?<![\w./-])({'|'.join(sections)})\.([a-z]\w*)\b(?![\w/]*\.(?:{FILES})\b|\()")
    section = re.compile(rf"^({'|'.join(sections)}): \{{(.*)\}}", re.M)
    problems = []
    for page, text in texts.items():
        if page == "CHANGELOG.md":   # names keys as they were called then
            continue
        # In Python, `data.chains` is a method of an object.
        text = FENCE.sub(lambda block: "" if block.group(1) == "python" else block.group(0), text)
        named = {f"{name}.{key}" for name, key in dotted.findall(text) if not re.fullmatch(FILES, key)}
        for name, inside in section.findall(text):
            inside = re.sub(r"\{[^{}]*\}", "", inside)
            named |= {f"{name}.{key}" for key in re.findall(r"(?:^|, )(\w+):", inside)}
        problems += [f"{page}: the key {key}, which there is not" for key in sorted(named - keys)]
    return problems


def check_files(texts, exists):
    """Paths of the tree in code: configs/hopper.yaml, model/options.h."""
    path = re.compile(r"(?<![\w./<$-])((?:agent|apps|bench|cmake|configs|datasets|docs|env|model|scripts|tests|zoo)"
                      r"/[\w./-]+\.(?:cpp|h|py|yaml|md|json|svg|cmake|txt|csv))\b")
    problems = []
    for page, text in texts.items():
        if page == "CHANGELOG.md":
            continue
        for name in sorted(set(path.findall(text))):
            if not exists(name) and name not in PLANNED and not re.search(r"/x[._]|PART", name):
                problems.append(f"{page}: the file {name}, which is not there")
    return problems


# Pages that come with the parts that they describe, and a picture that a study draws. Names with x or PART stand for
# any name.
PLANNED = {"docs/study/fog.svg"}


def command_options(texts):
    """{"longplay data info": {"--json", ...}} out of the page of all commands."""
    commands = {}
    for part in re.split(r"^## ", texts["docs/reference/command_line.md"], flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        options = {option for names in re.findall(r"^\| `(-[^`]*)`", body, re.M) for option in names.split(",")}
        commands[name] = options | {"--help"}
    return commands


def check_command(line, commands):
    """What is wrong with one command, or None."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"", "TEXT", line).split()
    name = " ".join(words[:3]) if " ".join(words[:3]) in commands else " ".join(words[:2])
    if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) and name not in commands:
        return f"the command {name}, which there is not"
    for word in words[2:]:
        option = word.split("=")[0]
        if re.fullmatch(r"--[a-z][a-z-]*", option) and name in commands and option not in commands[name]:
            return f"{name} {option}, an option which there is not"
    return None


def commands_in(text):
    """Lines of blocks (continued ones as one), and code in a line, that begin with longplay."""
    blocks = [body.replace("\\\n", " ") for _, body in FENCE.findall(text)]
    found = []
    for line in "\n".join(blocks).split("\n"):
        for part in re.split(r"&&|;|\||\$\(", line.split(" #")[0]):
            found.append(part.strip())
    found += re.findall(r"`(longplay [^`]*)`", FENCE.sub("", text))
    return [line for line in found if re.match(r"longplay [a-z]", line)]


def check_commands(texts):
    commands = command_options(texts)
    problems = []
    for page, text in texts.items():
        if page == "CHANGELOG.md":
            continue
        for line in commands_in(text):
            for one in re.sub(r"\|", " ", line).split("\n"):
                problem = check_command(one, commands)
                if problem:
                    problems.append(f"{page}: {problem}")
    return problems


def check_dev(texts, usage):
    known = set(re.findall(r"^  (\w+)", usage, re.M)) | {"help"}
    return [f"{page}: ./dev {word}, which there is not"
            for page, text in texts.items() for word in set(re.findall(r"\./dev (\w+)", text)) if word not in known]


def blocks_to_run(text, long):
    blocks = []
    for match in FENCE.finditer(text):
        if match.group(1) != "sh":
            continue
        before = text[:match.start()].rstrip().rsplit("\n", 1)[-1]
        if before.startswith("<!-- not run: ") or (before == "<!-- long -->" and not long):
            continue
        blocks.append(match.group(2))
    return blocks


def run(page, program):
    blocks = blocks_to_run(read(os.path.join(ROOT, page)), os.environ.get("LONGPLAY_LONG_TESTS") == "1")
    if not blocks:
        print(f"{page}: nothing to run but with LONGPLAY_LONG_TESTS=1")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("configs", "scripts", "zoo"):   # a page may stand in the tree
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
        environment = dict(os.environ, PATH=os.path.dirname(program) + os.pathsep + os.environ["PATH"])
        script = "set -euo pipefail\nset -x\n" + "\n".join(blocks)
        return subprocess.run(["bash", "-c", script], cwd=folder, env=environment, check=False).returncode


def main(arguments):
    if arguments[0] == "run":
        return run(arguments[1], arguments[2])
    texts = pages(ROOT)
    exists = lambda name: os.path.exists(os.path.join(ROOT, name))
    if arguments[0] == "links":
        problems = check_links(texts, exists) + check_orphans(texts)
    else:
        usage = subprocess.run([os.path.join(ROOT, "dev"), "help"], capture_output=True, text=True, check=True).stdout
        problems = (check_keys(texts) + check_files(texts, exists) + check_commands(texts) + check_dev(texts, usage))
    print("\n".join(problems) or f"{len(texts)} pages: nothing wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
