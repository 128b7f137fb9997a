// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/store/normalizer.h"
#include "datasets/store/store_options.h"

namespace longplay {

/// All episodes of one or more files, float32, one after another; the store to train from. Actions
/// are in the file's units (discrete ones are one-hot), observations too, less observation_offset(). It never changes: copies
/// share the steps, and threads may read it together. Spans hold for as long as any copy lives.
class EpisodeSet {
 public:
  /// Reads or maps every file (a path as OpenDataset takes it). Throws std::invalid_argument when
  /// their sizes or action kinds differ, std::runtime_error as OpenDataset does.
  static EpisodeSet Load(const std::vector<std::string>& paths, const StoreOptions& options = {});

  const DatasetInfo& info() const;  // totals over all files; `path` is the first
  /// What `data validate` warns of, a line for each kind; where several files disagree (environment,
  /// action repeat, bounds), and what is used.
  const std::vector<std::string>& notes() const;
  int64_t episodes() const;
  int64_t steps() const;

  /// [O] what was taken off all observations before they were rounded to float32; empty = nothing.
  const std::vector<double>& observation_offset() const;

  // `episode` is in [0, episodes()), which is not checked.
  int64_t length(int64_t episode) const;         // N
  double episode_return(int64_t episode) const;  // undiscounted sum of rewards
  int64_t history(int64_t episode) const;  // which learner's run (attribute "history"), else 0
  std::span<const float> observations(int64_t episode) const;  // [N, O], less the offset
  std::span<const float> actions(int64_t episode) const;       // [N, A]
  std::span<const float> rewards(int64_t episode) const;       // [N]; zeros if none recorded
  std::span<const float> labels(int64_t episode) const;  // [N, A] StoreOptions::labels; else empty
  std::span<const float> final_observation(
      int64_t episode) const;              // [O], likewise; empty if not recorded
  bool terminated(int64_t episode) const;  // by the task: no value lies beyond its end

  int64_t longest() const;  // [steps]
  uint64_t hash() const;    // of all contents: names the data in results
  bool mapped() const;      // whether the steps are on disk

  /// These episodes alone, in this order; shares the steps. Statistics, hash and totals are theirs.
  EpisodeSet Select(const std::vector<int64_t>& episodes) const;

  /// From statistics over the whole set. Observation std is at least 1e-6 (constant columns get 1);
  /// action bounds come from the action space when finite, else [-1, 1] when that holds all
  /// actions, else from the data; scales make the largest |return| and the reward's std 1.
  Normalizer ComputeNormalizer() const;

 private:
  struct Contents;
  explicit EpisodeSet(std::shared_ptr<const Contents> contents);

  std::shared_ptr<const Contents> contents_;
};

}  // namespace longplay
