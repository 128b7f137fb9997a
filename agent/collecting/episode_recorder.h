// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "datasets/episode.h"
#include "env/environment.h"

namespace longplay {

/// Builds the Episode of one simulation while it is played.
///
/// A step in which the simulation diverged is left out, and the episode counts as truncated there:
/// the task did not end it, and what lies beyond is unknown.
class EpisodeRecorder {
 public:
  /// Begins an episode with what is seen first ([O]); actions take `action_columns` numbers.
  void Start(std::span<const double> observation, int64_t action_columns);
  /// One decision: action, what it did, and what is seen after it ([O]).
  void Add(std::span<const double> action, const StepOutcome& outcome,
           std::span<const double> next_observation);
  /// The episode so far; length 0 when its first step diverged.
  Episode Take();

  const Episode& episode() const { return episode_; }
  int64_t length() const { return episode_.length(); }
  double episode_return() const { return return_; }

 private:
  Episode episode_;
  double return_ = 0;
};

}  // namespace longplay
