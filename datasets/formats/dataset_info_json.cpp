// SPDX-License-Identifier: MIT
#include "datasets/formats/dataset_info_json.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace longplay {
namespace {

// JSON has no infinities, and action bounds may be some.
nlohmann::json Bounds(const std::vector<double>& values) {
  nlohmann::json json = nlohmann::json::array();
  for (const double value : values) {
    json.push_back(value > 1e300    ? nlohmann::json("inf")
                   : value < -1e300 ? nlohmann::json("-inf")
                                    : nlohmann::json(value));
  }
  return json;
}

std::vector<double> BoundsFrom(const nlohmann::json& json) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> values;
  for (const nlohmann::json& value : json) {
    values.push_back(value == "inf"    ? kInfinity
                     : value == "-inf" ? -kInfinity
                                       : value.get<double>());
  }
  return values;
}

nlohmann::json Parts(const std::vector<ColumnPart>& parts) {
  nlohmann::json json = nlohmann::json::array();
  for (const ColumnPart& part : parts) json.push_back({part.name, part.size});
  return json;
}

std::vector<ColumnPart> PartsFrom(const nlohmann::json& json) {
  std::vector<ColumnPart> parts;
  for (const nlohmann::json& part : json) parts.push_back({part.at(0), part.at(1)});
  return parts;
}

nlohmann::json Optional(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

std::optional<double> OptionalFrom(const nlohmann::json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

}  // namespace

std::string ToText(const DatasetInfo& info) {
  // Texts come from the file and may be no UTF-8: dump() replaces such bytes.
  return nlohmann::json{{"path", info.path},
                        {"format", info.format},
                        {"episodes", info.episodes},
                        {"steps", info.steps},
                        {"observation_size", info.observation_size},
                        {"action_size", info.action_size},
                        {"discrete", info.action_kind == ActionKind::kDiscrete},
                        {"has_rewards", info.has_rewards},
                        {"action_low", Bounds(info.action_low)},
                        {"action_high", Bounds(info.action_high)},
                        {"observation_parts", Parts(info.observation_parts)},
                        {"action_parts", Parts(info.action_parts)},
                        {"environment", info.environment},
                        {"observation_type", info.observation_type},
                        {"action_type", info.action_type},
                        {"reward_type", info.reward_type},
                        {"action_start", info.action_start},
                        {"action_repeat", info.action_repeat},
                        {"max_episode_steps", info.max_episode_steps},
                        {"reference_min", Optional(info.reference_min)},
                        {"reference_max", Optional(info.reference_max)}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

DatasetInfo DatasetInfoFromText(const std::string& text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    return {.path = json.at("path"),
            .format = json.at("format"),
            .episodes = json.at("episodes"),
            .steps = json.at("steps"),
            .observation_size = json.at("observation_size"),
            .action_size = json.at("action_size"),
            .action_kind = json.at("discrete") ? ActionKind::kDiscrete : ActionKind::kContinuous,
            .has_rewards = json.at("has_rewards"),
            .action_low = BoundsFrom(json.at("action_low")),
            .action_high = BoundsFrom(json.at("action_high")),
            .observation_parts = PartsFrom(json.at("observation_parts")),
            .action_parts = PartsFrom(json.at("action_parts")),
            .environment = json.at("environment"),
            .observation_type = json.at("observation_type"),
            .action_type = json.at("action_type"),
            .reward_type = json.at("reward_type"),
            .action_start = json.at("action_start"),
            .action_repeat = json.at("action_repeat"),
            .max_episode_steps = json.at("max_episode_steps"),
            .reference_min = OptionalFrom(json.at("reference_min")),
            .reference_max = OptionalFrom(json.at("reference_max"))};
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(std::string("reading data: what a file holds: ") + error.what());
  }
}

}  // namespace longplay
