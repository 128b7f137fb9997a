// SPDX-License-Identifier: MIT
#include "agent/reference/configuration_page.h"

#include <stdexcept>
#include <vector>

#include "agent/collect_work/collect_config.h"
#include "agent/comparison/comparison_keys.h"
#include "agent/config/config_fields.h"
#include "agent/config/config_reader.h"

namespace longplay {
namespace {

struct SectionText {
  const char *name, *text;
};
constexpr SectionText kSectionTexts[] = {
    {"data", "The data sets, and where their steps are held."},
    {"chain",
     "How episodes are put into one context, what each step shows to the policy, and what it is "
     "asked for (return-to-go)."},
    {"model", "The sequence model: its layers, and what training keeps for the backward pass."},
    {"train", "The method, the optimiser, and what is written when."},
    {"ic_iql", "In-context implicit Q-learning (`train.method: ic_iql`)."},
    {"td3_bc", "TD3+BC (`train.method: td3_bc`)."},
    {"iql", "Implicit Q-learning without a context (`train.method: iql`)."},
    {"parallel", "Several ranks (processes) that train one policy together."},
    {"evaluate", "How a policy is played."},
    {"compare", "Only in files for `longplay compare`: what is compared."},
    {"collect", "Only in files for `longplay collect --config`: the options of the command."},
    {"sac", "Only in files for `longplay collect --config`: the soft actor-critic."},
    {"q_learning", "Only in files for `longplay collect --config`: tabular Q-learning."}};

std::string TextOfSection(const std::string& name) {
  for (const SectionText& section : kSectionTexts) {
    if (name == section.name) return section.text;
  }
  throw std::logic_error("describing the configuration: section " + name +
                         ": expected a text in configuration_page.cpp, got none");
}

const char* NameOfRole(KeyRole role) {
  switch (role) {
    case KeyRole::kPolicy:
      return "policy";
    case KeyRole::kData:
      return "data";
    case KeyRole::kSchedule:
      return "schedule";
    case KeyRole::kEvaluation:
      return "evaluation";
    case KeyRole::kOutput:
      break;
  }
  return "output";
}

/// A row of a section's table.
struct KeyRow {
  std::string key, standard, accepted, comment, kind;
};

std::string InCell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

/// Rows of the same section stand together: another name begins another table.
void AppendRow(const KeyRow& row, std::string& section, std::string& page) {
  const size_t dot = row.key.find('.');
  if (row.key.substr(0, dot) != section) {
    section = row.key.substr(0, dot);
    page += "\n## " + section + "\n\n" + TextOfSection(section) +
            "\n\n| key | default | accepted | unit | what it does | kind |\n"
            "|---|---|---|---|---|---|\n";
  }
  const KeyComment comment = SplitComment(row.comment, row.accepted);
  page += "| `" + row.key + "` | `" + InCell(row.standard) + "` | " + InCell(row.accepted) + " | " +
          InCell(comment.unit) + " | " + InCell(comment.text) + " | " + row.kind + " |\n";
}

constexpr char kHead[] =
    "# Configuration: every key\n\n"
    "<!-- Made by `./dev docs` from the tables of keys in agent/config, agent/comparison and "
    "agent/collect_work. Edit those, then run it again. -->\n\n"
    "`longplay train CONFIG` reads a YAML file with these sections. Every key has a default;\n"
    "`longplay train --data FILE` needs no file at all. `key=value` on the command line overrides "
    "a\n"
    "key: `train.steps=20 chain.episodes=1`. A run prints the whole effective configuration and\n"
    "saves it as `config.yaml`. An unknown key, a wrong type or a value out of range is refused, "
    "with\n"
    "its file and line, before anything is trained.\n\n"
    "The kind of a key says what happens when it changes. A resumed run (`longplay train "
    "--resume`)\n"
    "refuses another *policy* or other *data*, takes another *schedule* with a note, and takes\n"
    "*evaluation* and *output* as they come. `longplay compare` trains again for the first three, "
    "plays\n"
    "again for *evaluation*, and does nothing again for *output*.\n";

}  // namespace

KeyComment SplitComment(const std::string& comment, const std::string& accepted) {
  KeyComment split{.text = comment};
  // Choices print their names behind the comment; here they have a column.
  const std::string one_of = "one of ";
  if (accepted.starts_with(one_of)) {
    const std::string names = " (" + accepted.substr(one_of.size()) + ")";
    if (split.text.ends_with(names)) split.text.resize(split.text.size() - names.size());
  }
  // "[unit] text", perhaps behind "mixer: ".
  const size_t open = split.text.find('['), close = split.text.find("] ");
  const bool begins = open == 0 || (open != std::string::npos && open >= 2 &&
                                    split.text.compare(open - 2, 2, ": ") == 0);
  if (begins && close != std::string::npos) {
    split.unit = split.text.substr(open + 1, close - open - 1);
    split.text.erase(open, close + 2 - open);
  }
  return split;
}

std::string ConfigurationPage() {
  std::string page = kHead, section;
  const RunOptions defaults = StartConfig();
  for (const ConfigField& field : ConfigFields()) {
    AppendRow({.key = field.key,
               .standard = field.print(defaults),
               .accepted = field.accepted,
               .comment = field.comment,
               .kind = NameOfRole(field.role)},
              section, page);
  }
  for (const ComparisonKey& key : kComparisonKeys) {
    AppendRow({.key = std::string("compare.") + key.name,
               .standard = key.standard,
               .accepted = key.accepted,
               .comment = key.comment,
               .kind = ""},
              section, page);
  }
  for (const CollectKey& key : CollectKeys()) {
    AppendRow({.key = key.key,
               .standard = key.standard,
               .accepted = key.accepted,
               .comment = key.comment,
               .kind = ""},
              section, page);
  }
  return page;
}

}  // namespace longplay
