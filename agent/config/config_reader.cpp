// SPDX-License-Identifier: MIT
#include "agent/config/config_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <vector>

#include "agent/config/config_fields.h"
#include "agent/names/closest_names.h"
#include "agent/notes.h"

namespace longplay {
namespace {

const ConfigField* Find(const std::string& key) {
  const auto& fields = ConfigFields();
  const auto found = std::ranges::find(fields, key, &ConfigField::key);
  return found == fields.end() ? nullptr : &*found;
}

/// Keys of version 0.1 that have another name now. They are read for one version more.
struct RenamedKey {
  const char* old;
  const char* now;
};
constexpr RenamedKey kRenamedKeys[] = {{"model.episode_memory", "model.episode_context"}};

/// Where every key has its line, for messages.
constexpr char kKeysPage[] = "docs/reference/configuration.md";

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (const ConfigField& field : ConfigFields()) keys.push_back(field.key);
  return keys;
}

std::vector<std::string> AllSections() {
  std::vector<std::string> sections;
  for (const ConfigField& field : ConfigFields()) {
    const std::string section = field.key.substr(0, field.key.find('.'));
    if (std::ranges::find(sections, section) == sections.end()) sections.push_back(section);
  }
  return sections;
}

std::string SectionsText() {
  std::string text;
  for (const std::string& section : AllSections()) text += (text.empty() ? "" : ", ") + section;
  return text;
}

/// The command whose files have a section of this name; "" where none has.
std::string CommandOfSection(const std::string& section) {
  if (section == "compare") return "longplay compare";
  if (section == "collect" || section == "sac" || section == "q_learning") {
    return "longplay collect --config";
  }
  const std::vector<std::string> sections = AllSections();
  return std::ranges::find(sections, section) == sections.end() ? "" : "longplay train";
}

std::string ClosestOf(const std::string& given, const std::vector<std::string>& known) {
  return " (closest: " + ClosestText(given, known) + "; all: " + kKeysPage + ")";
}

}  // namespace

void RejectConfig(const std::string& where, const std::string& key, const std::string& expected,
                  const std::string& got) {
  throw std::invalid_argument("reading config: " + where + ": " + key + ": expected " + expected +
                              ", got " + got);
}

void RejectUnknownKey(const std::string& where, const std::string& key,
                      const std::vector<std::string>& known) {
  RejectConfig(where, key, "a known key" + ClosestOf(key, known), "an unknown key");
}

void RejectUnknownSection(const std::string& where, const std::string& section,
                          const std::vector<std::string>& known) {
  // A file for another command is told so.
  const std::string command = CommandOfSection(section);
  if (!command.empty()) {
    RejectConfig(where, section, "a file for this command",
                 "a section that `" + command + "` reads");
  }
  RejectConfig(where, section, "a known section" + ClosestOf(section, known), "an unknown section");
}

std::string ConfigPlace(const std::string& name, const YAML::Node& node) {
  return node.Mark().is_null() ? name : name + ":" + std::to_string(node.Mark().line + 1);
}

