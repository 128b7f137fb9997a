// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "datasets/chains/step_encoder.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

enum class ChainOrder { kAscendingReturn, kCollected, kShuffled };
enum class ChainTarget { kChainBest, kOwnReturn };
enum class ChainLoss { kAllEpisodes, kLastEpisode };
/// kAnywhere draws episodes from the whole set; kHistory draws all of a chain from one learner's
/// run (one hidden parameter), needed for task families.
enum class ChainSource { kAnywhere, kHistory };
/// How likely an episode is drawn. By return: exp((R - R_min) / (R_max - R_min) / temperature), as
/// in Hong et al., arXiv 2306.13085.
enum class EpisodeWeight { kLength, kUniform, kReturn };
/// Chains of different lengths: each in a row of its own, padded to the longest, or all in one row,
/// without padding, kept apart by Batch::segments.
enum class ChainRows { kPadded, kPacked };

struct ChainOptions {
  int64_t episodes = 4;  // E; context grows with it
  int64_t window = 0;    // [steps] of a random stretch of each chain; 0 = whole chains
  ChainOrder order = ChainOrder::kAscendingReturn;  // chain of hindsight sorts by return
  ChainTarget target = ChainTarget::kChainBest;     // every episode is asked for the best return
  ChainLoss loss = ChainLoss::kAllEpisodes;
  ChainSource source = ChainSource::kAnywhere;
  EpisodeBoundary boundary = EpisodeBoundary::kZeros;
  double best_fraction = 1;  // keep only this share of episodes, the best ones (0.1 = "10 % BC")
  EpisodeWeight weight = EpisodeWeight::kLength;  // for kAnywhere
  double temperature = 0.1;                       // for EpisodeWeight::kReturn; small = greedy
  ChainRows rows = ChainRows::kPadded;
};

/// E episodes in the order in which the policy sees them.
struct TrajectoryChain {
  std::vector<int64_t> episodes;  // [E] indices into a TrajectorySet
  std::vector<double> targets;    // [E] target return of each
};

/// Chains in B rows of N steps: one each, padded on the right, or all in one row.
struct Batch {
  int64_t chains = 0;            // B, the number of rows
  int64_t steps = 0;             // N, of the longest row
  StepRows rows;                 // inputs
  std::vector<float> actions;    // [B, N, A] what to predict, in the policy's units
  std::vector<uint8_t> valid;    // [B, N] 1 = a real step, 0 = padding
  std::vector<uint8_t> in_loss;  // [B, N] 1 = counts in the loss (implies valid)
  // [B, N] which chain a step is of: steps see none but their own. Empty when rows hold one chain.
  std::vector<int64_t> segments;
};

/// Orders `episodes` and sets their targets. Ties keep the given order.
TrajectoryChain MakeChain(const TrajectorySet& set, std::vector<int64_t> episodes,
                          const ChainOptions& options, std::mt19937_64& random);

/// Draws chains of episodes.
/// Throws std::invalid_argument when no history holds enough episodes for options.source.
class ChainSampler {
 public:
  ChainSampler(const TrajectorySet& set, const ChainOptions& options);
  TrajectoryChain Sample(std::mt19937_64& random) const;

 private:
  const TrajectorySet* set_;  // not owned; must outlive the sampler
  ChainOptions options_;
  std::vector<int64_t> eligible_;                // episodes that survive best_fraction
  std::vector<double> cumulative_weight_;        // [eligible]
  std::vector<std::vector<int64_t>> histories_;  // eligible episodes by learner's run
};

/// Lays chains out as one batch, in the memory that `batch` has already. `random` picks the windows
/// when options.window > 0.
void FillBatch(const TrajectorySet& set, const Normalizer& normalizer,
               const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
               std::mt19937_64& random, Batch& batch);

/// The same in a new one.
Batch MakeBatch(const TrajectorySet& set, const Normalizer& normalizer,
                const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
                std::mt19937_64& random);

}  // namespace longplay
