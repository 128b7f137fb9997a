// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace longplay {

/// Two returns by which others are scored: (return - zero) / (hundred - zero), times 100.
struct ReturnReference {
  double zero = 0, hundred = 0;  // returns scored 0 and 100; zero < hundred
  std::string source;            // "data file" or "D4RL"

  double Score(double episode_return) const {
    return 100 * (episode_return - zero) / (hundred - zero);
  }
};

/// D4RL's for the environments that it has (Gymnasium's v5 ids included, whose tasks differ
/// slightly), else nothing: dm_control's and ExoRL's returns are reported raw. An environment with
/// changed arguments ("Hopper-v5?...") is another task and has none.
/// Source: Farama-Foundation/D4RL d4rl/infos.py.
std::optional<ReturnReference> D4rlReference(const std::string& environment);

}  // namespace longplay
