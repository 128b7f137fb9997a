// SPDX-License-Identifier: MIT
#include "agent/config/config_json.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/config_fields.h"

namespace longplay {
namespace {

/// A value as YAML has it: lists, numbers, true and false stay such, everything else is text.
nlohmann::json Value(const YAML::Node& node) {
  if (node.IsSequence()) {
    auto list = nlohmann::json::array();
    for (const YAML::Node& item : node) list.push_back(Value(item));
    return list;
  }
  if (node.Tag() == "!") return node.Scalar();  // quoted
  nlohmann::json value = nlohmann::json::parse(node.Scalar(), nullptr, false);
  return value.is_discarded() ? nlohmann::json(node.Scalar()) : value;
}

}  // namespace

nlohmann::json ConfigToJson(const RunOptions& options) {
  RunOptions portable = options;
  portable.data.cache.clear();
  for (std::string& file : portable.data.files) {
    // A folder may be named with a slash at its end.
    const std::filesystem::path path(file);
    file = path.has_filename() ? path.filename() : path.parent_path().filename();
  }
  nlohmann::json json;
  for (const ConfigField& field : ConfigFields()) {
    const size_t dot = field.key.find('.');
    json[field.key.substr(0, dot)][field.key.substr(dot + 1)] =
        Value(YAML::Load(field.print(portable)));
  }
  return json;
}

nlohmann::json EvaluateToJson(const EvaluateOptions& options) {
  RunOptions run;
  run.evaluate = options;
  return ConfigToJson(run)["evaluate"];
}

EvaluateOptions EvaluateFromJson(const nlohmann::json& json) {
  std::vector<std::string> overrides;
  // JSON is YAML: the reader of the command line takes each value, and checks it.
  for (const auto& [key, value] : json.items()) {
    overrides.push_back("evaluate." + key + "=" + value.dump());
  }
  return DefaultsWith(overrides).evaluate;
}

}  // namespace longplay