std::string ShownValue(const YAML::Node& node) {
  if (node.IsNull()) return "nothing";
  if (node.IsMap()) return "a section";
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

std::string ReadConfigText(const std::string& path) {
  namespace fs = std::filesystem;
  const auto refuse = [&](const std::string& got) {
    throw std::invalid_argument("reading config: " + path + ": expected a YAML file, got " + got);
  };
  if (!fs::exists(path)) {
    // A key that has lost its value looks like a file.
    const bool key = Find(path) != nullptr;
    refuse(key ? "the name of a key (its value is set by " + path + "=VALUE)"
               : "none: there is no such file");
  }
  // What is often given here by mistake is told its own option.
  if (fs::is_directory(path)) {
    const bool run = fs::exists(fs::path(path) / "config.yaml");
    refuse(run ? "a run folder (--resume goes on with it)" : "a folder (data are given by --data)");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) refuse("one that cannot be read");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // HDF5 and zip (npz) files begin so; no text holds a zero.
  if (text.starts_with("\x89HDF") || text.starts_with("PK") ||
      text.find('\0') != std::string::npos) {
    refuse("a data file (it is given by --data " + path + ")");
  }
  return text;
}

YAML::Node ParseConfigText(const std::string& text, const std::string& name) {
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw std::invalid_argument("reading config: " + name + ":" +
                                std::to_string(error.mark.line + 1) + ": expected YAML, got " +
                                error.msg);
  }
  if (!root.IsMap() && !root.IsNull()) {
    RejectConfig(name, "file", "the sections " + SectionsText(), ShownValue(root));
  }
  // YAML lets a key come twice; one of the two would be lost unnoticed.
  std::set<std::string> seen;
  for (const auto& item : root) {
    if (seen.insert(item.first.Scalar()).second) continue;
    RejectConfig(ConfigPlace(name, item.first), item.first.Scalar(), "one section", "a second one");
  }
  return root;
}

std::pair<std::string, YAML::Node> ParseOverride(const std::string& text) {
  const std::string where = "command line";
  const size_t equals = text.find('=');
  if (equals == std::string::npos) RejectConfig(where, text, "key=value", "no =");
  const std::string key = text.substr(0, equals);
  try {
    return {key, YAML::Load(text.substr(equals + 1))};
  } catch (const YAML::Exception&) {
    RejectConfig(where, key, "a YAML value", text.substr(equals + 1));
  }
}

RunOptions StartConfig() {
  RunOptions options;
  // 0 here means as wide as the model asks for, and as the data were collected.
  options.model.feed_forward_width = 0;
  options.evaluate.action_repeat = 0;
  return options;
}

std::string CurrentName(const std::string& key, const std::string& where) {
  for (const RenamedKey& renamed : kRenamedKeys) {
    if (key != renamed.old) continue;
    static std::set<std::string> said;
    if (said.insert(key).second) {
      PrintNote(where + ": " + renamed.old + " is called " + renamed.now + " now");
    }
    return renamed.now;
  }
  return key;
}

void ReadConfigKey(const std::string& given, const YAML::Node& value, const std::string& where,
                   RunOptions& options) {
  const std::string key = CurrentName(given, where);
  const ConfigField* field = Find(key);
  if (field == nullptr) RejectUnknownKey(where, key, AllKeys());
  if (!field->read(value, options)) RejectConfig(where, key, field->accepted, ShownValue(value));
}

void ReadConfigSection(const std::string& section, const YAML::Node& node, const std::string& name,
                       RunOptions& options) {
  const std::vector<std::string> sections = AllSections();
  if (std::ranges::find(sections, section) == sections.end()) {
    // A value at the top of a file is a key that has lost its section.
    const std::string place = ConfigPlace(name, node);
    if (node.IsMap()) RejectUnknownSection(place, section, sections);
    RejectUnknownKey(place, section, AllKeys());
  }
  // An empty section leaves everything as it is.
  if (node.IsNull()) return;
  if (!node.IsMap()) {
    RejectConfig(ConfigPlace(name, node), section, "a section with keys", ShownValue(node));
  }
  std::set<std::string> seen;
  for (const auto& item : node) {
    const std::string place = ConfigPlace(name, item.first);
    // Under its old and its new name it is one key.
    const std::string key = CurrentName(section + "." + item.first.Scalar(), place);
    if (!seen.insert(key).second) RejectConfig(place, key, "one value", "a second one");
    ReadConfigKey(key, item.second, place, options);
  }
}

void CheckConfig(const RunOptions& options, const std::string& name) {
  const AttentionOptions& attention = options.model.attention;
  if (attention.width % attention.heads != 0) {
    RejectConfig(name, "model.width",
                 "a multiple of model.heads = " + std::to_string(attention.heads),
                 std::to_string(attention.width));
  }
}

}  // namespace longplay
