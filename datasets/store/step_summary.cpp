// SPDX-License-Identifier: MIT
#include "datasets/store/step_summary.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "datasets/checks/float32_check.h"
#include "datasets/store/one_hot.h"

namespace longplay {
namespace {

/// A step of FNV-1a, on 64 bits at once.
uint64_t Mix(uint64_t hash, uint64_t word) { return (hash ^ word) * 0x100000001B3ULL; }

uint64_t Hash(const std::vector<float>& values, uint64_t hash) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  const size_t size = values.size() * sizeof(float);
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + i, std::min(sizeof word, size - i));
    hash = Mix(hash, word);
    hash ^= hash >> 32;  // multiplication carries differences upwards only
  }
  return hash;
}

}  // namespace

std::vector<double> ObservationOffset(const Episode& first) {
  // Smaller numbers keep five digits of a change of a thousandth of them.
  constexpr double kFar = 1e4, kTimesTheSpread = 1e3;
  const int64_t size = first.observation_size, rows = first.length();
  std::vector<double> offset(size, 0.0);
  bool any = false;
  for (int64_t k = 0; k < size; ++k) {
    const double start = first.observations[k];
    double spread = 0;
    for (int64_t t = 0; t < rows; ++t) {
      spread = std::max(spread, std::abs(first.observations[t * size + k] - start));
    }
    if (std::abs(start) < kFar || std::abs(start) < kTimesTheSpread * spread) continue;
    offset[k] = start;
    any = true;
  }
  return any ? offset : std::vector<double>();
}

EpisodeFloats ToFloats(const Episode& episode, const DatasetInfo& info, int64_t index,
                       const std::vector<double>& offset) {
  CheckFloat32(info.path, index, episode);
  if (!offset.empty()) {
    Episode moved = episode;
    for (size_t i = 0; i < moved.observations.size(); ++i) {
      moved.observations[i] -= offset[i % offset.size()];
    }
    return ToFloats(moved, info, index);
  }
  const int64_t length = episode.length();
  EpisodeFloats floats;
  // One row an action; the row after the last one, or zeros, goes beside them.
  const auto seen = episode.observations.begin();
  floats.observations.assign(seen, seen + length * episode.observation_size);
  floats.final_observation.assign(seen + length * episode.observation_size,
                                  episode.observations.end());
  floats.final_observation.resize(episode.observation_size, 0.0F);
  // Discrete actions become one-hot vectors.
  if (info.action_kind == ActionKind::kDiscrete) {
    floats.actions.resize(length * info.action_size);
    for (int64_t t = 0; t < length; ++t) {
      WriteOneHot(episode.actions[t],
                  std::span(floats.actions).subspan(t * info.action_size, info.action_size));
    }
  } else {
    floats.actions.assign(episode.actions.begin(), episode.actions.end());
  }
  // Rewards that were not recorded are zeros.
  floats.rewards.assign(episode.rewards.begin(), episode.rewards.end());
  floats.rewards.resize(length, 0.0F);
  return floats;
}

EpisodeRow ToRow(const Episode& episode) {
  return {.length = episode.length(),
          .history = episode.history,
          .episode_return = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0),
          .terminated = episode.terminated,
          .has_final_observation = episode.has_final_observation()};
}

StepSummary::StepSummary(const DatasetInfo& info)
    : observations(info.observation_size), actions(info.action_size), rewards(1) {}

void StepSummary::Add(const EpisodeFloats& episode, const EpisodeRow& row) {
  episodes.push_back(row);
  observations.Add(episode.observations);
  actions.Add(episode.actions);
  rewards.Add(episode.rewards);
  hash = Mix(hash, static_cast<uint64_t>(row.length));
  hash = Hash(episode.observations, hash);
  hash = Hash(episode.actions, hash);
  hash = Hash(episode.rewards, hash);
  steps += row.length;
}

nlohmann::json StepSummary::ToJson() const {
  return {{"observations", observations.ToJson()},
          {"actions", actions.ToJson()},
          {"rewards", rewards.ToJson()},
          {"hash", hash},
          {"steps", steps}};
}

StepSummary StepSummary::FromJson(const nlohmann::json& json) {
  StepSummary summary;
  summary.observations = ColumnStatistics::FromJson(json.at("observations"));
  summary.actions = ColumnStatistics::FromJson(json.at("actions"));
  summary.rewards = ColumnStatistics::FromJson(json.at("rewards"));
  summary.hash = json.at("hash");
  summary.steps = json.at("steps");
  return summary;
}

}  // namespace longplay
