// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/chains/affine_map.h"
#include "datasets/store/normalizer.h"

namespace longplay {

/// What the policy sees, one row per time step, in the policy's units. M rows; a batch has M = B *
/// N.
struct StepRows {
  int64_t observation_size = 0;             // O
  int64_t action_size = 0;                  // A; discrete actions are one-hot
  std::vector<float> returns;               // [M] target return still to come
  std::vector<float> observations;          // [M, O]
  std::vector<float> previous_actions;      // [M, A]
  std::vector<float> previous_rewards;      // [M]
  std::vector<float> previous_completions;  // [M] 1 = the last step reached the target
  std::vector<int64_t> episode_steps;       // [M] time step within its episode, from 0
  std::vector<int64_t> episodes;            // [M] position of its episode in the chain, from 0

  /// All zero.
  static StepRows Zeros(int64_t rows, int64_t observation_size, int64_t action_size);

  /// Rows may hold anything then.
  void Resize(int64_t rows, int64_t observation_size, int64_t action_size);
  void Clear(int64_t row);
};

/// What a step's "previous" fields hold at the start of an episode that is not the chain's first.
enum class EpisodeBoundary { kZeros, kCarry };

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
  StepEncoder(const Normalizer& normalizer, EpisodeBoundary boundary);

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
