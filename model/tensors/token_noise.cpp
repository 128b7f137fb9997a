// SPDX-License-Identifier: MIT
#include "model/tensors/token_noise.h"

#include <torch/types.h>

#include <tuple>

namespace longplay {
namespace {

constexpr int64_t kUsesOfALayer = 16;  // room for NoiseUse

/// [B, N] int64: steps since the segment's first one.
torch::Tensor NumbersIn(const torch::Tensor& segments) {
  const int64_t N = segments.size(1);
  const auto places = torch::arange(N, segments.options());
  auto starts = torch::zeros_like(segments);  // places of first steps, 0 elsewhere
  if (N > 1) {
    const auto begins = segments.narrow(1, 1, N - 1) != segments.narrow(1, 0, N - 1);
    starts.narrow(1, 1, N - 1).copy_(begins * places.narrow(0, 1, N - 1));
  }
  // Less the place of the last start.
  return places - std::get<0>(starts.cummax(1));
}

}  // namespace

TokenNoise TokenNoise::OfLayer(int64_t index) const { return {keys, numbers, index + 1}; }

TokenNoise TokenNoise::Of(Range tokens) const {
  if (!defined()) return *this;
  return {keys.narrow(1, tokens.first, tokens.size()),
          numbers.narrow(1, tokens.first, tokens.size()), layer};
}

TokenNoise TokenNoise::OfRows(Range rows) const {
  if (!defined()) return *this;
  return {keys.narrow(0, rows.first, rows.size()), numbers.narrow(0, rows.first, rows.size()),
          layer};
}

torch::Tensor TokenNoise::KeysOf(NoiseUse use) const {
  TORCH_CHECK(defined(), "drawing noise: expected keys of the tokens, got none");
  return KeysAt(keys, static_cast<uint64_t>(layer * kUsesOfALayer + static_cast<int64_t>(use)));
}

TokenNoise NoiseOfTokens(const NoiseKey& key, const torch::Tensor& segments, int64_t B, int64_t N,
                         int64_t tokens_per_step, const torch::Device& device) {
  const auto like = torch::TensorOptions().dtype(torch::kInt64).device(device);
  // Chains and steps: those of segments packed in a row, else row i is chain i from step 0 on.
  const auto chains = segments.defined() ? segments.repeat_interleave(tokens_per_step, 1)
                                         : torch::arange(B, like).unsqueeze(1);
  const auto steps =
      segments.defined() ? NumbersIn(segments) : torch::arange(N, like).expand({B, N});
  const auto numbers = (steps.unsqueeze(2) * tokens_per_step + torch::arange(tokens_per_step, like))
                           .flatten(1);  // [B, T]
  return {KeysOfTokens(key, chains, numbers), numbers};
}

}  // namespace longplay
