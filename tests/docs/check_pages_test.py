# SPDX-License-Identifier: MIT
"""The checks of check_pages.py find what is wrong, and let pass what is right."""
import unittest

import check_pages

KEYS = "| `train.steps` | `1000` |\n| `chain.episodes` | `4` |\n"
COMMANDS = "## longplay data\n\n## longplay data info\n\n| `--json` | |\n\n## longplay train\n\n| `--data` | TEXT |\n"


def tree(text, **others):
    return {"README.md": text, "docs/reference/configuration.md": KEYS, "docs/reference/command_line.md": COMMANDS,
            **others}


class CheckPagesTest(unittest.TestCase):
    def test_links_lead_to_files_and_headings(self):
        texts = tree("[a](docs/a.md#two-words) [b](docs/b.md) [c](docs/a.md#three)", **{"docs/a.md": "## Two, words\n"})
        exists = lambda name: name in texts
        self.assertEqual(check_pages.check_links(texts, exists),
                         ["README.md: a link to docs/b.md, which is not there",
                          "README.md: a link to docs/a.md#three: no such heading"])

    def test_pages_without_a_link_are_named(self):
        texts = {"README.md": "[a](docs/a.md)", "docs/a.md": "[c](c.md)", "docs/b.md": "", "docs/c.md": ""}
        self.assertEqual(check_pages.check_orphans(texts), ["docs/b.md: no link leads to it"])

    def test_keys_are_those_of_the_reference(self):
        texts = tree("`train.steps=2` train.cpp data.hdf5 `chain.episode`\n```\nchain: {episodes: 2, oder: x}\n```\n")
        self.assertEqual(check_pages.check_keys(texts), ["README.md: the key chain.episode, which there is not",
                                                         "README.md: the key chain.oder, which there is not"])

    def test_commands_and_options_are_those_of_the_reference(self):
        texts = tree("`longplay data info F --json` `longplay trian`\n```\nlongplay train \\\n  --dta x # --y\n```\n")
        self.assertEqual(check_pages.check_commands(texts),
                         ["README.md: longplay train --dta, an option which there is not",
                          "README.md: the command longplay trian, which there is not"])

    def test_files_of_the_tree_are_there(self):
        texts = {"a.md": "configs/z.yaml, configs/y.yaml and configs/x.yaml, which stands for any"}
        self.assertEqual(check_pages.check_files(texts, lambda name: name == "configs/y.yaml"),
                         ["a.md: the file configs/z.yaml, which is not there"])

    def test_commands_of_dev_are_there(self):
        self.assertEqual(check_pages.check_dev({"a.md": "./dev test, ./dev tset"}, "  test   runs\n"),
                         ["a.md: ./dev tset, which there is not"])

    def test_only_marked_blocks_are_run(self):
        text = "```\nno\n```\n```sh\none\n```\n<!-- not run: why -->\n```sh\nno\n```\n<!-- long -->\n```sh\ntwo\n```\n"
        self.assertEqual(check_pages.blocks_to_run(text, long=False), ["one\n"])
        self.assertEqual(check_pages.blocks_to_run(text, long=True), ["one\n", "two\n"])


if __name__ == "__main__":
    unittest.main()
