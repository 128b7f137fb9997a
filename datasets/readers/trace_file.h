// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace longplay {

/// A recording with physics states, to be replayed in the simulator. N steps, row-major.
struct RecordedTrace {
  std::string environment;           // attribute env_id; empty when the file has none
  std::string simulator_version;     // attribute mujoco_version; likewise
  std::vector<double> actions;       // [N, A]
  std::vector<double> observations;  // [N, O] after the step
  std::vector<double> rewards;       // [N]
  std::vector<uint8_t> terminals;    // [N] the task ended the episode
  std::vector<uint8_t> timeouts;     // [N] a limit did; all 0 when the file has none
  std::vector<double> states;        // [N, S] mjSTATE_INTEGRATION before the step, or empty
  std::vector<double> positions;     // [N, nq] before the step; empty when there are states
  std::vector<double> velocities;    // [N, nv] likewise
  std::map<std::string, std::vector<double>> model;  // infos/model/<field>, [N, size]
  bool float32_actions = false, float32_observations = false, float32_rewards = false;
};

/// Reads an HDF5 file in D4RL's layout with infos/state or infos/qpos and infos/qvel, in a child
/// process first, because damaged files can crash the HDF5 library. Throws DataError naming file,
/// array and what is wrong.
RecordedTrace ReadTrace(const std::string& path);

}  // namespace longplay
