// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "model/options.h"
#include "model/rows/norm.h"
#include "model/tensors/step_tensors.h"

namespace longplay {

/// Turns time steps into tokens. A step's tokens never contain the action that it predicts.
///
///   merged:       token of step t = return_t + observation_t + action_{t-1} + reward_{t-1}
///                                   + completion_{t-1}              (linear maps, summed)
///   interleaved:  action_{t-1}, reward_{t-1}, completion_{t-1}, return_t, observation_t
///                 (one token each: the stream R, s, a, r, d, cut before each action's result)
///   both:         + learned embedding of the step in its episode + of the episode in its chain,
///                 unless switched off (ModelOptions)
///   normalise:    LayerNorm of each of these tokens, + offset [D], a learned constant that is 0 at
///                 first
///
/// Kinds that the options leave out are left out. The action is read at a step's last token.
/// With follow_stream (interleaved only) the tokens of the previous step have the place of that
/// step, max(step - 1, 0), as when each token is embedded with the step to which it belongs.
/// Source: arXiv 2106.01345, algorithm 1 (normalise, follow_stream: the order R, s, a).
class TokenEmbeddingImpl : public torch::nn::Module {
 public:
  /// Throws c10::Error for impossible options.
  explicit TokenEmbeddingImpl(const ModelOptions& options);

  /// [B, N * tokens_per_step(), D]. Throws c10::Error when shapes do not fit the options.
  torch::Tensor forward(const StepTensors& steps);

  int64_t tokens_per_step() const { return tokens_per_step_; }
  /// Of a step's tokens, the first ones, which tell of the step before and follow its place in the
  /// stream (TokenOptions::follow_stream); there are none in front of a chain's first step.
  int64_t previous_tokens() const { return previous_tokens_; }

 private:
  void CountTokens();
  torch::Tensor EmbedPlace(const torch::Tensor& episode_steps, const torch::Tensor& episodes);
  template <typename Body>
  void ForEachKind(const StepTensors& steps, const Body& body);

  ModelOptions options_;
  int64_t tokens_per_step_ = 0, previous_tokens_ = 0;
  torch::nn::Linear action_{nullptr}, reward_{nullptr}, completion_{nullptr}, return_{nullptr},
      observation_{nullptr};
  torch::nn::Embedding step_{nullptr}, episode_{nullptr};
  Norm norm_{nullptr};    // with normalise, and
  torch::Tensor offset_;  // [D]
};
TORCH_MODULE(TokenEmbedding);

}  // namespace longplay
