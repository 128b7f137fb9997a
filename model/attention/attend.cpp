// SPDX-License-Identifier: MIT
#include "model/attention/attend.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <string>

#include "model/attention/fused_attention.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

void CheckShapes(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                 const Visibility& visibility) {
  TORCH_CHECK(q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
                  k.size(1) > 0 && q.size(1) % k.size(1) == 0 && q.size(3) == k.size(3),
              "attention: shapes: expected q [B, H, T, K], k and v [B, G, S, K], G divides H, got ",
              q.sizes(), ", ", k.sizes(), ", ", v.sizes());
  // Masks may be longer than the keys of this call; they are cut by position.
  for (const auto& mask : {visibility.keys, visibility.segments}) {
    TORCH_CHECK(!mask.defined() || (mask.dim() == 2 && mask.size(0) == k.size(0) &&
                                    mask.size(1) >= visibility.first_key + k.size(2)),
                "attention: visibility: expected shape [", k.size(0), ", ",
                visibility.first_key + k.size(2), "], got ", mask.sizes());
  }
  const WeightDropout& dropout = visibility.dropout;
  TORCH_CHECK(dropout.probability == 0 ||
                  (dropout.keys.defined() && dropout.keys.sizes() == q.sizes().slice(0, 3)),
              "attention: dropout: expected keys [B, H, T] of ", q.sizes().slice(0, 3), ", got ",
              dropout.keys.defined() ? c10::str(dropout.keys.sizes()) : std::string("none"));
}

/// When acting, one query sees the last `span` keys, whole: no mask is needed.
bool CutsToSpan(const torch::Tensor& q, const Visibility& visibility) {
  return q.size(2) == 1 && visibility.span > 0 && visibility.sinks == 0 &&
         visibility.first_query == Visibility::kEnd && !visibility.keys.defined() &&
         !visibility.segments.defined();
}

/// As many query heads as key heads.
Attended AttendEqualHeads(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                          const Visibility& visibility, const AttentionOptions& options) {
  if (CutsToSpan(q, visibility)) {
    const int64_t S = std::min(visibility.span, k.size(2)), first = k.size(2) - S;
    // Key 0 of what is left stands `first` later; masks and dropout count by position.
    Visibility rest = visibility;
    rest.span = 0;
    rest.first_key += first;
    return AttendEqualHeads(q, k.narrow(2, first, S), v.narrow(2, first, S), rest, options);
  }
  const FusedKernel kernel = ChooseFusedKernel(q, k, visibility);
  return kernel == FusedKernel::kNone ? AttendInBlocks(q, k, v, visibility, options)
                                      : AttendFused(kernel, q, k, v, visibility, options);
}

/// Gradients of AttendEqualHeads, by the same kernel: what chooses it is the same in both passes.
AttendGradients BackwardEqualHeads(const torch::Tensor& grad_heads, const torch::Tensor& q,
                                   const torch::Tensor& k, const torch::Tensor& v,
                                   const Attended& attended, const Visibility& visibility,
                                   const AttentionOptions& options) {
  const FusedKernel kernel = ChooseFusedKernel(q, k, visibility);
  return kernel == FusedKernel::kNone
             ? AttendInBlocksBackward(grad_heads, q, k, v, attended, visibility, options)
             : AttendFusedBackward(kernel, grad_heads, q, k, v, attended, visibility, options);
}

/// One key-value head and the query heads that share it.
struct SharedHead {
  int64_t index, queries;

  torch::Tensor OfQueries(const torch::Tensor& x) const {
    return x.narrow(1, index * queries, queries);
  }
  /// Repeated for each of its query heads, without a copy.
  torch::Tensor OfKeys(const torch::Tensor& x) const {
    return x.narrow(1, index, 1).expand({-1, queries, -1, -1});
  }
  Visibility Of(Visibility visibility) const {
    if (visibility.dropout.keys.defined()) {
      visibility.dropout.keys = OfQueries(visibility.dropout.keys);
    }
    return visibility;
  }
};

}  // namespace

Attended Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                const Visibility& visibility, const AttentionOptions& options) {
  CheckShapes(q, k, v, visibility);
  const torch::NoGradGuard no_grad;
  const int64_t shared = k.size(1), queries = q.size(1) / shared;
  if (queries == 1) return AttendEqualHeads(q, k, v, visibility, options);
  // Grouped queries: one key-value head at a time. In memory [B, T, H, K], as kernels leave it.
  Attended result{
      torch::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2),
      torch::empty(q.sizes().slice(0, 3), q.options().dtype(WideType(q.scalar_type())))};
  for (SharedHead head{0, queries}; head.index < shared; ++head.index) {
    const Attended part = AttendEqualHeads(head.OfQueries(q), head.OfKeys(k), head.OfKeys(v),
                                           head.Of(visibility), options);
    head.OfQueries(result.heads).copy_(part.heads);
    head.OfQueries(result.log_sum_exp).copy_(part.log_sum_exp);
  }
  return result;
}

AttendGradients AttendBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Attended& attended, const Visibility& visibility,
                               const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const int64_t shared = k.size(1), queries = q.size(1) / shared;
  if (queries == 1) {
    return BackwardEqualHeads(grad_heads, q, k, v, attended, visibility, options);
  }
  // Likewise: a head's queries have rows of their own, its keys are shared.
  AttendGradients result{
      torch::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2),
      torch::empty(k.sizes(), k.options()), torch::empty(v.sizes(), v.options())};
  for (SharedHead head{0, queries}; head.index < shared; ++head.index) {
    const Attended part{head.OfQueries(attended.heads), head.OfQueries(attended.log_sum_exp)};
    const AttendGradients grads =
        BackwardEqualHeads(head.OfQueries(grad_heads), head.OfQueries(q), head.OfKeys(k),
                           head.OfKeys(v), part, head.Of(visibility), options);
    head.OfQueries(result.q).copy_(grads.q);
    // A shared head was read by all of its query heads: their gradients add up.
    result.k.select(1, head.index).copy_(grads.k.sum(1));
    result.v.select(1, head.index).copy_(grads.v.sum(1));
  }
  return result;
}

}  // namespace longplay
