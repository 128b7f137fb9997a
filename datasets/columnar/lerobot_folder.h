// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/checks/problem_log.h"

namespace longplay {

/// One feature of a LeRobot data set, as meta/info.json has it.
struct LerobotFeature {
  std::string name;  // "observation.state"
  std::string type;  // as numpy calls it ("float32", "bool"), or "video", "image", "string" ...
  std::vector<int64_t> shape;

  bool is_number() const;
  int64_t row_size() const;  // numbers a frame
};

/// Where an episode's frames are, and what else is said of it.
struct LerobotEpisode {
  int64_t index = 0;
  int64_t length = -1;           // [frames]; -1 = not said
  int64_t from = -1, to = -1;    // of all frames, by v3; -1 = not said
  std::string file;              // with its frames
  std::string where;             // what says so: file:column[row]
  int64_t ends = -1;             // written by us: 1 terminated + 2 truncated
  int64_t history = 0;           // likewise
  std::optional<uint64_t> seed;  // likewise
};

/// What a LeRobot data set says of itself: all but the frames.
///
/// v3.0: meta/info.json and meta/episodes/chunk-*/file-*.parquet, data files of many episodes.
/// v2.0 and v2.1: meta/episodes.jsonl, a data file an episode. Besides, meta/longplay.json of our
/// own writer. Source: huggingface/lerobot, src/lerobot/datasets (0.4.4; v2.1: 0.3.3).
struct LerobotFolder {
  std::string path, version;  // "v3.0"
  double fps = 0;             // 0 = not said
  std::vector<LerobotFeature> features;
  std::vector<LerobotEpisode> episodes;  // ascending index
  std::string environment;               // id, or empty
  // From meta/longplay.json, where it is there.
  std::vector<double> action_low, action_high;
  int64_t actions = 0, action_start = 0;  // discrete: how many, and the first; 0 = not said
  int64_t action_repeat = 1, max_episode_steps = 0;
  std::optional<double> reference_min, reference_max;

  const LerobotFeature* Find(const std::string& name) const;
};

/// Reads it; warns of what does not fit together. Throws DataError.
LerobotFolder ReadLerobotFolder(const std::string& path, ProblemLog& log);

/// Whether a folder has meta/info.json.
bool IsLerobotFolder(const std::string& path);

}  // namespace longplay
