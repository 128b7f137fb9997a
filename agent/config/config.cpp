// SPDX-License-Identifier: MIT
#include "agent/config/config.h"

#include "agent/config/config_fields.h"
#include "agent/config/config_reader.h"

namespace longplay {
namespace {

void ReadOverrides(const std::vector<std::string>& overrides, RunOptions& options) {
  for (const std::string& override : overrides) {
    const auto [key, value] = ParseOverride(override);
    ReadConfigKey(key, value, "command line", options);
  }
}

}  // namespace

RunOptions WithOverrides(const RunOptions& options, const std::vector<std::string>& overrides) {
  RunOptions result = options;
  ReadOverrides(overrides, result);
  CheckConfig(result, "command line");
  return result;
}

RunOptions DefaultsWith(const std::vector<std::string>& overrides) {
  return WithOverrides({}, overrides);
}

RunOptions ParseConfig(const std::string& text, const std::string& name,
                       const std::vector<std::string>& overrides) {
  // Defaults, the file, the command line; last what keys must agree on.
  RunOptions options = StartConfig();
  for (const auto& item : ParseConfigText(text, name)) {
    ReadConfigSection(item.first.Scalar(), item.second, name, options);
  }
  ReadOverrides(overrides, options);
  CheckConfig(options, name);
  return options;
}

RunOptions LoadConfig(const std::string& path, const std::vector<std::string>& overrides) {
  RunOptions options = ParseConfig(ReadConfigText(path), path, overrides);
  if (options.data.files.empty()) RejectConfig(path, "data.files", "at least one file", "none");
  return options;
}

std::string ConfigToYaml(const RunOptions& options) {
  std::string text, section;
  // Fields stand section by section: another name begins another one.
  for (const ConfigField& field : ConfigFields()) {
    const size_t dot = field.key.find('.');
    if (field.key.substr(0, dot) != section) {
      section = field.key.substr(0, dot);
      text += section + ":\n";
    }
    std::string line = "  " + field.key.substr(dot + 1) + ": " + field.print(options);
    // Comments in one column, behind values that are not too long.
    if (line.size() < 40) line.resize(40, ' ');
    text += line + "  # " + field.comment + "\n";
  }
  return text;
}

}  // namespace longplay
