// SPDX-License-Identifier: MIT
#include "model/attention/attention_blocks.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "model/attention/block_plan.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

double Scale(const torch::Tensor& q) { return 1 / std::sqrt(static_cast<double>(q.size(-1))); }

/// Scores of one block pair [B, H, queries, keys] in WideType, hidden pairs at -inf.
torch::Tensor Scores(const torch::Tensor& scaled_q, const torch::Tensor& k,
                     const torch::Tensor& hidden) {
  auto scores = torch::matmul(scaled_q, k.transpose(-2, -1)).to(WideType(scaled_q.scalar_type()));
  return hidden.defined() ? scores.masked_fill_(hidden, -kInfinity) : scores;
}

/// Running softmax of one query block, in WideType.
struct Running {
  torch::Tensor numerator;    // [B, H, queries, K]
  torch::Tensor denominator;  // [B, H, queries, 1]
  torch::Tensor maximum;      // [B, H, queries, 1]

  explicit Running(const torch::Tensor& q)
      : numerator(torch::zeros(q.sizes(), q.options().dtype(WideType(q.scalar_type())))),
        denominator(torch::zeros_like(numerator.narrow(-1, 0, 1))),
        maximum(torch::full_like(denominator, -kInfinity)) {}

  /// `drop` changes the weights for the numerator only.
  template <typename Drop>
  void Add(torch::Tensor scores, const torch::Tensor& v, const Drop& drop) {
    // Step 1: the row maximum so far, so that no exponent is above 0.
    const auto larger = torch::maximum(maximum, scores.amax(-1, /*keepdim=*/true));
    // A row that has seen nothing so far has maximum -inf; 0 keeps -inf - 0 = -inf defined.
    const auto base = larger.masked_fill(larger == -kInfinity, 0);
    // Step 2: this block's weights, and the factor that moves the old sums to the new maximum.
    auto weights = scores.sub_(base).exp_();
    const auto shrink = (maximum - base).exp_();
    denominator.mul_(shrink).add_(weights.sum(-1, /*keepdim=*/true));
    // Dropout acts on softmax's result, so the denominator has counted every weight.
    drop(weights);
    numerator.mul_(shrink).add_(torch::matmul(weights.to(v.scalar_type()), v));
    maximum = larger;
  }
};

}  // namespace

Attended AttendInBlocks(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const Visibility& visibility, const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const BlockPlan plan(q.size(2), k.size(2), visibility, options);
  Attended result{
      torch::empty(q.sizes(), q.options()),
      torch::empty(q.sizes().slice(0, 3), q.options().dtype(WideType(q.scalar_type())))};
  plan.ForEachQueryBlock([&](Range queries) {
    // One running softmax at a time: query blocks outside, key blocks inside.
    const auto scaled_q = RowsOf(q, queries) * Scale(q);
    Running running(scaled_q);
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      running.Add(Scores(scaled_q, RowsOf(k, keys), plan.Hidden(queries, keys, q.device())),
                  RowsOf(v, keys), [&](torch::Tensor& weights) {
                    if (visibility.dropout.probability == 0) return;
                    visibility.dropout.Apply(weights, queries.first,
                                             plan.PositionOfKey(keys.first));
                  });
    });
    // Softmax's division comes last. A row that saw no token: 0 / 1, and -inf + log 0 = -inf.
    const auto seen = running.denominator.masked_fill(running.denominator == 0, 1);
    RowsOf(result.heads, queries).copy_(running.numerator.div_(seen));
    RowsOf(result.log_sum_exp, queries)
        .copy_((running.maximum + running.denominator.log_()).squeeze(-1));
  });
  return result;
}

