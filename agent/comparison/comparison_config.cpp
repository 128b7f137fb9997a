// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "agent/comparison/comparison_keys.h"
#include "agent/comparison/comparison_rows.h"
#include "agent/config/config.h"
#include "agent/config/config_reader.h"

namespace longplay {
namespace {

constexpr int64_t kMostSeeds = 1000;
std::vector<std::string> NamesOfComparisonKeys() {
  std::vector<std::string> names;
  for (const ComparisonKey& key : kComparisonKeys) {
    names.push_back(std::string("compare.") + key.name);
  }
  return names;
}

std::string ListOfComparisonKeys() {
  std::string list;
  for (const ComparisonKey& key : kComparisonKeys)
    list += (list.empty() ? "" : ", ") + std::string(key.name);
  return list;
}

/// What stands in `compare`, before it fits together.
struct ConfigReading {
  ComparisonConfig config;
  std::vector<RowConfig> variants;
  std::string reference, reference_place;
  std::vector<std::string> held_out;
};

int64_t ReadSeeds(const YAML::Node& node, const std::string& place) {
  int64_t seeds = 0;
  const std::string text = ShownValue(node);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seeds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || seeds < 1 ||
      seeds > kMostSeeds) {
    RejectConfig(place, "compare.seeds", "an integer from 1 to 1000", text);
  }
  return seeds;
}

std::string ReadReference(const YAML::Node& node, const std::string& place) {
  if (node.IsScalar()) return node.Scalar();
  RejectConfig(place, "compare.reference", "the name of a row", ShownValue(node));
}

std::vector<Budget> ReadBudgets(const YAML::Node& node, const std::string& place) {
  std::vector<Budget> budgets;
  // Known names, each once.
  bool known = node.IsSequence() && node.size() > 0;
  for (const YAML::Node& item : node) {
    const std::string name = item.IsScalar() ? item.Scalar() : "";
    const Budget budget = name == "steps" ? Budget::kSteps : Budget::kTokens;
    known = known && (name == "steps" || name == "tokens") &&
            std::ranges::find(budgets, budget) == budgets.end();
    budgets.push_back(budget);
  }
  if (!known) {
    RejectConfig(place, "compare.budgets", "a list of steps, tokens or both", ShownValue(node));
  }
  return budgets;
}

void ReadCompareKey(const std::string& key, const YAML::Node& node, const std::string& place,
                    ConfigReading& reading) {
  const std::string& path = reading.config.path;
  if (key == "grid") {
    reading.config.rows = ReadGrid(node, path);
  } else if (key == "variants") {
    reading.variants = ReadVariants(node, path);
  } else if (key == "reference") {
    reading.reference = ReadReference(node, place);
    reading.reference_place = place;
  } else if (key == "seeds") {
    reading.config.seeds = ReadSeeds(node, place);
  } else if (key == "budgets") {
    reading.config.budgets = ReadBudgets(node, place);
  } else if (key == "tasks") {
    reading.config.tasks = ReadTasks(node, path);
  } else if (key == "held_out") {
    reading.held_out = ReadFiles(node, "compare.held_out", path);
  } else {
    RejectUnknownKey(place, "compare." + key, NamesOfComparisonKeys());
  }
}

void ReadCompare(const YAML::Node& node, ConfigReading& reading) {
  if (!node.IsMap()) {
    RejectConfig(ConfigPlace(reading.config.path, node), "compare",
                 "a section with keys " + ListOfComparisonKeys(), ShownValue(node));
  }
  std::set<std::string> seen;
  for (const auto& item : node) {
    const std::string key = item.first.Scalar();
    const std::string place = ConfigPlace(reading.config.path, item.first);
    if (!seen.insert(key).second)
      RejectConfig(place, "compare." + key, "one value", "a second one");
    ReadCompareKey(key, item.second, place, reading);
  }
}

void ReadOverrides(const std::vector<std::string>& overrides, ConfigReading& reading) {
  for (const std::string& text : overrides) {
    const auto [key, value] = ParseOverride(text);
    // A key of `compare` replaces what the file says of it; others set the base.
    if (key.starts_with("compare.")) {
      ReadCompareKey(key.substr(8), value, "command line", reading);
    } else {
      ReadConfigKey(key, value, "command line", reading.config.base);
    }
  }
}

template <typename List>
void CheckNames(const List& list, const std::string& what, const std::string& path) {
  std::set<std::string> seen;
  for (const auto& item : list) {
    if (seen.insert(item.name).second) continue;
    RejectConfig(path, "compare", "different " + what, "\"" + item.name + "\" twice");
  }
}

ComparisonConfig Assemble(ConfigReading reading) {
  ComparisonConfig& config = reading.config;
  // The report's order: the grid, then the variants beside it.
  config.rows.insert(config.rows.end(), reading.variants.begin(), reading.variants.end());
  if (config.rows.empty()) {
    RejectConfig(config.path, "compare", "a grid or variants", "neither");
  }
  CheckNames(config.rows, "rows", config.path);
  // No tasks are one task, which is what the base says.
  if (config.tasks.empty()) config.tasks.emplace_back();
  CheckNames(config.tasks, "tasks", config.path);
  for (TaskConfig& task : config.tasks) {
    // A task's own files go before those that stand in `compare`.
    if (task.held_out.empty()) task.held_out = reading.held_out;
  }
  // By name, now that all rows are there; the first one if none is named.
  if (!reading.reference.empty()) {
    const auto found = std::ranges::find(config.rows, reading.reference, &RowConfig::name);
    if (found == config.rows.end()) {
      RejectConfig(reading.reference_place, "compare.reference", "the name of a row",
                   reading.reference);
    }
    config.reference = found - config.rows.begin();
  }
  return config;
}

RunOptions ReadBase(const YAML::Node& root, const std::string& path) {
  const YAML::Node base = root["base"];
  if (!base) return StartConfig();
  if (!base.IsScalar()) {
    RejectConfig(ConfigPlace(path, base), "base", "the name of a config file", ShownValue(base));
  }
  // Beside this file, wherever the command runs.
  const std::string file = std::filesystem::path(path).parent_path() / base.Scalar();
  RunOptions options = StartConfig();
  for (const auto& item : ParseConfigText(ReadConfigText(file), file)) {
    ReadConfigSection(item.first.Scalar(), item.second, file, options);
  }
  return options;
}

}  // namespace

