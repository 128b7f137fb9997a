// SPDX-License-Identifier: MIT
#include "model/attention/fused_attention.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "model/attention/block_plan.h"

namespace longplay {
namespace {

/// Queries against keys in one call of a kernel: all see all, or the causal triangle of a square,
/// or what a bias leaves.
struct PairMask {
  bool causal = false;
  torch::Tensor hidden = {};  // [B or 1, 1, queries, keys] bool, true = hidden; undefined = none
};

/// 0 where visible, -inf where hidden, in the type and layout that the kernels take.
std::optional<torch::Tensor> Bias(FusedKernel kernel, const torch::Tensor& q,
                                  const PairMask& mask) {
  if (!mask.hidden.defined()) return std::nullopt;
  if (kernel == FusedKernel::kCpu) {
    return torch::zeros(mask.hidden.sizes(), q.options()).masked_fill_(mask.hidden, -kInfinity);
  }
  // The efficient kernel reads whole, expanded rows whose stride is a multiple of 8.
  const int64_t keys = mask.hidden.size(3), stride = (keys + 7) / 8 * 8;
  return torch::zeros({mask.hidden.size(0), 1, mask.hidden.size(2), stride}, q.options())
      .narrow(3, 0, keys)
      .masked_fill_(mask.hidden, -kInfinity)
      .expand({q.size(0), q.size(1), -1, -1});
}

Attended CallKernel(FusedKernel kernel, const torch::Tensor& q, const torch::Tensor& k,
                    const torch::Tensor& v, const PairMask& mask) {
  const auto bias = Bias(kernel, q, mask);
  if (kernel == FusedKernel::kCpu) {
    const auto [heads, log_sum_exp] =
        at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0, mask.causal, bias);
    return {heads, log_sum_exp};
  }
  // Flash takes no bias: pairs that need one go to the efficient kernel, here and in backward.
  if (kernel == FusedKernel::kCudaFlash && !bias) {
    const auto result = at::_scaled_dot_product_flash_attention(q, k, v, 0, mask.causal);
    return {std::get<0>(result), std::get<1>(result)};
  }
  const auto result = at::_scaled_dot_product_efficient_attention(
      q, k, v, bias, /*compute_log_sumexp=*/true, 0, mask.causal);
  // The kernel pads the rows of the sums to a multiple of 32.
  return {std::get<0>(result), std::get<1>(result).narrow(2, 0, q.size(2))};
}

/// Rows that see nothing in this pair: zero, and -inf as sum (the kernels differ there).
Attended Call(FusedKernel kernel, const torch::Tensor& q, const torch::Tensor& k,
              const torch::Tensor& v, const PairMask& mask) {
  Attended attended = CallKernel(kernel, q, k, v, mask);
  if (mask.hidden.defined()) {
    const auto blind = mask.hidden.all(3);  // [B or 1, 1, queries]
    attended.heads.masked_fill_(blind.unsqueeze(3), 0);
    attended.log_sum_exp = attended.log_sum_exp.masked_fill(blind, -kInfinity);
  }
  return attended;
}

/// The sums as the efficient kernel wrote them: padded rows pass no gradient.
torch::Tensor PadSums(const torch::Tensor& log_sum_exp) {
  const int64_t T = log_sum_exp.size(2);
  return at::constant_pad_nd(log_sum_exp, {0, (T + 31) / 32 * 32 - T}, kInfinity);
}

AttendGradients CallBackward(FusedKernel kernel, const torch::Tensor& grad, const torch::Tensor& q,
                             const torch::Tensor& k, const torch::Tensor& v,
                             const Attended& attended, const PairMask& mask) {
  const auto bias = Bias(kernel, q, mask);
  if (kernel == FusedKernel::kCpu) {
    const auto [grad_q, grad_k, grad_v] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        grad, q, k, v, attended.heads, attended.log_sum_exp, 0, mask.causal, bias);
    return {grad_q, grad_k, grad_v};
  }
  const auto no_random = torch::zeros({2}, q.options().dtype(torch::kInt64));  // no dropout
  if (kernel == FusedKernel::kCudaFlash && !bias) {
    const auto [grad_q, grad_k, grad_v] = at::_scaled_dot_product_flash_attention_backward(
        grad, q, k, v, attended.heads, attended.log_sum_exp.contiguous(), {}, {}, q.size(2),
        k.size(2), 0, mask.causal, no_random, no_random);
    return {grad_q, grad_k, grad_v};
  }
  const auto [grad_q, grad_k, grad_v, grad_bias] =
      at::_scaled_dot_product_efficient_attention_backward(
          grad, q, k, v, bias.value_or(torch::Tensor()), attended.heads,
          PadSums(attended.log_sum_exp), no_random[0], no_random[1], 0, {true, true, true, false},
          mask.causal);
  return {grad_q, grad_k, grad_v};
}

