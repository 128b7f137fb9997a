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
  const std::optional<EpisodeSet>& validation;
  const std::vector<std::string>& held_out;  // data files, for policies without a simulator
  std::string folder;
  RunHashes hashes;
};

/// How far the run in a folder has come, in this order.
enum class RunState {
  kNew,      // nothing there
  kStarted,  // goes on from its newest checkpoint
  kTrained,  // to be played
  kDone,     // trained and played, as the configuration says
  kAnother   // a run of another policy or schedule, or of other data
};

/// Called as a run goes on; each may be empty.
struct RunObserver {
  std::function<void(const TrainingProgress&)> on_training;
  std::function<void()> on_trained;
  std::function<void(int64_t done)> on_evaluating;  // episodes; chains where there is no simulator
};

/// Names for what a run is trained and played with; `data_hash` is EpisodeSet::hash as text.
RunHashes HashesOf(const RunOptions& options, const std::string& data_hash,
                   const std::vector<std::string>& held_out);

RunState StateOf(const RunWork& work);

/// Throws std::invalid_argument, naming the keys that differ, when the folder holds another run.
void RefuseAnotherRun(const RunWork& work);

/// Deletes what the folder holds if it is another run.
void RemoveAnotherRun(const RunWork& work);

/// Of a run that is done, else nothing; a result of another training or evaluation is none.
/// Throws std::runtime_error when the result is damaged.
std::optional<RunOutcome> ReadOutcome(const std::string& folder, const RunHashes& hashes);

/// Trains, unless that is done. A started run goes on, bit for bit. Throws as Train and
/// RefuseAnotherRun.
void TrainRun(const RunWork& work, const RunObserver& observer);

/// Trains, evaluates and measures; the outcome is returned and written to `folder`/result.json, the
/// last of its files. Throws as Train and Evaluate.
RunOutcome PerformRun(const RunWork& work, const RunObserver& observer);

}  // namespace longplay
