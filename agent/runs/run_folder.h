// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/config/run_options.h"

namespace longplay {

enum class RunStart { kFresh, kResume };

/// What a run of this config file or data set is called: "hopper" of configs/hopper.yaml and of
/// data/hopper/. Never empty.
std::string RunName(const std::string& path);

/// Makes the folder of a run. Throws std::invalid_argument when a fresh run would overwrite
/// checkpoints, std::runtime_error when the folder cannot be made.
void PrepareRun(const std::string& run, RunStart start);

/// Throws std::invalid_argument, with the ways out, where a run has checkpoints already.
void CheckUnused(const std::string& run);

/// Writes the config.yaml of a run, atomically. Throws std::runtime_error when it cannot.
void WriteRunConfig(const std::string& run, const RunOptions& options);

/// Steps of the complete checkpoints of a run, ascending.
std::vector<int64_t> CheckpointSteps(const std::string& run);

/// …/checkpoints/step_N of a run, whether it is there or not.
std::string CheckpointFolder(const std::string& run, int64_t step);

/// The newest complete checkpoint below a run folder, or empty.
std::string NewestCheckpoint(const std::string& run);

/// The newest whose configuration and policy record can be read: what Train goes on from, where its
/// weights are whole too. Empty where there is none.
std::string NewestReadableCheckpoint(const std::string& run);

/// A damaged one becomes step_N.damaged, which is no checkpoint any more.
void SetAsideCheckpoint(const std::string& run, int64_t step);

/// All but the newest `keep` are deleted.
void DeleteOldCheckpoints(const std::string& run, int64_t keep);

}  // namespace longplay
