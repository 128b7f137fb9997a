// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/ranks/process_group.h"
#include "agent/training/training_session.h"

namespace longplay {

// What ranks of one training settle among themselves. With one rank alone (no group) each says what
// that one would do.

/// train.threads where the configuration does not say: those of all ranks together.
int64_t ThreadsOfAll(ProcessGroup* group, int64_t own);

/// Throws std::invalid_argument for a parallel.context that cannot be: it does not divide the ranks,
/// or the method or mixer cannot share a chain. `fitted` to the data; `group` may be null.
void CheckContext(const ProcessGroup* group, const RunOptions& fitted);

/// Throws std::invalid_argument where a step has fewer chains than there are ranks to share them.
///   ranks   that share chains out, or contexts of several
///   chains  of a step, or transitions
void CheckEnoughChains(int64_t ranks, int64_t chains, const RunOptions& options);

/// Throws std::invalid_argument, naming the keys, on every rank that trains otherwise than rank 0
/// does, or from other data.
void CheckSameTraining(ProcessGroup& group, const RunOptions& options, uint64_t data_hash);

/// Every rank stands where rank 0 does: its step, draws, log, normaliser, weights and optimiser's
/// state.
void FollowRankZero(ProcessGroup& group, TrainingSession& session);

/// The signal that stops training on every rank after the same step: that of any rank, or empty.
std::string AgreedSignal(ProcessGroup* group, const std::string& own);

}  // namespace longplay
