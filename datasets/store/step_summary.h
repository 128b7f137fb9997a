// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "datasets/episode.h"
#include "datasets/store/column_statistics.h"

namespace longplay {

/// An episode's steps as training reads them.
struct EpisodeFloats {
  // [N, O] less the offset, without what was seen after the last action
  std::vector<float> observations;
  std::vector<float> final_observation;  // [O] that; zeros if it was not recorded
  std::vector<float> actions;            // [N, A]; discrete ones are one-hot
  std::vector<float> rewards;            // [N]; zeros if none were recorded
};

/// What to take off the observations of a set that begins with this episode, so that float32 holds
/// their changes: [O], or empty where there is no need.
std::vector<double> ObservationOffset(const Episode& first);

/// Throws DataError when float32 cannot hold a number; `index` is the episode's, for the message.
EpisodeFloats ToFloats(const Episode& episode, const DatasetInfo& info, int64_t index = 0,
                       const std::vector<double>& offset = {});

/// A row of the table of episodes.
struct EpisodeRow {
  int64_t length = 0;
  int64_t history = 0;        // which learner's run it belongs to
  double episode_return = 0;  // undiscounted
  bool terminated = false;    // the task ended it: no value lies beyond
  bool has_final_observation = false;
};

EpisodeRow ToRow(const Episode& episode);

/// What is known of many episodes without their steps; grows episode by episode.
struct StepSummary {
  explicit StepSummary(const DatasetInfo& info = {});
  void Add(const EpisodeFloats& episode, const EpisodeRow& row);

  std::vector<EpisodeRow> episodes;
  ColumnStatistics observations, actions, rewards;
  // FNV-1a, 8 bytes at a time, over lengths, observations, actions and rewards.
  uint64_t hash = 0xCBF29CE484222325ULL;
  int64_t steps = 0;

  /// All but `episodes`, which is kept as rows of its own.
  nlohmann::json ToJson() const;
  static StepSummary FromJson(const nlohmann::json& json);
};

}  // namespace longplay
