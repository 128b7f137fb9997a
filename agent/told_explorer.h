// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "agent/history_player.h"

namespace longplay {

/// Acts knowing the hidden parameter: observation [O], parameter [P] → action [A].
using ToldActor = std::function<void(std::span<const double> observation,
                                     std::span<const double> parameter, std::span<double> action)>;

/// The oracle that learners are measured by: told what they have to find.
class ToldExplorer : public Explorer {
 public:
  /// `environment` is the one that it plays in, and must outlive it.
  ToldExplorer(const BatchedEnvironment& environment, ToldActor actor);

  void StartHistory(int64_t, uint64_t) override {}
  void StartEpisode(int64_t) override {}
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t, std::span<const double>, double) override {}

 private:
  const BatchedEnvironment& environment_;
  ToldActor actor_;
};

}  // namespace longplay
