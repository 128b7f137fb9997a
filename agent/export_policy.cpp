// SPDX-License-Identifier: MIT
#include "agent/export_policy.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/atomic_write.h"
#include "agent/config_fields.h"
#include "agent/safetensors.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr int kSchema = 1;

template <typename T>
bool Reads(const std::string& text, nlohmann::json& json) {
  T value{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return false;
  json = value;
  return true;
}

/// A value of the configuration with the type that YAML gives it.
nlohmann::json ValueOf(const YAML::Node& node) {
  if (node.IsSequence()) {
    auto list = nlohmann::json::array();
    for (const YAML::Node& item : node) list.push_back(ValueOf(item));
    return list;
  }
  const std::string& text = node.Scalar();
  nlohmann::json json = text;
  if (node.Tag() == "!") return json;  // quoted
  if (text == "true" || text == "false") return text == "true";
  if (Reads<int64_t>(text, json) || Reads<uint64_t>(text, json) || Reads<double>(text, json)) {
    return json;
  }
  return text;
}

nlohmann::json ConfigJson(const RunOptions& options) {
  nlohmann::json json;
  for (const ConfigField& field : ConfigFields()) {
    const size_t dot = field.key.find('.');
    json[field.key.substr(0, dot)][field.key.substr(dot + 1)] =
        ValueOf(YAML::Load(field.print(options)));
  }
  return json;
}

}  // namespace

int64_t ExportPolicy(const LoadedPolicy& policy, const std::string& folder) {
  const fs::path config = fs::path(folder) / "config.json";
  const fs::path weights_file = fs::path(folder) / "model.safetensors";
  for (const fs::path& path : {config, weights_file}) {
    if (!fs::exists(path)) continue;
    throw std::runtime_error("exporting: " + path.string() + ": expected no such file, got one");
  }
  int64_t count = 0;
  TensorMap weights;
  nlohmann::json shapes;
  for (const auto& item : policy.network->named_parameters()) {
    weights[item.key()] = item.value();
    shapes[item.key()] = item.value().sizes().vec();
    count += item.value().numel();
  }
  const nlohmann::json json = {{"model_type", kExportedModelType},
                               {"schema", kSchema},
                               {"config", ConfigJson(policy.record.options)},
                               {"policy", ToJson(policy.record)},
                               {"parameters", shapes}};
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw std::runtime_error("exporting: " + folder + ": expected a writable folder, got none");
  }
  WriteSafetensors(weights_file, weights, {{"format", "pt"}});
  WriteAtomically(config, json.dump(1) + "\n", "exporting");
  return count;
}

}  // namespace longplay
