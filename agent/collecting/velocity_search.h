// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/collecting/history_player.h"
#include "env/random_generator.h"

namespace longplay {

/// Runs at `aim` [m/s]: observation [O] → action [6] in [-1, 1]. All chance comes from `random`,
/// so that a history does not depend on those beside it.
using VelocityActor = std::function<void(std::span<const double> observation, double aim,
                                         RandomGenerator& random, std::span<double> action)>;

/// What one episode told of the hidden velocity: a speed, and how far from the wish it was.
struct VelocityClue {
  double velocity = 0, error = 0;  // [m/s] means over the steady part of an episode
};

/// What may be wished for [m/s].
struct VelocityRange {
  double slowest = 0.075, fastest = 3;
};

/// The wish [m/s] in the range that explains the clues best. One clue leaves two of them, below and
/// above the speed: then a fair coin decides. Without a clue: uniform.
double GuessVelocity(const std::vector<VelocityClue>& clues, RandomGenerator& random,
                     const VelocityRange& range = {});

/// Searches a hidden wished-for velocity by its reward, one guess an episode, with an actor that
/// runs at any velocity it is told.
///
///   reward ─► how far the speed was from the wish ─► below or above? ─► guess ─► actor ─► action
///
/// The first guess is blind; the second is right or on the wrong side; from the third on it is
/// known. So returns rise over the first episodes of a history, and what to do next follows from
/// what was seen so far. Learners differ in how noisily they act (drawn once per history).
class VelocitySearch : public Explorer {
 public:
  VelocitySearch(int64_t simulations, VelocityActor actor, int64_t action_repeat = 1,
                 const VelocityRange& range = {});

  static bool Handles(const std::string& environment);
  static VelocityRange RangeOf(const std::string& environment);
  /// Where the wish is seen, as the last number of the observation: what an actor learns on.
  static std::string OracleOf(const std::string& environment);

  void StartHistory(int64_t i, uint64_t seed) override;
  void StartEpisode(int64_t i) override;
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t i, std::span<const double> observation, double reward) override;

 private:
  struct Searcher {
    RandomGenerator random;
    double noise = 0;  // standard deviation on actions, of this history
    std::vector<VelocityClue> clues;
    double aim = 0;         // [m/s]
    double cost = 0;        // of the last action
    VelocityClue sum = {};  // of the running episode's steady part
    int64_t steps = 0, counted = 0;
  };

  VelocityActor actor_;
  VelocityRange range_;
  double action_repeat_;             // control steps that a reward sums over
  std::vector<Searcher> searchers_;  // [B]
};

}  // namespace longplay
