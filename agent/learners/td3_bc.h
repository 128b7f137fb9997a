// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "agent/config/run_options.h"
#include "agent/learners/flat_adam.h"
#include "agent/learners/replay_buffer.h"
#include "agent/learners/stacked_mlp.h"

namespace longplay {

/// The deterministic policy: observations [B, O] → actions [B, A] in [-1, 1].
///
///   observation ─► linear ─► relu ─► linear ─► relu ─► linear ─► tanh ─► action
StackedMlp MakeActor(int64_t observation_size, int64_t action_size, int64_t hidden,
                     const at::Generator& generator, const torch::TensorOptions& options);
torch::Tensor ActorActions(const StackedMlp& actor, const torch::Tensor& observations,
                           StackedMlp::Weights weights);

struct CriticUpdate {
  double loss = 0;           // mean squared errors of both critics, added
  double gradient_norm = 0;  // of both
};
struct ActorUpdate {
  double loss = 0;
  double cloning = 0;  // mean squared distance from the data's actions
  double value = 0;    // mean |Q| of the policy's actions
};

/// TD3 whose policy also clones the data's actions: the strong baseline that is no sequence model.
///
///   critics: y = r + discount * continues * min_k target_k(s', target actor(s') + clipped noise)
///            loss = sum over k of mean (Q_k(s, a) - y)^2
///   policy:  loss = mean (pi(s) - a)^2 - alpha / mean |Q_1(s, pi(s))| * mean Q_1(s, pi(s))
///
/// Nothing is drawn here but the first weights: the same calls give the same bytes.
/// Source: arXiv 2106.06860, equations 3 to 5; the critics' part is TD3's, arXiv 1802.09477.
class Td3Bc {
 public:
  /// `tensor_options`: float32 or float64 on any device.
  Td3Bc(int64_t observation_size, int64_t action_size, const Td3BcOptions& options,
        const at::Generator& generator, const torch::TensorOptions& tensor_options);

  /// One step of the critics. `noise` [B, A] is standard normal. Nothing when the loss or its
  /// gradient is not finite: then nothing has changed.
  std::optional<CriticUpdate> UpdateCritics(const TransitionBatch& batch,
                                            const torch::Tensor& noise);
  /// One step of the policy, and the targets follow policy and critics. Nothing likewise.
  std::optional<ActorUpdate> UpdateActor(const TransitionBatch& batch);

  /// [B] y above.
  torch::Tensor Targets(const TransitionBatch& batch, const torch::Tensor& noise) const;

  const StackedMlp& actor() const { return actor_; }
  int64_t parameters() const { return actor_.flat().numel() + critics_.flat().numel(); }

  /// Everything that changes: "actor", "critics", "target_actor", "target_critics" (each a vector)
  /// and the optimisers' moments.
  TensorMap state() const;
  /// Throws std::runtime_error when a part is missing.
  void Load(const TensorMap& state);

 private:
  Td3BcOptions options_;
  StackedMlp actor_, target_actor_, critics_, target_critics_;
  FlatAdam actor_optimizer_, critic_optimizer_;
};

}  // namespace longplay
