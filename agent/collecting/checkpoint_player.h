// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/collect_work/episode_journal.h"
#include "agent/learners/soft_actor_critic.h"
#include "env/environment.h"

namespace longplay {

/// What is recorded of a learner in place of its learning: every so often a few episodes of the
/// policy as it is then, which teach it nothing.
struct CheckpointPlan {
  int64_t every = 0;  // [decisions of learning] between two; 0 = none: the learning is recorded
  std::string journal;
  int64_t history = 0;  // of the recorded episodes
  uint64_t seed = 0;    // of the learner: the same hidden parameter
};

/// Plays them, in all simulations of `environment` once each. What a checkpoint does depends on the
/// policy and its number alone, so that a run that goes on ends with the same bytes.
class CheckpointPlayer {
 public:
  /// Goes on from the journal, of which `done` checkpoints count.
  CheckpointPlayer(std::unique_ptr<Environment> environment, const CheckpointPlan& plan,
                   int64_t done);

  /// Checkpoints that are due by then.
  int64_t DueAt(int64_t decisions) const { return decisions / plan_.every; }
  /// Plays those that are due and were not played.
  void PlayDue(const SoftActorCritic& learner, int64_t decisions);

  void Flush() const { journal_->Flush(); }

 private:
  void Play(const SoftActorCritic& learner);

  std::unique_ptr<Environment> environment_;
  CheckpointPlan plan_;
  int64_t done_;
  std::optional<EpisodeJournal> journal_;
};

}  // namespace longplay
