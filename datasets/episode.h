// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longplay {

enum class ActionKind { kContinuous, kDiscrete };

/// One recorded episode of N steps, as the file holds it (float32 and integers widen losslessly).
///
/// Row t of `observations` is what was seen before action t. A file that also stores what was seen
/// after the last action gives N + 1 rows; otherwise there are N.
struct Episode {
  int64_t observation_size = 0;      // O
  int64_t action_columns = 0;        // A for continuous actions, 1 for discrete ones
  std::vector<double> observations;  // [N + 1, O] or [N, O]
  std::vector<double> actions;       // [N, action_columns]; discrete: index from 0
  std::vector<double> rewards;       // [N]; empty when the file records none
  bool terminated = false;           // the task ended it (fall, goal): no value lies beyond
  int64_t history = 0;               // which learner's run it belongs to
  bool truncated = false;            // time limit or end of recording: it could have gone on

  int64_t length() const {
    return action_columns == 0 ? 0 : static_cast<int64_t>(actions.size()) / action_columns;
  }
  bool has_final_observation() const {
    return static_cast<int64_t>(observations.size()) == (length() + 1) * observation_size;
  }
};

/// Numbers recorded beside the steps, by name ("qpos", "goal/x").
struct InfoArray {
  std::string type = "float64";    // in the file
  std::vector<int64_t> row_shape;  // {} = one number a row
  std::vector<double> values;      // [N or N + 1, ...]
};

/// What an episode holds beyond its steps.
struct EpisodeExtras {
  std::optional<uint64_t> seed;  // of its reset
  std::map<std::string, InfoArray> infos;
  std::vector<std::string> left_out;  // what is in the file and not here: texts, pictures
};

/// States of the simulator, as recorded.
struct RecordedPhysics {
  int64_t columns = 0;       // of joint positions, velocities and activations
  std::vector<double> rows;  // [N + 1 or N, columns]
};

/// Columns of an observation or an action that stand under one name in the file.
struct ColumnPart {
  std::string name;
  int64_t size = 1;  // columns
};

/// What a file holds, known after its structure was checked.
struct DatasetInfo {
  std::string path;
  std::string format;  // "minari", "d4rl" ...
  int64_t episodes = 0;
  int64_t steps = 0;
  int64_t observation_size = 0;  // O
  int64_t action_size = 0;       // A; for discrete actions the number of different actions
  ActionKind action_kind = ActionKind::kContinuous;
  bool has_rewards = true;
  std::vector<double> action_low, action_high;  // [A] from the file's action space, or empty
  // In the order of the columns; empty where the file has one array without names.
  std::vector<ColumnPart> observation_parts, action_parts;
  std::string environment;                   // id named in the file, or empty
  std::string observation_type = "float64";  // in the file, as numpy calls it
  std::string action_type = "float32", reward_type = "float64";
  int64_t action_start = 0;                            // discrete: the file's first action
  int64_t action_repeat = 1;                           // with which the data were collected
  int64_t max_episode_steps = 0;                       // [decisions] of the task; 0 = not stated
  std::optional<double> reference_min, reference_max;  // returns scored 0 and 1, if the file says
};

}  // namespace longplay
