// SPDX-License-Identifier: MIT
#include "agent/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "agent/config_fields.h"

namespace longplay {
namespace {

[[noreturn]] void Fail(const std::string& where, const std::string& key,
                       const std::string& expected, const std::string& got) {
  throw std::invalid_argument("reading config: " + where + ": " + key + ": expected " + expected +
                              ", got " + got);
}

std::string Where(const std::string& name, const YAML::Node& node) {
  return node.Mark().is_null() ? name : name + ":" + std::to_string(node.Mark().line + 1);
}

/// A value on one line, for messages.
std::string Shown(const YAML::Node& node) {
  if (node.IsNull()) return "nothing";
  if (node.IsMap()) return "a section";
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

const ConfigField* Find(const std::string& key) {
  const auto& fields = ConfigFields();
  const auto found = std::ranges::find(fields, key, &ConfigField::key);
  return found == fields.end() ? nullptr : &*found;
}

/// "episodes, window ..." for section "chain"; the sections themselves for "".
std::string KeysOf(const std::string& section) {
  std::string keys;
  std::set<std::string> seen;
  for (const ConfigField& field : ConfigFields()) {
    const size_t dot = field.key.find('.');
    const std::string part = section.empty()                        ? field.key.substr(0, dot)
                             : field.key.starts_with(section + ".") ? field.key.substr(dot + 1)
                                                                    : "";
    if (part.empty() || !seen.insert(part).second) continue;
    keys += (keys.empty() ? "" : ", ") + part;
  }
  return keys;
}

void ReadField(const std::string& key, const YAML::Node& value, const std::string& where,
               RunOptions& options) {
  const ConfigField* field = Find(key);
  if (field == nullptr) {
    const std::string section = key.substr(0, key.find('.'));
    const std::string known = KeysOf(section);
    Fail(where, key, known.empty() ? "a section " + KeysOf("") : "a key " + known,
         "an unknown key");
  }
  if (!field->read(value, options)) Fail(where, key, field->accepted, Shown(value));
}

void ReadSection(const std::string& section, const YAML::Node& node, const std::string& name,
                 RunOptions& options) {
  if (KeysOf(section).empty()) {
    Fail(Where(name, node), section, "a section " + KeysOf(""), "an unknown key");
  }
  if (node.IsNull()) return;
  if (!node.IsMap()) Fail(Where(name, node), section, "a section with keys", Shown(node));
  std::set<std::string> seen;
  for (const auto& item : node) {
    const std::string key = section + "." + item.first.Scalar();
    if (!seen.insert(key).second) Fail(Where(name, item.first), key, "one value", "a second one");
    ReadField(key, item.second, Where(name, item.first), options);
  }
}

void ReadOverride(const std::string& text, RunOptions& options) {
  const std::string where = "command line";
  const size_t equals = text.find('=');
  if (equals == std::string::npos) Fail(where, text, "key=value", "no =");
  YAML::Node value;
  try {
    value = YAML::Load(text.substr(equals + 1));
  } catch (const YAML::Exception&) {
    Fail(where, text.substr(0, equals), "a YAML value", text.substr(equals + 1));
  }
  ReadField(text.substr(0, equals), value, where, options);
}

void CheckTogether(const RunOptions& options, const std::string& name) {
  const AttentionOptions& attention = options.model.attention;
  if (attention.width % attention.heads != 0) {
    Fail(name, "model.width", "a multiple of model.heads = " + std::to_string(attention.heads),
         std::to_string(attention.width));
  }
}

}  // namespace

RunOptions DefaultsWith(const std::vector<std::string>& overrides) {
  RunOptions options;
  for (const std::string& override : overrides) ReadOverride(override, options);
  CheckTogether(options, "command line");
  return options;
}

RunOptions ParseConfig(const std::string& text, const std::string& name,
                       const std::vector<std::string>& overrides) {
  RunOptions options;
  options.model.feed_forward_width = 0;
  options.evaluate.action_repeat = 0;
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw std::invalid_argument("reading config: " + name + ":" +
                                std::to_string(error.mark.line + 1) + ": expected YAML, got " +
                                error.msg);
  }
  if (!root.IsMap() && !root.IsNull()) Fail(name, "file", "sections " + KeysOf(""), Shown(root));
  std::set<std::string> seen;
  for (const auto& item : root) {
    const std::string section = item.first.Scalar();
    if (!seen.insert(section).second) {
      Fail(Where(name, item.first), section, "one section", "a second one");
    }
    ReadSection(section, item.second, name, options);
  }
  for (const std::string& override : overrides) ReadOverride(override, options);
  CheckTogether(options, name);
  if (options.data.files.empty()) Fail(name, "data.files", "at least one file", "none");
  return options;
}

RunOptions LoadConfig(const std::string& path, const std::vector<std::string>& overrides) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || std::filesystem::is_directory(path)) {
    throw std::invalid_argument("reading config: " + path + ": expected a readable file, got none");
  }
  return ParseConfig(text, path, overrides);
}

std::string ConfigToYaml(const RunOptions& options) {
  std::string text, section;
  for (const ConfigField& field : ConfigFields()) {
    const size_t dot = field.key.find('.');
    if (field.key.substr(0, dot) != section) {
      section = field.key.substr(0, dot);
      text += section + ":\n";
    }
    std::string line = "  " + field.key.substr(dot + 1) + ": " + field.print(options);
    if (line.size() < 40) line.resize(40, ' ');
    text += line + "  # " + field.comment + "\n";
  }
  return text;
}

}  // namespace longplay