ComparisonConfig ParseComparison(const std::string& text, const std::string& path,
                                 const std::vector<std::string>& overrides) {
  const YAML::Node root = ParseConfigText(text, path);
  ConfigReading reading;
  reading.config.path = path;
  // Three layers, later ones win: the base file, this file's sections, the command line.
  reading.config.base = ReadBase(root, path);
  bool compares = false;
  for (const auto& item : root) {
    const std::string section = item.first.Scalar();
    if (section == "compare") {
      ReadCompare(item.second, reading);
      compares = true;
    } else if (section != "base") {
      ReadConfigSection(section, item.second, path, reading.config.base);
    }
  }
  if (!compares) RejectConfig(path, "compare", "a section with grid or variants", "none");
  ReadOverrides(overrides, reading);
  return Assemble(std::move(reading));
}

ComparisonConfig LoadComparison(const std::string& path,
                                const std::vector<std::string>& overrides) {
  return ParseComparison(ReadConfigText(path), path, overrides);
}

RunOptions OptionsOf(const ComparisonConfig& config, const RowConfig& row, const TaskConfig& task) {
  RunOptions options = config.base;
  // The row last: it wins over its task.
  for (const auto* settings : {&task.settings, &row.settings}) {
    for (const Setting& setting : *settings) {
      ReadConfigKey(setting.key, YAML::Load(setting.value), setting.place, options);
    }
  }
  const std::string where = config.path + ": row \"" + row.name + "\"" +
                            (task.name.empty() ? "" : ", task \"" + task.name + "\"");
  // Keys are checked against each other once all are set.
  CheckConfig(options, where);
  if (options.data.files.empty()) RejectConfig(where, "data.files", "at least one file", "none");
  return options;
}

}  // namespace longplay
