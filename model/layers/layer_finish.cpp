// SPDX-License-Identifier: MIT
#include "model/layers/layer_finish.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/mixing/layerwise_mixer.h"
#include "model/rows/activation.h"
#include "model/rows/row_maps.h"
#include "model/tensors/counter_seed.h"

namespace longplay {
namespace {

/// Dropout of one chunk on one of the layer's two branches: a seed per (layer, chunk, branch) in
/// place of a stored mask.
class ChunkMask {
 public:
  ChunkMask(const LayerPass& pass, int64_t row, uint64_t branch)
      : probability_(pass.dropout), seed_(CounterSeed(CounterSeed(pass.seed, row), branch)) {}

  /// x with some entries zero and the others scaled, in place.
  void Apply(torch::Tensor& x) const {
    if (probability_ == 0) return;
    x.mul_(at::empty_like(x).bernoulli_(1 - probability_, SeededGenerator(x.device(), seed_)))
        .div_(1 - probability_);
  }

 private:
  double probability_;
  uint64_t seed_;
};

const torch::nn::Linear& ProjectionOf(const LayerImpl& layer) {
  return layer.mixer->layerwise()->projection();
}

/// x + dropout(projection(heads)) of one chunk.
torch::Tensor Projected(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                        const LayerPass& pass, const ChunkMask& mask) {
  auto y = Map(ProjectionOf(layer), heads, pass.parameters);
  mask.Apply(y);
  return y.add_(x);
}

}  // namespace

void Finish(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass,
            torch::Tensor& result) {
  const torch::NoGradGuard no_grad;
  FeedForward& feed_forward = layer.feed_forward;
  ForEachChunk(rows.x.size(0), pass.rows_at_once, [&](const Chunk& chunk) {
    const int64_t row = rows.first_row + chunk.row;
    const auto y =
        Projected(layer, chunk.Of(rows.x), chunk.Of(rows.heads), pass, ChunkMask(pass, row, 0));
    auto hidden =
        Map(feed_forward->expand, Normalise(layer.feed_forward_norm, y).y, pass.parameters);
    if (rows.hidden.defined()) chunk.Of(rows.hidden).copy_(hidden);
    ActivateInPlace(feed_forward->kind(), hidden);
    auto out = chunk.Of(result);
    at::addmm_out(out, pass.parameters.of(feed_forward->contract->bias), hidden,
                  pass.parameters.of(feed_forward->contract->weight).t());
    ChunkMask(pass, row, 1).Apply(out);
    out.add_(y);
  });
}

torch::Tensor FinishBackward(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass,
                             torch::Tensor& grad, ParameterGradients& gradients) {
  const torch::NoGradGuard no_grad;
  FeedForward& feed_forward = layer.feed_forward;
  const auto weight = [&](const torch::nn::Linear& linear) {
    return pass.parameters.of(linear->weight);
  };
  auto grad_heads = at::empty_like(rows.heads);
  ForEachChunk(rows.x.size(0), pass.rows_at_once, [&](const Chunk& chunk) {
    const int64_t row = rows.first_row + chunk.row;
    const ChunkMask first_mask(pass, row, 0), second_mask(pass, row, 1);
    const auto heads = chunk.Of(rows.heads);
    const auto y = Projected(layer, chunk.Of(rows.x), heads, pass, first_mask);
    const NormalisedRows normalised = Normalise(layer.feed_forward_norm, y);
    const auto hidden = rows.hidden.defined()
                            ? chunk.Of(rows.hidden)
                            : Map(feed_forward->expand, normalised.y, pass.parameters);

    auto grad_y = chunk.Of(grad);  // the residual way: stays as it is
    auto branch = grad_y;
    if (pass.dropout > 0) second_mask.Apply(branch = grad_y.clone());
    AddMapGradients(feed_forward->contract, Activate(feed_forward->kind(), hidden), branch,
                    gradients);
    const auto grad_hidden = ActivateBackward(
        feed_forward->kind(), at::mm(branch, weight(feed_forward->contract)), hidden);
    AddMapGradients(feed_forward->expand, normalised.y, grad_hidden, gradients);
    grad_y.add_(NormaliseBackward(layer.feed_forward_norm, y, normalised,
                                  at::mm(grad_hidden, weight(feed_forward->expand)), gradients));

    branch = grad_y;
    if (pass.dropout > 0) first_mask.Apply(branch = grad_y.clone());
    AddMapGradients(ProjectionOf(layer), heads, branch, gradients);
    auto out = chunk.Of(grad_heads);
    at::mm_out(out, branch, weight(ProjectionOf(layer)));
  });
  return grad_heads;
}

}  // namespace longplay
