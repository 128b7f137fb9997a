// SPDX-License-Identifier: MIT
#include "model/blockwise_attention.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

void CheckShapes(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                 const Visibility& visibility) {
  TORCH_CHECK(q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
                  q.size(1) == k.size(1) && q.size(3) == k.size(3) && q.size(2) <= k.size(2),
              "attention: shapes: expected q [B, H, T, K], k and v [B, H, S, K], S >= T, got ",
              q.sizes(), ", ", k.sizes(), ", ", v.sizes());
  for (const auto& mask : {visibility.keys, visibility.segments}) {
    TORCH_CHECK(!mask.defined() ||
                    (mask.dim() == 2 && mask.size(0) == k.size(0) && mask.size(1) == k.size(2)),
                "attention: visibility: expected shape [", k.size(0), ", ", k.size(2), "], got ",
                mask.sizes());
  }
}

/// What the fused CPU kernel can do: whole sequences, no other mask than the causal one.
bool Fused(const torch::Tensor& q, const torch::Tensor& k, const Visibility& visibility) {
  return q.device().is_cpu() && q.size(2) == k.size(2) && q.numel() > 0 &&
         visibility.OnlyCausal() && q.stride(3) == 1 && k.stride(3) == 1;
}

class BlockwiseAttendFunction : public torch::autograd::Function<BlockwiseAttendFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Visibility& visibility, const AttentionOptions& blocks) {
    const Attended attended = AttendInBlocks(q, k, v, visibility, blocks);
    context->save_for_backward(
        {q, k, v, attended.heads, attended.log_sum_exp, visibility.keys, visibility.segments});
    context->saved_data["numbers"] =
        std::vector<int64_t>{visibility.span, blocks.query_block, blocks.key_block};
    return attended.heads;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "attention: backward: expected first derivatives only, got create_graph = true");
    const auto saved = context->get_saved_variables();
    const auto numbers = context->saved_data["numbers"].toIntVector();
    const Visibility visibility{numbers[0], saved[5], saved[6]};
    const AttentionOptions blocks{.query_block = numbers[1], .key_block = numbers[2]};
    const AttendGradients result = AttendInBlocksBackward(grads[0], saved[0], saved[1], saved[2],
                                                          {saved[3], saved[4]}, visibility, blocks);
    return {result.q, result.k, result.v, {}, {}};
  }
};

}  // namespace

torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility,
                              const AttentionOptions& options) {
  CheckShapes(q, k, v, visibility);
  if (Fused(q, k, visibility)) {
    return at::scaled_dot_product_attention(q, k, v, {}, 0, /*is_causal=*/true);
  }
  if (q.size(2) == 1 && visibility.OnlyCausal()) return at::scaled_dot_product_attention(q, k, v);
  return BlockwiseAttendFunction::apply(q, k, v, visibility, options);
}

Attended Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                const Visibility& visibility, const AttentionOptions& options) {
  CheckShapes(q, k, v, visibility);
  if (!Fused(q, k, visibility)) return AttendInBlocks(q, k, v, visibility, options);
  const torch::NoGradGuard no_grad;
  const auto [heads, log_sum_exp] =
      at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0, /*is_causal=*/true);
  return {heads, log_sum_exp};
}

AttendGradients AttendBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Attended& attended, const Visibility& visibility,
                               const AttentionOptions& options) {
  if (!Fused(q, k, visibility)) {
    return AttendInBlocksBackward(grad_heads, q, k, v, attended, visibility, options);
  }
  const torch::NoGradGuard no_grad;
  const auto [grad_q, grad_k, grad_v] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
      grad_heads, q, k, v, attended.heads, attended.log_sum_exp, 0, /*is_causal=*/true);
  return {grad_q, grad_k, grad_v};
}

}  // namespace longplay
