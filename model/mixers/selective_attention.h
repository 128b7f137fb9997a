// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <memory>
#include <tuple>

#include "model/attention/token_choice.h"
#include "model/mixers/selective_context.h"
#include "model/mixing/mixer_with_state.h"
#include "model/options.h"

namespace longplay {

/// What selective attention remembers: S < span tokens, and counts of all so far.
struct SelectiveState {
  torch::Tensor keys, values;  // [B, S, G, K]
  torch::Tensor seen;          // [B, S] bool, true = later tokens may see it
  torch::Tensor tokens;        // [B] float32 or float64, all so far
  torch::Tensor chosen;        // [B] likewise, the chosen ones; carries the choices' gradient
  auto fields() { return std::tie(keys, values, seen, tokens, chosen); }
};

/// Taipan's attention for chosen tokens: the others pass as they are.
///
///   x [B, n, D] ─┬─► gate ─► (no, yes) ─┬─► + Gumbel noise ─► larger? ─────────────────┐ m: 1 or 0
///                │                      └─► softmax ─► a ──────────────────────────────┼─────┐
///                ├─► query (chosen tokens only) ─┐                                     ▼     ▼
///                └─► key_value ──────────────────┴─► attend ─► projection ─► o ─► y = m a (o - h)
///
/// h is Chunk.residual, so that the layer's h + y is (1 - a) h + a o for chosen tokens. The gate
/// reads the normalised x. While training, m has the gradient of the soft choice (straight-through)
/// where it is 1; otherwise there is no noise. No positions; a token sees the last `span` tokens,
/// or the chosen ones among them.
/// Source: arXiv 2410.18572, section 3. What it leaves open: temperature, weight of the penalty and
/// form of the gate are options or as above; the norm stands in front, as in Mamba.
class SelectiveAttention : public MixerWithState<SelectiveState> {
 public:
  /// Reads options.taipan and options.attention's width and heads. Throws c10::Error when the heads
  /// do not divide the width, or the key-value heads the heads.
  explicit SelectiveAttention(const ModelOptions& options);

  SelectiveState Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, SelectiveState& state, const Chunk& chunk,
                    HandedOn& handed) override;
  /// (capacity - share of chosen tokens)^2 over whole sequences, their mean times the weight.
  torch::Tensor PenaltyOf(const SelectiveState& last) const override;

  std::unique_ptr<MixerContext> StartContext(int64_t batch, const ContextOptions& options) override;
  /// The next token of every chain of `memory`, no gradient.
  ///   x, residual  [B, D], the latter as in Chunk → [B, D]
  torch::Tensor StepOne(const torch::Tensor& x, const torch::Tensor& residual,
                        SelectiveContext& memory) const;

 private:
  TokenChoice Choose(const torch::Tensor& scores, const Chunk& chunk) const;
  torch::Tensor Attend(const torch::Tensor& queries, const torch::Tensor& chosen,
                       const SelectiveState& all, const torch::Tensor& starts) const;

  TaipanOptions options_;
  int64_t heads_, shared_heads_, head_width_;  // H, G, K
  torch::nn::Linear gate_{nullptr};            // [2, D]
  torch::nn::Linear query_{nullptr};           // [H K, D]
  torch::nn::Linear key_value_{nullptr};       // [2 G K, D]
  torch::nn::Linear projection_{nullptr};      // [D, H K]
};

}  // namespace longplay
