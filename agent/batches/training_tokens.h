// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Tokens that one time step becomes; a method that sees single transitions has one each.
int64_t TokensPerTimeStep(const RunOptions& options);

/// Chains that one optimiser step sees, at least one.
int64_t ChainsPerStep(const RunOptions& options, const EpisodeSet& set);

/// [time steps] of a pass of train.tokens_per_pass; 0 = no limit. Rounded up: one that asks for less
/// than a time step still gets whole chains.
int64_t StepsPerPass(const RunOptions& options);

/// What training sees on average, of chains drawn as it draws them.
struct ExpectedTokens {
  double chain_steps = 0;      // [time steps] of one chain, cut to its window
  double tokens_per_step = 0;  // of one optimiser step
};

/// The same options and data always give the same numbers. Throws as
/// ChainSampler.
ExpectedTokens ExpectTokens(const RunOptions& options, const EpisodeSet& set);

}  // namespace longplay
