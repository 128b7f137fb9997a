// SPDX-License-Identifier: MIT
#include "datasets/tables/step_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

namespace longplay {
namespace {

using Words = std::vector<std::string_view>;

/// In the order of preference where several are there.
const Words& ExactNames(StepRole role) {
  static const Words observations = {"observations", "observation", "obs"};
  static const Words next = {"next_observations", "next_observation", "next_obs"};
  static const Words actions = {"actions", "action"};
  static const Words rewards = {"rewards", "reward"};
  static const Words terminals = {"terminals",   "terminal",     "terminated",
                                  "terminateds", "terminations", "termination",
                                  "is_terminal", "dones",        "done"};
  static const Words timeouts = {
      "timeouts",   "timeout",     "truncated",    "truncateds",
      "truncation", "truncations", "is_truncated", "timelimit.truncated"};
  static const Words episodes = {"episodes",       "episode",          "episode_id",
                                 "episode_ids",    "episode_index",    "episode_idx",
                                 "episode_number", "episode_num",      "ep",
                                 "ep_id",          "trajectory",       "trajectories",
                                 "trajectory_id",  "trajectory_index", "traj",
                                 "traj_id"};
  static const Words counters = {"step",      "steps",      "t",          "timestep",
                                 "timesteps", "time_step",  "step_index", "step_number",
                                 "frame",     "frame_index"};
  static const Words groups = {"robot",       "robot_id",  "robot_name", "robots",   "env",
                               "env_id",      "env_index", "env_idx",    "env_name", "envs",
                               "environment", "agent",     "agent_id",   "agents"};
  switch (role) {
    case StepRole::kObservations:
      return observations;
    case StepRole::kNextObservations:
      return next;
    case StepRole::kActions:
      return actions;
    case StepRole::kRewards:
      return rewards;
    case StepRole::kTerminals:
      return terminals;
    case StepRole::kTimeouts:
      return timeouts;
    case StepRole::kEpisodes:
      return episodes;
    case StepRole::kCounter:
      return counters;
    case StepRole::kGroup:
      break;
  }
  return groups;
}

/// Longest first: the rest is the suffix.
const Words& FirstWords(StepRole role) {
  static const Words observations = {"observations", "observation", "obs"};
  static const Words next = {"next_observations", "next_observation", "next_obs",
                             "observations_next", "observation_next", "obs_next"};
  static const Words actions = {"actions", "action", "act"};
  static const Words rewards = {"rewards", "reward"};
  static const Words none;
  switch (role) {
    case StepRole::kObservations:
      return observations;
    case StepRole::kNextObservations:
      return next;
    case StepRole::kActions:
      return actions;
    case StepRole::kRewards:
      return rewards;
    default:
      return none;
  }
}

std::string Lower(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace

int64_t ExactRank(const std::string& name, StepRole role) {
  const Words& words = ExactNames(role);
  const auto found = std::ranges::find(words, Lower(name));
  return found == words.end() ? -1 : found - words.begin();
}

bool IsInfoName(const std::string& name) {
  return name == "qpos" || name == "qvel" || name == "button_states" || name.starts_with("infos/");
}

std::string NameSuffix(const std::string& name, StepRole role) {
  std::string lower = Lower(name);
  for (const std::string_view word : FirstWords(role)) {
    if (lower.starts_with(word)) return lower.substr(word.size());
  }
  return lower;
}

bool IsNameOfSeveral(const std::string& name, StepRole role) {
  const std::string lower = Lower(name);
  for (const std::string_view other : {"log_prob", "logprob", "mask"}) {
    if (lower.find(other) != std::string::npos) return false;
  }
  // "obs_next_0" begins as observations do, too.
  if (role == StepRole::kObservations && IsNameOfSeveral(name, StepRole::kNextObservations)) {
    return false;
  }
  return std::ranges::any_of(FirstWords(role), [&](std::string_view word) {
    if (!lower.starts_with(word)) return false;
    return lower.size() == word.size() ||
           std::isalpha(static_cast<unsigned char>(lower[word.size()])) == 0;
  });
}

}  // namespace longplay
