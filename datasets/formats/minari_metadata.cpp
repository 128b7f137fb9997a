// SPDX-License-Identifier: MIT
#include "datasets/formats/minari_metadata.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "datasets/data_error.h"

namespace longplay {

nlohmann::json ReadJsonObject(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw DataError(path, std::string("expected a readable file, got ") + std::strerror(errno));
  }
  std::ostringstream content;
  content << file.rdbuf();
  nlohmann::json json = ParsePythonJson(content.str());
  if (!json.is_object()) {
    throw DataError(path, "expected a JSON object, got " + content.str().substr(0, 40));
  }
  return json;
}

MinariMetadata ParseMinariMetadata(const nlohmann::json& json) {
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  const auto number = [&](const char* key) -> std::optional<double> {
    if (!json.contains(key) || !json[key].is_number()) return {};
    return json[key].get<double>();
  };
  // What no count can be counts as missing.
  const auto whole = [&](const char* key, int64_t missing) {
    const double value = number(key).value_or(static_cast<double>(missing));
    return value >= 0 && value < 0x1p53 ? static_cast<int64_t>(value) : missing;
  };
  MinariMetadata metadata;
  metadata.observation_space = ParseSpace(text("observation_space"));
  metadata.action_space = ParseSpace(text("action_space"));
  metadata.data_format = text("data_format");
  metadata.environment = text("longplay_environment");
  if (metadata.environment.empty()) metadata.environment = EnvironmentOfSpec(text("env_spec"));
  metadata.action_repeat = whole("longplay_action_repeat", 1);
  metadata.max_episode_steps = whole("longplay_max_episode_steps", 0);
  metadata.reference_min = number("ref_min_score");
  metadata.reference_max = number("ref_max_score");
  return metadata;
}

}  // namespace longplay
