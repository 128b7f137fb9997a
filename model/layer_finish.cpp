// SPDX-License-Identifier: MIT
#include "model/layer_finish.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "model/row_maps.h"

namespace longplay {
namespace {

/// One new generator per (layer, chunk, branch): a counter in place of stored masks.
class ChunkMask {
 public:
  ChunkMask(const ChunkDropout& dropout, int64_t row, uint64_t branch)
      : probability_(dropout.probability),
        seed_(dropout.seed + 2 * static_cast<uint64_t>(row) + branch) {}

  /// x with some entries zero and the others scaled, in place.
  void Apply(torch::Tensor& x) const {
    if (probability_ == 0) return;
    auto generator = at::globalContext().defaultGenerator(x.device()).clone();
    generator.set_current_seed(seed_);
    x.mul_(at::empty_like(x).bernoulli_(1 - probability_, generator)).div_(1 - probability_);
  }

 private:
  double probability_;
  uint64_t seed_;
};

struct Chunk {
  int64_t row, rows;
  torch::Tensor Of(const torch::Tensor& whole) const { return whole.narrow(0, row, rows); }
};

template <typename Body>
void ForEachChunk(int64_t R, int64_t rows_at_once, const Body& body) {
  for (int64_t row = 0; row < R; row += rows_at_once) {
    body(Chunk{row, std::min(rows_at_once, R - row)});
  }
}

/// x + dropout(projection(heads)) of one chunk.
torch::Tensor Projected(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                        const ChunkMask& mask) {
  auto y = Map(layer.mixer->projection, heads);
  mask.Apply(y);
  return y.add_(x);
}

}  // namespace

torch::Tensor Finish(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                     int64_t rows_at_once, const ChunkDropout& dropout) {
  const torch::NoGradGuard no_grad;
  FeedForward& feed_forward = layer.feed_forward;
  auto result = at::empty_like(x);
  ForEachChunk(x.size(0), rows_at_once, [&](const Chunk& chunk) {
    const auto y = Projected(layer, chunk.Of(x), chunk.Of(heads), ChunkMask(dropout, chunk.row, 0));
    auto hidden = Map(feed_forward->expand, Normalise(layer.feed_forward_norm, y).y);
    auto out = chunk.Of(result);
    at::addmm_out(out, feed_forward->contract->bias, at::gelu_(hidden),
                  feed_forward->contract->weight.t());
    ChunkMask(dropout, chunk.row, 1).Apply(out);
    out.add_(y);
  });
  return result;
}

torch::Tensor FinishBackward(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                             int64_t rows_at_once, const ChunkDropout& dropout, torch::Tensor& grad,
                             ParameterGradients& gradients) {
  const torch::NoGradGuard no_grad;
  FeedForward& feed_forward = layer.feed_forward;
  auto grad_heads = at::empty_like(heads);
  ForEachChunk(x.size(0), rows_at_once, [&](const Chunk& chunk) {
    const ChunkMask first_mask(dropout, chunk.row, 0), second_mask(dropout, chunk.row, 1);
    const auto y = Projected(layer, chunk.Of(x), chunk.Of(heads), first_mask);
    const NormalisedRows normalised = Normalise(layer.feed_forward_norm, y);
    const auto hidden = Map(feed_forward->expand, normalised.y);

    auto grad_y = chunk.Of(grad);  // the residual way: stays as it is
    auto branch = grad_y;
    if (dropout.probability > 0) second_mask.Apply(branch = grad_y.clone());
    AddMapGradients(feed_forward->contract, at::gelu(hidden), branch, gradients);
    const auto grad_hidden =
        at::gelu_backward(at::mm(branch, feed_forward->contract->weight), hidden);
    AddMapGradients(feed_forward->expand, normalised.y, grad_hidden, gradients);
    grad_y.add_(NormaliseBackward(layer.feed_forward_norm, y, normalised,
                                  at::mm(grad_hidden, feed_forward->expand->weight), gradients));

    branch = grad_y;
    if (dropout.probability > 0) first_mask.Apply(branch = grad_y.clone());
    AddMapGradients(layer.mixer->projection, chunk.Of(heads), branch, gradients);
    auto out = chunk.Of(grad_heads);
    at::mm_out(out, branch, layer.mixer->projection->weight);
  });
  return grad_heads;
}

}  // namespace longplay
