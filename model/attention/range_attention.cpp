// SPDX-License-Identifier: MIT
#include "model/attention/range_attention.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/tensors/range.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

using torch::autograd::variable_list;

// Neighbours see nearly the same keys, so little of a block's product is hidden.
constexpr int64_t kQueriesAtOnce = 64;
// 16 MiB in float32.
constexpr int64_t kScoresAtOnce = int64_t{1} << 22;

/// [Q, keys] bool, true = query does not see key; `keys` is a range that holds the queries' own.
torch::Tensor Hidden(const KeyRanges& ranges, Range queries, Range keys, torch::Device device) {
  const auto place = torch::arange(keys.first, keys.last, torch::kInt64);
  const auto bound = [&](const torch::Tensor& of) {
    return of.narrow(0, queries.first, queries.size()).unsqueeze(1);
  };
  return (place < bound(ranges.first)).logical_or_(place >= bound(ranges.last)).to(device);
}

/// body(queries, keys) for blocks of queries and the keys that any of them sees.
template <typename Body>
void ForEachBlock(const torch::Tensor& q, const KeyRanges& ranges, const Body& body) {
  const auto* first = ranges.first.const_data_ptr<int64_t>();
  const auto* last = ranges.last.const_data_ptr<int64_t>();
  const int64_t H = q.size(0), Q = q.size(1);
  for (int64_t i = 0; i < Q;) {
    // As many queries as their scores allow, counted by the first one's keys.
    const int64_t most = kScoresAtOnce / (H * (last[i] - first[i]));
    const int64_t end = i + std::clamp<int64_t>(most, 1, std::min(kQueriesAtOnce, Q - i));
    body(Range{i, end}, Range{first[i], last[end - 1]});
    i = end;
  }
}

/// [H, Q, K] → [G, H / G * queries, K]: the heads that share keys one after another.
torch::Tensor ByGroup(const torch::Tensor& of, Range queries, int64_t G) {
  return of.narrow(1, queries.first, queries.size()).reshape({G, -1, of.size(2)});
}

/// Weights [G, H / G * queries, keys] of one block, in the wide type.
torch::Tensor Weights(const torch::Tensor& scaled_q, const torch::Tensor& k,
                      const torch::Tensor& hidden) {
  auto scores = torch::bmm(scaled_q, k.transpose(1, 2)).to(WideType(k.scalar_type()));
  scores.unflatten(1, {-1, hidden.size(0)})
      .masked_fill_(hidden, -std::numeric_limits<double>::infinity());
  return torch::softmax(scores, 2);
}

double ScoreScale(const torch::Tensor& q) { return 1 / std::sqrt(static_cast<double>(q.size(2))); }

torch::Tensor Forward(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                      const KeyRanges& ranges) {
  auto heads = torch::empty(q.sizes(), q.options());
  ForEachBlock(q, ranges, [&](Range queries, Range keys) {
    const auto part = [&](const torch::Tensor& of) {
      return of.narrow(1, keys.first, keys.size());
    };
    // Every query stands in one block, so its heads are written once.
    const auto weights = Weights(ByGroup(q, queries, k.size(0)) * ScoreScale(q), part(k),
                                 Hidden(ranges, queries, keys, q.device()));
    heads.narrow(1, queries.first, queries.size())
        .copy_(torch::bmm(weights.to(v.scalar_type()), part(v)).view({q.size(0), -1, q.size(2)}));
  });
  return heads;
}

class RangeFunction : public torch::autograd::Function<RangeFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const torch::Tensor& first, const torch::Tensor& last) {
    // Inputs alone; weights are computed again block by block.
    context->save_for_backward({q, k, v, first, last});
    return Forward(q, k, v, {first, last});
  }

  static variable_list backward(torch::autograd::AutogradContext* context,
                                const variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through attention to ranges: expected first derivatives, got "
                "create_graph = true (ReferenceAttendRanges has second ones)");
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2];
    const KeyRanges ranges{saved[3], saved[4]};
    const int64_t G = k.size(0);
    const auto type = q.scalar_type();
    // A query stands in one block, a key in several: k's and v's gradients are sums, in wide type.
    auto grad_q = torch::empty(q.sizes(), q.options());
    auto grad_k = torch::zeros(k.sizes(), k.options().dtype(WideType(type)));
    auto grad_v = torch::zeros_like(grad_k);
    ForEachBlock(q, ranges, [&](Range queries, Range keys) {
      const auto part = [&](const torch::Tensor& of) {
        return of.narrow(1, keys.first, keys.size());
      };
      const auto scaled_q = ByGroup(q, queries, G) * ScoreScale(q);
      const auto grad = ByGroup(grads[0], queries, G);
      const auto weights = Weights(scaled_q, part(k), Hidden(ranges, queries, keys, q.device()));
      // dV = P^T dO, over all queries of the heads that share the keys.
      part(grad_v).add_(torch::bmm(weights.to(type).transpose(1, 2), grad));
      // dP = dO V^T, then through softmax: dS = P * (dP - rowsum(P * dP)).
      const auto grad_weights = torch::bmm(grad, part(v).transpose(1, 2)).to(weights.scalar_type());
      const auto grad_scores =
          at::_softmax_backward_data(grad_weights, weights, 2, weights.scalar_type()).to(type);
      // dQ = dS K times the scale, which stands outside; in dK the scaled q has it.
      grad_q.narrow(1, queries.first, queries.size())
          .copy_(
              (torch::bmm(grad_scores, part(k)) * ScoreScale(q)).view({q.size(0), -1, q.size(2)}));
      part(grad_k).add_(torch::bmm(grad_scores.transpose(1, 2), scaled_q));
    });
    return {grad_q, grad_k.to(type), grad_v.to(type), {}, {}};
  }
};

}  // namespace

torch::Tensor AttendRanges(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                           const KeyRanges& ranges) {
  TORCH_CHECK(q.dim() == 3 && k.dim() == 3 && k.sizes() == v.sizes() && q.size(2) == k.size(2) &&
                  q.size(0) % k.size(0) == 0,
              "attention to ranges: q, k, v: expected [H, Q, K] and twice [G, S, K], got ",
              q.sizes(), ", ", k.sizes(), ", ", v.sizes());
  if (!at::GradMode::is_enabled()) return Forward(q, k, v, ranges);
  return RangeFunction::apply(q, k, v, ranges.first, ranges.last);
}

torch::Tensor ReferenceAttendRanges(const torch::Tensor& q, const torch::Tensor& k,
                                    const torch::Tensor& v, const KeyRanges& ranges) {
  const int64_t shared_by = q.size(0) / k.size(0);
  const auto keys = k.repeat_interleave(shared_by, 0), values = v.repeat_interleave(shared_by, 0);
  const auto scores = torch::matmul(q, keys.transpose(1, 2)) / std::sqrt(q.size(2));  // [H, Q, S]
  const auto hidden = Hidden(ranges, {0, q.size(1)}, {0, k.size(1)}, q.device());
  const auto seen = scores.masked_fill(hidden, -std::numeric_limits<double>::infinity());
  return torch::matmul(torch::softmax(seen, 2), values);
}

}  // namespace longplay
