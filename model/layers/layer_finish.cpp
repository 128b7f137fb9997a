// SPDX-License-Identifier: MIT
#include "model/layers/layer_finish.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/mixing/layerwise_mixer.h"
#include "model/rows/activation.h"
#include "model/rows/row_maps.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

/// Dropout of one of the layer's two branches.
class BranchMask {
 public:
  BranchMask(const LayerPass& pass, const TokenNoise& noise, NoiseUse use)
      : probability_(pass.dropout),
        keys_(probability_ > 0 ? noise.KeysOf(use).flatten() : torch::Tensor()) {}

  /// A block's x with some entries zero and the others scaled, in place.
  void Apply(const RowBlock& block, torch::Tensor& x) const {
    if (probability_ > 0) DropInPlace(x, block.Of(keys_), probability_);
  }
  /// The same as a new tensor; without dropout x itself.
  torch::Tensor Of(const RowBlock& block, const torch::Tensor& x) const {
    return probability_ > 0 ? Drop(x, block.Of(keys_), probability_) : x;
  }

 private:
  double probability_;
  torch::Tensor keys_;  // [R]
};

const torch::nn::Linear& ProjectionOf(const LayerImpl& layer) {
  return layer.mixer->layerwise()->projection();
}

/// x + dropout(projection(heads)) of one block of rows.
torch::Tensor Projected(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass,
                        const BranchMask& mask, const RowBlock& block) {
  auto y = Map(ProjectionOf(layer), block.Of(rows.heads), pass.parameters);
  mask.Apply(block, y);
  return y.add_(block.Of(rows.x));
}

}  // namespace

void Finish(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass,
            torch::Tensor& result) {
  const torch::NoGradGuard no_grad;
  FeedForward& feed_forward = layer.feed_forward;
  const BranchMask mixer_mask(pass, rows.noise, NoiseUse::kMixerBranch);
  const BranchMask feed_forward_mask(pass, rows.noise, NoiseUse::kFeedForwardBranch);
  ForEachRowBlock(rows.x.size(0), pass.rows_at_once, [&](const RowBlock& block) {
    const auto y = Projected(layer, rows, pass, mixer_mask, block);
    // Expand, activate in place, contract, add: one block's hidden units exist at a time.
    auto hidden =
        Map(feed_forward->expand, Normalise(layer.feed_forward_norm, y).y, pass.parameters);
    if (rows.hidden.defined()) block.Of(rows.hidden).copy_(hidden);
    ActivateInPlace(feed_forward->kind(), hidden);
    // `result` may be x's memory: y has read this block of x already.
    auto out = block.Of(result);
    at::addmm_out(out, pass.parameters.of(feed_forward->contract->bias), hidden,
                  pass.parameters.of(feed_forward->contract->weight).t());
    feed_forward_mask.Apply(block, out);
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
  const BranchMask mixer_mask(pass, rows.noise, NoiseUse::kMixerBranch);
  const BranchMask feed_forward_mask(pass, rows.noise, NoiseUse::kFeedForwardBranch);
  auto grad_heads = at::empty_like(rows.heads);
  ForEachRowBlock(rows.x.size(0), pass.rows_at_once, [&](const RowBlock& block) {
    const auto y = Projected(layer, rows, pass, mixer_mask, block);
    // Again: y, its norm and, unless they were kept, the hidden units.
    const NormalisedRows normalised = Normalise(layer.feed_forward_norm, y);
    const auto hidden = rows.hidden.defined()
                            ? block.Of(rows.hidden)
                            : Map(feed_forward->expand, normalised.y, pass.parameters);

    // Second branch, from behind: dropout, contract, activation, expand, norm.
    auto grad_y = block.Of(grad);  // the residual way: stays as it is
    auto branch = feed_forward_mask.Of(block, grad_y);
    AddMapGradients(feed_forward->contract, Activate(feed_forward->kind(), hidden), branch,
                    gradients);
    const auto grad_hidden = ActivateBackward(
        feed_forward->kind(), at::mm(branch, weight(feed_forward->contract)), hidden);
    AddMapGradients(feed_forward->expand, normalised.y, grad_hidden, gradients);
    grad_y.add_(NormaliseBackward(layer.feed_forward_norm, y, normalised,
                                  at::mm(grad_hidden, weight(feed_forward->expand)), gradients));

    // First branch: grad_y is now that of y = x + projection(heads), and passes to x as it is.
    branch = mixer_mask.Of(block, grad_y);
    AddMapGradients(ProjectionOf(layer), block.Of(rows.heads), branch, gradients);
    auto out = block.Of(grad_heads);
    at::mm_out(out, branch, weight(ProjectionOf(layer)));
  });
  return grad_heads;
}

}  // namespace longplay
