// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"
#include "agent/config/run_options.h"
#include "agent/training/training_progress.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// One training run with all that it needs.
struct RunWork {
  const RunOptions& options;  // whole, as FitToData leaves them
  const EpisodeSet& data;
  const std::vector<std::string>& held_out;  // data files, for policies without a simulator
  std::string folder;
  std::string config_hash;
};

/// How far the run in a folder has come, in this order.
enum class RunState {
  kNew,      // nothing there, or a run of another configuration or of other data
  kStarted,  // goes on from its newest checkpoint
  kTrained,  // to be played
  kDone
};

/// Called as a run goes on; each may be empty.
struct RunObserver {
  std::function<void(const TrainingProgress&)> on_training;
  std::function<void()> on_trained;
  std::function<void(int64_t episodes)> on_evaluating;
};

/// A name for a configuration (ConfigToYaml of it whole) with its data (EpisodeSet::hash).
std::string ConfigHash(const std::string& config, const std::string& data_hash);

RunState StateOf(const RunWork& work);

/// Of a run that is done, else nothing; a result of another configuration is none.
/// Throws std::runtime_error when the result is damaged.
std::optional<RunOutcome> ReadOutcome(const std::string& folder, const std::string& config_hash);

/// Trains, unless that is done. A started run goes on, bit for bit; what else is there is replaced.
/// Throws as Train.
void TrainRun(const RunWork& work, const RunObserver& observer);

/// Trains, evaluates and measures; the outcome is returned and written to `folder`/result.json, the
/// last of its files. Throws as Train and Evaluate.
RunOutcome PerformRun(const RunWork& work, const RunObserver& observer);

}  // namespace longplay
