// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/chains/affine_map.h"
#include "datasets/chains/step_rows.h"
#include "datasets/store/normalizer.h"

namespace longplay {

/// Lays out one chain step by step. Training drives it with recorded episodes and a roll-out with
/// live ones, so that both see the same tokens.
///
///   encoder.StartEpisode(target);
///   loop: encoder.Write(observation, rows, row); act; encoder.Record(action, reward, last);
///
/// return_t = target - rewards so far in this episode. A step's completion is 1 when it is the
/// episode's last and the episode's return reached the target.
class StepEncoder {
 public:
  /// Observations come without `offset`, [O] or empty.
  StepEncoder(const Normalizer& normalizer, EpisodeBoundary boundary,
              const std::vector<double>& offset = {});

  /// `target` in the data's units. The first call starts episode 0 of the chain.
  void StartEpisode(double target);
  /// Writes row `row` of `rows` for the current step; `observation` [O] in the data's units.
  void Write(std::span<const float> observation, StepRows& rows, int64_t row) const;
  /// Ends the current step; `action` [A] in the policy's units (normalised or one-hot).
  void Record(std::span<const float> action, double reward, bool last);
  /// The same as Record for all of `rewards`, of which `action` is the last step's; `ends`: so is
  /// the episode's.
  void Skip(std::span<const float> rewards, std::span<const float> action, bool ends);

  /// The oldest episode of the chain is forgotten: the running one is one number earlier.
  void ForgetAnEpisode() { --episode_; }

  double return_so_far() const { return return_so_far_; }
  /// Whether the last recorded step ended an episode that reached its target.
  bool reached_target() const { return previous_completion_ != 0; }

 private:
  const Normalizer* normalizer_;  // not owned; must outlive the encoder
  EpisodeBoundary boundary_;
  double target_ = 0, return_so_far_ = 0;
  int64_t step_ = 0, episode_ = -1;
  AffineMap observation_map_;
  std::vector<float> previous_action_;  // [A]
  float previous_reward_ = 0, previous_completion_ = 0;
};

}  // namespace longplay
