// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "datasets/chains/step_rows.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// How the episodes of a chain follow one another: by return, as they were collected, or at random.
enum class ChainOrder { kAscendingReturn, kCollected, kShuffled };
/// Which return an episode is asked for: the best one in its chain, or its own.
enum class ChainTarget { kChainBest, kOwnReturn };
/// Which episodes count in the loss (Batch::in_loss).
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
/// What a chain may be turned by where a task is the same in every direction (PlaneTurn).
enum class ChainSymmetry { kNone, kSquare, kPlane };

struct ChainOptions {
  int64_t episodes = 4;  // E; context grows with it
  int64_t skip = 1;      // of a history in the order of collecting: every skip-th episode
  int64_t window = 0;    // [steps] at a random place of each chain; 0 = whole chains
  ChainOrder order = ChainOrder::kAscendingReturn;  // chain of hindsight sorts by return
  ChainTarget target = ChainTarget::kChainBest;     // every episode is asked for the best return
  ChainLoss loss = ChainLoss::kAllEpisodes;
  ChainSource source = ChainSource::kAnywhere;
  EpisodeBoundary boundary = EpisodeBoundary::kZeros;
  double best_fraction = 1;  // keep only this share of episodes, the best ones (0.1 = "10 % BC")
  EpisodeWeight weight = EpisodeWeight::kLength;  // for kAnywhere
  double temperature = 0.1;                       // for EpisodeWeight::kReturn; small = greedy
  double query_fraction = 1;  // of a shuffled history: the last episode is of this share, the best
  double random_maps = 0;     // share of the chains that are seen through random linear maps
  ChainSymmetry symmetry = ChainSymmetry::kNone;  // by which each chain is turned at random
  ChainRows rows = ChainRows::kPadded;
};

/// E episodes in the order in which the policy sees them.
struct Chain {
  std::vector<int64_t> episodes;  // [E] indices into a EpisodeSet
  std::vector<double> targets;    // [E] return that each is asked for, in the data's units
};

/// Orders `episodes` and sets their targets. Ties keep the given order.
Chain MakeChain(const EpisodeSet& set, std::vector<int64_t> episodes, const ChainOptions& options,
                std::mt19937_64& random);

/// Draws chains of episodes. A chain from anywhere holds no episode twice where there are as many as
/// it has; where there are fewer, each as often as another or once more.
class ChainSampler {
 public:
  /// `set` must outlive the sampler. Throws std::invalid_argument when the set or options.episodes
  /// is empty, or no history holds enough episodes for options.source.
  ChainSampler(const EpisodeSet& set, const ChainOptions& options);
  Chain Sample(std::mt19937_64& random) const;

  /// Whether a chain holds an episode twice because there are fewer than it has.
  bool repeats() const { return static_cast<int64_t>(eligible_.size()) < options_.episodes; }
  int64_t eligible() const { return static_cast<int64_t>(eligible_.size()); }

 private:
  const EpisodeSet* set_;  // not owned; must outlive the sampler
  ChainOptions options_;
  std::vector<int64_t> eligible_;                // episodes that survive best_fraction
  std::vector<double> cumulative_weight_;        // [eligible]
  std::vector<std::vector<int64_t>> histories_;  // eligible episodes by learner's run
  std::vector<std::vector<int64_t>> queries_;    // those of each that may stand last

  Chain SampleAroundQuery(int64_t history, std::mt19937_64& random) const;
  int64_t DrawIndex(const std::vector<int64_t>& times, int64_t most, std::mt19937_64& random) const;
};

/// Consecutive steps of a chain, drawn but not loaded. A transition is a window of one step of one episode.
struct ChainWindow {
  Chain chain;
  int64_t first = 0;   // [steps] where it begins, in the chain
  int64_t length = 0;  // [steps]
  uint64_t map = 0;    // seed of the maps that the chain is seen through; 0 = as it is
  uint64_t turn = 0;   // seed of its turn; 0 = as it is
};

/// The whole chain, or `window` consecutive steps anywhere in it when it is longer; 0 = whole.
ChainWindow DrawWindow(const EpisodeSet& set, Chain chain, int64_t window, std::mt19937_64& random);

}  // namespace longplay
