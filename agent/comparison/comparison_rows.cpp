// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

#include "agent/config/config_reader.h"

namespace longplay {
namespace {

/// Rows that differed in these could not be compared, or their budget decides them.
constexpr std::array<std::string_view, 8> kShared = {
    "train.steps",    "train.seed",    "evaluate.environment",   "evaluate.episodes",
    "evaluate.seeds", "evaluate.seed", "evaluate.action_repeat", "evaluate.max_episode_steps"};

/// They decide the length of the context: the horizontal axis of the report's charts.
constexpr std::array<std::string_view, 3> kContext = {"chain.episodes", "chain.window",
                                                      "evaluate.window"};

template <typename List>
bool Holds(const List& list, const std::string& key) {
  return std::ranges::find(list, key) != list.end();
}

Setting ReadSetting(const std::string& key, const YAML::Node& value, const std::string& place) {
  Setting setting{.key = CurrentName(key, place), .value = ShownValue(value), .place = place};
  RunOptions ignored;  // whether the key and its value are possible at all
  ReadConfigKey(setting.key, value, setting.place, ignored);
  return setting;
}

/// Of a key that comes twice one value would be lost unnoticed.
void AddOnce(const Setting& setting, std::vector<Setting>& settings) {
  if (std::ranges::find(settings, setting.key, &Setting::key) != settings.end()) {
    RejectConfig(setting.place, setting.key, "one value", "a second one");
  }
  settings.push_back(setting);
}

Setting ReadRowSetting(const YAML::Node& key, const YAML::Node& value, const std::string& name) {
  const std::string& text = key.Scalar();
  if (Holds(kShared, text) || text.starts_with("data.")) {
    RejectConfig(ConfigPlace(name, key), text, "a key in which rows may differ",
                 "one that all rows share (set it outside grid and variants)");
  }
  return ReadSetting(text, value, ConfigPlace(name, key));
}

bool IsNumber(const std::string& text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

/// "window 40", "attention", "tokens [observation]": a setting in the name of its row.
std::string Words(const Setting& setting) {
  std::string key = setting.key.substr(setting.key.find('.') + 1), value = setting.value;
  std::ranges::replace(key, '_', ' ');
  if (setting.key == "chain.episodes") return value + (value == "1" ? " episode" : " episodes");
  // A word says what it is; a number or a switch needs the name of its key.
  if (IsNumber(value) || value == "true" || value == "false" || value.starts_with('[')) {
    return key + " " + value;
  }
  std::ranges::replace(value, '_', ' ');
  return value;
}

/// One key of the grid with its values.
using GridKey = std::vector<Setting>;

std::string Joined(const std::vector<Setting>& settings, const std::set<std::string>& varied) {
  std::string text;
  for (const Setting& setting : settings) {
    if (varied.contains(setting.key)) text += (text.empty() ? "" : ", ") + Words(setting);
  }
  return text;
}

/// Keys with several values name the rows; without any, all keys do.
std::set<std::string> NamingKeys(const std::vector<GridKey>& keys) {
  std::set<std::string> naming, all;
  for (const GridKey& key : keys) {
    all.insert(key.front().key);
    if (key.size() > 1) naming.insert(key.front().key);
  }
  return naming.empty() ? all : naming;
}

GridKey ReadGridKey(const YAML::Node& key, const YAML::Node& values, const std::string& name) {
  if (!values.IsSequence() || values.size() == 0) {
    RejectConfig(ConfigPlace(name, key), "compare.grid: " + key.Scalar(),
                 "a list with at least one value", ShownValue(values));
  }
  GridKey settings;
  for (const YAML::Node& value : values) settings.push_back(ReadRowSetting(key, value, name));
  return settings;
}

void CheckEntry(const YAML::Node& entry, const std::string& list, const std::string& name,
                const std::vector<std::string>& keys) {
  std::string known;
  for (const std::string& key : keys) known += (known.empty() ? "" : ", ") + key;
  if (!entry.IsMap()) {
    RejectConfig(ConfigPlace(name, entry), list, "entries with keys " + known, ShownValue(entry));
  }
  const auto reject = [&](const YAML::Node& key, const std::string& expected, const char* got) {
    RejectConfig(ConfigPlace(name, key), list + ": " + key.Scalar(), expected, got);
  };
  std::set<std::string> seen;
  for (const auto& item : entry) {
    const std::string& key = item.first.Scalar();
    if (!Holds(keys, key)) reject(item.first, "a key " + known, "an unknown key");
    if (!seen.insert(key).second) reject(item.first, "one value", "a second one");
  }
}

void CheckList(const YAML::Node& list, const std::string& key, const std::string& name) {
  if (list.IsSequence() && list.size() > 0) return;
  RejectConfig(ConfigPlace(name, list), key, "a list with at least one entry", ShownValue(list));
}

std::string ReadName(const YAML::Node& entry, const std::string& list, const std::string& name) {
  const YAML::Node text = entry["name"];
  if (text && text.IsScalar() && !text.Scalar().empty()) return text.Scalar();
  RejectConfig(ConfigPlace(name, entry), list + ": name", "a name",
               text ? ShownValue(text) : "none");
}

void CheckSettings(const YAML::Node& set, const std::string& list, const std::string& name) {
  if (set.IsMap()) return;
  RejectConfig(ConfigPlace(name, set), list + ": set",
               "keys of the configuration with their values", ShownValue(set));
}

}  // namespace

std::vector<RowConfig> ReadGrid(const YAML::Node& grid, const std::string& name) {
  if (!grid.IsMap() || grid.size() == 0) {
    RejectConfig(ConfigPlace(name, grid), "compare.grid", "at least one key with its values",
                 ShownValue(grid));
  }
  std::vector<GridKey> keys;
  std::vector<Setting> firsts;  // of each key
  for (const auto& item : grid) {
    keys.push_back(ReadGridKey(item.first, item.second, name));
    AddOnce(keys.back().front(), firsts);
  }
  // All combinations: each key multiplies the rows so far by its values.
  std::vector<RowConfig> rows = {{}};
  for (const GridKey& key : keys) {
    std::vector<RowConfig> longer;
    for (const RowConfig& row : rows) {
      for (const Setting& setting : key) {
        longer.push_back(row);
        longer.back().settings.push_back(setting);
      }
    }
    rows = std::move(longer);
  }
  // Rows are named by what varies, lines of a chart by what varies beside the context length.
  const std::set<std::string> naming = NamingKeys(keys);
  std::set<std::string> beside = naming;
  for (const std::string_view key : kContext) beside.erase(std::string(key));
  for (RowConfig& row : rows) {
    row.name = Joined(row.settings, naming);
    row.line = Joined(row.settings, beside);
  }
  return rows;
}

std::vector<RowConfig> ReadVariants(const YAML::Node& variants, const std::string& name) {
  const std::string list = "compare.variants";
  CheckList(variants, list, name);
  std::vector<RowConfig> rows;
  for (const YAML::Node& entry : variants) {
    CheckEntry(entry, list, name, {"name", "set"});
    RowConfig row{
        .name = ReadName(entry, list, name), .line = "", .settings = {}, .in_grid = false};
    if (const YAML::Node set = entry["set"]) {
      CheckSettings(set, list, name);
      for (const auto& item : set) {
        AddOnce(ReadRowSetting(item.first, item.second, name), row.settings);
      }
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<TaskConfig> ReadTasks(const YAML::Node& tasks, const std::string& name) {
  const std::string list = "compare.tasks";
  CheckList(tasks, list, name);
  std::vector<TaskConfig> read;
  for (const YAML::Node& entry : tasks) {
    CheckEntry(entry, list, name, {"name", "about", "data", "environment", "held_out", "set"});
    TaskConfig task{.name = ReadName(entry, list, name)};
    for (const auto& item : entry) {
      const std::string& key = item.first.Scalar();
      const std::string place = ConfigPlace(name, item.first);
      // Data, environment and `set` are settings; the rest is the task's own.
      if (key == "data") {
        // For its checks and their message; the setting takes the value as it stands.
        ReadFiles(item.second, list + ": data", name);
        AddOnce(ReadSetting("data.files", item.second, place), task.settings);
      } else if (key == "environment") {
        AddOnce(ReadSetting("evaluate.environment", item.second, place), task.settings);
      } else if (key == "about") {
        if (!item.second.IsScalar()) {
          RejectConfig(place, list + ": about", "text", ShownValue(item.second));
        }
        task.about = item.second.Scalar();
      } else if (key == "held_out") {
        task.held_out = ReadFiles(item.second, list + ": held_out", name);
      } else if (key == "set") {
        CheckSettings(item.second, list, name);
        for (const auto& set : item.second) {
          AddOnce(ReadSetting(set.first.Scalar(), set.second, ConfigPlace(name, set.first)),
                  task.settings);
        }
      }
    }
    read.push_back(task);
  }
  return read;
}

std::vector<std::string> ReadFiles(const YAML::Node& files, const std::string& key,
                                   const std::string& name) {
  if (files.IsScalar() && !files.Scalar().empty()) return {files.Scalar()};
  std::vector<std::string> paths;
  if (files.IsSequence()) {
    for (const YAML::Node& file : files) paths.push_back(file.IsScalar() ? file.Scalar() : "");
  }
  if (paths.empty() || Holds(paths, "")) {
    RejectConfig(ConfigPlace(name, files), key, "a file name or a list of them", ShownValue(files));
  }
  return paths;
}

}  // namespace longplay
