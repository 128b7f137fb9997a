// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

namespace longplay {

/// Decides what each of B simulations does while histories are collected. It sees what a policy
/// would see (observations and rewards), and not the hidden parameter, oracles aside.
class Explorer {
 public:
  virtual ~Explorer() = default;
  /// Simulation i begins a new history: forget everything about it; all chance comes from `seed`.
  virtual void StartHistory(int64_t i, uint64_t seed) = 0;
  virtual void StartEpisode(int64_t i) = 0;
  /// observation [O] → action as Environment::Step takes it, inside the bounds.
  virtual void Act(int64_t i, std::span<const double> observation, std::span<double> action) = 0;
  /// What the last action of simulation i earned, and what is seen now ([O]).
  virtual void See(int64_t i, std::span<const double> observation, double reward) = 0;
};

}  // namespace longplay
