// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "datasets/step_encoder.h"
#include "datasets/trajectory_set.h"

namespace longplay {

enum class ChainOrder { kAscendingReturn, kCollected, kShuffled };
enum class ChainTarget { kChainBest, kOwnReturn };
enum class ChainLoss { kAllEpisodes, kLastEpisode };
/// kAnywhere draws episodes from the whole set; kHistory draws all of a chain from one learner's
/// run (one hidden parameter), needed for task families.
enum class ChainSource { kAnywhere, kHistory };

struct ChainOptions {
  int64_t episodes = 4;  // E; context grows with it
  int64_t window = 0;    // [steps] of a random stretch of each chain; 0 = whole chains
  ChainOrder order = ChainOrder::kAscendingReturn;  // chain of hindsight sorts by return
  ChainTarget target = ChainTarget::kChainBest;     // every episode is asked for the best return
  ChainLoss loss = ChainLoss::kAllEpisodes;
  ChainSource source = ChainSource::kAnywhere;
  EpisodeBoundary boundary = EpisodeBoundary::kZeros;
  double best_fraction = 1;  // keep only this share of episodes, the best ones (0.1 = "10 % BC")
};

/// E episodes in the order in which the policy sees them.
struct TrajectoryChain {
  std::vector<int64_t> episodes;  // [E] indices into a TrajectorySet
  std::vector<double> targets;    // [E] target return of each
};

/// B chains side by side, padded on the right. `rows` is [B, N] row-major.
struct Batch {
  int64_t chains = 0;            // B
  int64_t steps = 0;             // N, of the longest
  StepRows rows;                 // inputs
  std::vector<float> actions;    // [B, N, A] what to predict, in the policy's units
  std::vector<uint8_t> valid;    // [B, N] 1 = a real step, 0 = padding
  std::vector<uint8_t> in_loss;  // [B, N] 1 = counts in the loss (implies valid)
};

/// Orders `episodes` and sets their targets. Ties keep the given order.
TrajectoryChain MakeChain(const TrajectorySet& set, std::vector<int64_t> episodes,
                          const ChainOptions& options, std::mt19937_64& random);

/// Draws chains with episodes sampled in proportion to their length.
/// Throws std::invalid_argument when no history holds enough episodes for options.source.
class ChainSampler {
 public:
  ChainSampler(const TrajectorySet& set, const ChainOptions& options);
  TrajectoryChain Sample(std::mt19937_64& random) const;

 private:
  const TrajectorySet* set_;  // not owned; must outlive the sampler
  ChainOptions options_;
  std::vector<int64_t> eligible_;                // episodes that survive best_fraction
  std::vector<double> cumulative_length_;        // [eligible] for sampling by length
  std::vector<std::vector<int64_t>> histories_;  // eligible episodes by learner's run
};

/// Lays chains out as one batch. `random` picks the windows when options.window > 0.
Batch MakeBatch(const TrajectorySet& set, const Normalizer& normalizer,
                const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
                std::mt19937_64& random);

}  // namespace longplay