AttendGradients AttendInBlocksBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                                       const torch::Tensor& k, const torch::Tensor& v,
                                       const Attended& attended, const Visibility& visibility,
                                       const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const BlockPlan plan(q.size(2), k.size(2), visibility, options);
  const auto sums = q.options().dtype(WideType(q.scalar_type()));
  AttendGradients grads{torch::empty(q.sizes(), q.options()), torch::zeros(k.sizes(), sums),
                        torch::zeros(v.sizes(), sums)};
  plan.ForEachQueryBlock([&](Range queries) {
    const auto scaled_q = RowsOf(q, queries) * Scale(q);
    const auto grad = RowsOf(grad_heads, queries);
    // With P the weights, O the heads, and d for gradients: dV = P^T dO, dP = dO V^T,
    // and through softmax dS = P * (dP - rowsum(P * dP)), where rowsum(P * dP) = rowsum(dO * O).
    const auto weighted = (grad * RowsOf(attended.heads, queries))
                              .sum(-1, /*keepdim=*/true, sums.dtype().toScalarType());
    auto row_sums = RowsOf(attended.log_sum_exp, queries).unsqueeze(-1);
    // exp(-inf - inf) = 0: rows that saw nothing pass no gradient.
    row_sums = row_sums.masked_fill(row_sums == -kInfinity, kInfinity);
    auto grad_q = torch::zeros(scaled_q.sizes(), sums);
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      // P again: exp(score - log sum exp) is normalised at once, no running maximum is needed.
      const auto block_k = RowsOf(k, keys), block_v = RowsOf(v, keys);
      const auto weights =
          Scores(scaled_q, block_k, plan.Hidden(queries, keys, q.device())).sub_(row_sums).exp_();
      // dP, to which dropout's mask and scale apply as they did to P in forward.
      auto grad_weights =
          torch::matmul(grad, block_v.transpose(-2, -1)).to(sums.dtype().toScalarType());
      auto dropped = weights;
      if (visibility.dropout.probability > 0) {
        const int64_t position = plan.PositionOfKey(keys.first);
        dropped = visibility.dropout.Of(weights, queries.first, position);
        visibility.dropout.Apply(grad_weights, queries.first, position);
      }
      // dV, from the weights that v met; then dS, from those of softmax itself.
      RowsOf(grads.v, keys)
          .add_(torch::matmul(dropped.to(q.scalar_type()).transpose(-2, -1), grad));
      const auto grad_scores = grad_weights.sub_(weighted).mul_(weights).to(q.scalar_type());
      // dQ = dS K, its scale multiplied in once at the end; dK = dS^T (scaled q) has it already.
      grad_q.add_(torch::matmul(grad_scores, block_k));
      RowsOf(grads.k, keys).add_(torch::matmul(grad_scores.transpose(-2, -1), scaled_q));
    });
    RowsOf(grads.q, queries).copy_(grad_q.mul_(Scale(q)));
  });
  return {grads.q, grads.k.to(k.scalar_type()), grads.v.to(v.scalar_type())};
}

Attended NothingAttended(const torch::Tensor& q) {
  const auto sums = q.options().dtype(WideType(q.scalar_type()));
  // [B, T, H, K] in memory, as the fused kernels leave it: [B, T, H * K] is then a view.
  return {torch::zeros({q.size(0), q.size(2), q.size(1), q.size(3)}, sums).transpose(1, 2),
          torch::full(q.sizes().slice(0, 3), -kInfinity, sums)};
}

void MergeInto(Attended& whole, const Attended& part) {
  // Each side's share of the whole sum; together they are 1, and 0 where neither saw a token.
  const auto both = torch::logaddexp(whole.log_sum_exp, part.log_sum_exp);  // [B, H, T]
  const auto base = both.masked_fill(both == -kInfinity, 0);
  const auto share = [&](const Attended& of) {
    return (of.log_sum_exp - base).exp_().unsqueeze(-1);
  };
  whole.heads.mul_(share(whole)).addcmul_(part.heads.to(whole.heads.scalar_type()), share(part));
  whole.log_sum_exp.copy_(both);
}

}  // namespace longplay