/// What one call can do without blocks: the causal square, or queries that see all they are given.
bool OneCall(const BlockPlan& plan) {
  return plan.OnlyDiagonal(plan.queries(), plan.keys()) ||
         plan.AllVisible(plan.queries(), plan.keys());
}

PairMask MaskOf(const BlockPlan& plan, Range queries, Range keys, torch::Device device) {
  if (plan.OnlyDiagonal(queries, keys)) return {.causal = true};
  return {.hidden = plan.Hidden(queries, keys, device)};
}

}  // namespace

FusedKernel ChooseFusedKernel(const torch::Tensor& q, const torch::Tensor& k,
                              const Visibility& visibility) {
  // Kernels read a head's numbers as they stand in memory, and draw no weights by key.
  const bool usable =
      q.numel() > 0 && q.stride(3) == 1 && k.stride(3) == 1 && visibility.dropout.probability == 0;
  if (!usable) return FusedKernel::kNone;
  if (q.device().is_cpu()) return FusedKernel::kCpu;
  if (!q.device().is_cuda() || q.scalar_type() == torch::kFloat64) return FusedKernel::kNone;
  // On CUDA both read 16 bytes at a time; flash has heads of at most 256.
  const bool half = q.scalar_type() == torch::kFloat16 || q.scalar_type() == torch::kBFloat16;
  const int64_t K = q.size(3);
  if (half && K % 8 == 0 && K <= 256) return FusedKernel::kCudaFlash;
  return K % (half ? 8 : 4) == 0 ? FusedKernel::kCudaEfficient : FusedKernel::kNone;
}

Attended AttendFused(FusedKernel kernel, const torch::Tensor& q, const torch::Tensor& k,
                     const torch::Tensor& v, const Visibility& visibility,
                     const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const BlockPlan plan(q.size(2), k.size(2), visibility, options);
  if (OneCall(plan)) {
    return Call(kernel, q, k, v, MaskOf(plan, plan.queries(), plan.keys(), q.device()));
  }
  // Else pair by pair, each result merged into its query block's, rounded once at the end.
  Attended result = NothingAttended(q);
  plan.ForEachQueryBlock([&](Range queries) {
    Attended block{RowsOf(result.heads, queries), RowsOf(result.log_sum_exp, queries)};
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      MergeInto(block, Call(kernel, RowsOf(q, queries), RowsOf(k, keys), RowsOf(v, keys),
                            MaskOf(plan, queries, keys, q.device())));
    });
  });
  result.heads = result.heads.to(q.scalar_type());
  return result;
}

AttendGradients AttendFusedBackward(FusedKernel kernel, const torch::Tensor& grad_heads,
                                    const torch::Tensor& q, const torch::Tensor& k,
                                    const torch::Tensor& v, const Attended& attended,
                                    const Visibility& visibility, const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const BlockPlan plan(q.size(2), k.size(2), visibility, options);
  // As in AttendFused: the calls of backward match those of forward.
  if (OneCall(plan)) {
    return CallBackward(kernel, grad_heads, q, k, v, attended,
                        MaskOf(plan, plan.queries(), plan.keys(), q.device()));
  }
  // Sums over pairs: zeros in the wide type, laid out as the kernels leave their results.
  AttendGradients grads{NothingAttended(q).heads, NothingAttended(k).heads,
                        NothingAttended(v).heads};
  plan.ForEachQueryBlock([&](Range queries) {
    auto row_sums = RowsOf(attended.log_sum_exp, queries);
    // exp(-inf - inf) = 0: rows that saw nothing pass no gradient.
    row_sums = row_sums.masked_fill(row_sums == -kInfinity, kInfinity);
    // Heads and sums of the whole row, not of the pair: a pair's weights are then their share
    // of the final softmax, and gradients of pairs add up.
    const Attended block{RowsOf(attended.heads, queries), row_sums};
    auto grad_q = RowsOf(grads.q, queries);
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      const AttendGradients part =
          CallBackward(kernel, RowsOf(grad_heads, queries), RowsOf(q, queries), RowsOf(k, keys),
                       RowsOf(v, keys), block, MaskOf(plan, queries, keys, q.device()));
      grad_q.add_(part.q);
      RowsOf(grads.k, keys).add_(part.k);
      RowsOf(grads.v, keys).add_(part.v);
    });
  });
  return {grads.q.to(q.scalar_type()), grads.k.to(k.scalar_type()), grads.v.to(v.scalar_type())};
}

}  // namespace longplay
