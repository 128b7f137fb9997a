// SPDX-License-Identifier: MIT
#include <stdexcept>

#include "agent/config/config.h"
#include "agent/exchange/import_architecture.h"

namespace longplay {
namespace {

constexpr int64_t kNewestSchema = 1;

/// Sections with keys with values or lists of values: nothing deeper may be written out as text.
bool IsConfig(const nlohmann::json& json) {
  if (!json.is_object()) return false;
  for (const nlohmann::json& section : json) {
    if (!section.is_object()) return false;
    for (const nlohmann::json& value : section) {
      if (!value.is_structured()) continue;
      if (!value.is_array()) return false;
      for (const nlohmann::json& item : value) {
        if (item.is_structured()) return false;
      }
    }
  }
  return true;
}

const nlohmann::json& Member(const ImportFolder& folder, const std::string& key) {
  const auto found = folder.config().find(key);
  if (found == folder.config().end() || !found->is_object()) folder.FailConfig(key, "an object");
  return *found;
}

/// Configurations are read as YAML, of which JSON is a part.
RunOptions ReadConfig(const ImportFolder& folder) {
  const nlohmann::json& config = Member(folder, "config");
  if (!IsConfig(config)) folder.FailConfig("config", "sections with values");
  try {
    RunOptions options = ParseConfig(config.dump(), folder.config_path(), {});
    options.model.head = options.head.value_or(options.model.head);
    return options;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
}

}  // namespace

ImportedPolicy ImportExported(ImportFolder& folder) {
  if (folder.Size("schema") > kNewestSchema) {
    folder.FailConfig("schema", "1 or older (a newer longplay wrote it)");
  }
  ImportedPolicy policy{.architecture = "longplay_policy"};
  policy.record =
      PolicyRecordFromJson(Member(folder, "policy"), folder.config_path(), ReadConfig(folder));
  // Shapes from config.json: tensors must be those that it names.
  for (const auto& [name, shape] : Member(folder, "parameters").items()) {
    std::vector<int64_t> sizes;
    for (const nlohmann::json& size : shape) {
      if (!size.is_number_unsigned()) folder.FailConfig("parameters", "shapes");
      sizes.push_back(size.get<int64_t>());
    }
    policy.weights[name] = folder.Take(name, sizes);
  }
  return policy;
}

}  // namespace longplay
