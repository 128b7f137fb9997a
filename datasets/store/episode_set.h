// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/store/normalizer.h"
#include "datasets/store/pack.h"
#include "datasets/store/step_summary.h"

namespace longplay {

/// Where the steps of a set are.
enum class StepPlace {
  kAuto,    // in memory if they take at most StoreOptions::memory_budget
  kMemory,  // read at once
  kMapped  // in a pack on disk (datasets/store/pack.h), made first if need be; memory does not grow
};

struct StoreOptions {
  StepPlace place = StepPlace::kAuto;
  int64_t memory_budget = int64_t{4} << 30;  // [bytes] of float32 steps, for kAuto
  PackOptions pack;
};

/// All episodes of one or more files, float32, one after another; the store to train from. Actions
/// are in the file's units (discrete ones are one-hot), observations too.
class EpisodeSet {
 public:
  /// Reads or maps every file. Throws std::invalid_argument when their sizes or action kinds
  /// differ.
  static EpisodeSet Load(const std::vector<std::string>& paths, const StoreOptions& options = {});

  const DatasetInfo& info() const;  // totals over all files; `path` is the first
  int64_t episodes() const;
  int64_t steps() const;
  int64_t length(int64_t episode) const;
  double episode_return(int64_t episode) const;  // undiscounted sum of rewards
  int64_t history(int64_t episode) const;  // which learner's run (attribute "history"), else 0
  std::span<const float> observations(int64_t episode) const;       // [N, O]
  std::span<const float> actions(int64_t episode) const;            // [N, A]
  std::span<const float> rewards(int64_t episode) const;            // [N]; zeros if none recorded
  std::span<const float> final_observation(int64_t episode) const;  // [O]; empty if not recorded
  bool terminated(int64_t episode) const;  // by the task: no value lies beyond its end
  int64_t longest() const;                 // [steps]
  uint64_t hash() const;                   // of all contents: names the data in results
  bool mapped() const;                     // whether the steps are on disk

  /// From statistics over the whole set. Observation std is at least 1e-6 (constant columns get 1);
  /// action bounds come from the action space when finite, else [-1, 1] when that holds all
  /// actions, else from the data; scales make the largest |return| and the reward's std 1.
  Normalizer ComputeNormalizer() const;

 private:
  /// The steps of one file: read, or mapped.
  struct Part {
    Pack pack;  // of a file that was read: without the mapped arrays
    std::vector<float> observations, actions, rewards, final_observations;
  };
  struct Place {
    const float *observations = nullptr, *actions = nullptr, *rewards = nullptr;
    const float* final_observation = nullptr;
    EpisodeRow row;
  };

  static std::shared_ptr<const Part> Read(const std::string& path, const StoreOptions& options);
  void Append(std::shared_ptr<const Part> part);
  void FitActions(Normalizer& normalizer) const;

  DatasetInfo info_;
  std::vector<std::shared_ptr<const Part>> parts_;
  std::vector<Place> places_;  // of each episode
  StepSummary summary_;        // of all files, without the table of episodes
};

}  // namespace longplay
