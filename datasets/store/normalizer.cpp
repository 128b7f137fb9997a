// SPDX-License-Identifier: MIT
#include "datasets/store/normalizer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace longplay {

nlohmann::json ToJson(const Normalizer& normalizer) {
  nlohmann::json json = {{"observation_mean", normalizer.observation_mean},
                         {"observation_std", normalizer.observation_std},
                         {"action_center", normalizer.action_center},
                         {"action_scale", normalizer.action_scale},
                         {"reward_scale", normalizer.reward_scale},
                         {"return_scale", normalizer.return_scale}};
  if (!normalizer.observation_offset.empty()) {
    json["observation_offset"] = normalizer.observation_offset;
  }
  return json;
}

Normalizer NormalizerFromJson(const nlohmann::json& json) {
  Normalizer normalizer;
  try {
    json.at("observation_mean").get_to(normalizer.observation_mean);
    if (json.contains("observation_offset")) {
      json.at("observation_offset").get_to(normalizer.observation_offset);
    }
    json.at("observation_std").get_to(normalizer.observation_std);
    json.at("action_center").get_to(normalizer.action_center);
    json.at("action_scale").get_to(normalizer.action_scale);
    json.at("reward_scale").get_to(normalizer.reward_scale);
    json.at("return_scale").get_to(normalizer.return_scale);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(std::string("reading normalizer: ") + error.what());
  }
  const size_t offsets = normalizer.observation_offset.size();
  if (normalizer.observation_std.size() != normalizer.observation_mean.size() ||
      (offsets != 0 && offsets != normalizer.observation_mean.size()) ||
      normalizer.action_scale.size() != normalizer.action_center.size()) {
    throw std::runtime_error("reading normalizer: expected equally long lists, got " +
                             json.dump().substr(0, 80));
  }
  return normalizer;
}

}  // namespace longplay
