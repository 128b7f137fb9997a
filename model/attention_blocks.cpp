// SPDX-License-Identifier: MIT
#include "model/attention_blocks.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Range {
  int64_t first, last;  // first <= i < last
  int64_t size() const { return last - first; }
};

torch::Tensor Rows(const torch::Tensor& x, Range range) {
  return x.narrow(2, range.first, range.size());
}

/// Geometry of one call: which key blocks a query block needs, and what is hidden inside one.
class BlockPlan {
 public:
  BlockPlan(int64_t T, int64_t S, const Visibility& visibility, const AttentionOptions& options)
      : T_(T), S_(S), visibility_(visibility), options_(options) {
    TORCH_CHECK(S >= T, "attention: expected at least as many keys as queries, got ", S, " and ",
                T);
    TORCH_CHECK(options.query_block > 0 && options.key_block > 0,
                "attention: blocks: expected at least 1 token, got ", options.query_block, " and ",
                options.key_block);
  }

  template <typename Body>
  void ForEachQueryBlock(const Body& body) const {
    for (int64_t i = 0; i < T_; i += options_.query_block) {
      body(Range{i, std::min(T_, i + options_.query_block)});
    }
  }

  /// Key blocks that at least one query of the block sees; those above the diagonal and beyond the
  /// span are never touched.
  template <typename Body>
  void ForEachKeyBlock(Range queries, const Body& body) const {
    const int64_t last = Position(queries.last - 1) + 1;
    const int64_t oldest =
        visibility_.span > 0 ? std::max<int64_t>(0, Position(queries.first) - visibility_.span + 1)
                             : 0;
    const int64_t step = options_.key_block;
    for (int64_t j = oldest / step * step; j < last; j += step) {
      body(Range{j, std::min(last, j + step)});
    }
  }

  /// [B or 1, 1, queries, keys] bool, true = hidden; undefined when every pair is visible.
  torch::Tensor Hidden(Range queries, Range keys, torch::Device device) const {
    const auto places = torch::TensorOptions().dtype(torch::kInt64).device(device);
    torch::Tensor hidden;
    const auto hide = [&](const torch::Tensor& more) {
      hidden = hidden.defined() ? hidden.logical_or(more) : more;
    };
    const bool crosses_diagonal = keys.last - 1 > Position(queries.first);
    const bool crosses_span =
        visibility_.span > 0 && keys.first <= Position(queries.last - 1) - visibility_.span;
    if (crosses_diagonal || crosses_span) {
      const auto q = torch::arange(Position(queries.first), Position(queries.last), places)
                         .view({1, 1, -1, 1});
      const auto k = torch::arange(keys.first, keys.last, places).view({1, 1, 1, -1});
      if (crosses_diagonal) hide(k > q);
      if (crosses_span) hide(k <= q - visibility_.span);
    }
    if (visibility_.keys.defined()) {
      hide(Columns(visibility_.keys, keys).logical_not().unsqueeze(1).unsqueeze(1));
    }
    if (visibility_.segments.defined()) {
      const Range own{Position(queries.first), Position(queries.last - 1) + 1};
      hide((Columns(visibility_.segments, own).unsqueeze(2) !=
            Columns(visibility_.segments, keys).unsqueeze(1))
               .unsqueeze(1));
    }
    return hidden;
  }

 private:
  int64_t Position(int64_t query) const { return S_ - T_ + query; }

  static torch::Tensor Columns(const torch::Tensor& x, Range range) {
    return x.narrow(1, range.first, range.size());
  }

  int64_t T_, S_;
  const Visibility& visibility_;
  const AttentionOptions& options_;
};

double Scale(const torch::Tensor& q) { return 1 / std::sqrt(static_cast<double>(q.size(-1))); }

/// Scores of one block pair [B, H, queries, keys], hidden pairs at -inf.
torch::Tensor Scores(const torch::Tensor& scaled_q, const torch::Tensor& k,
                     const torch::Tensor& hidden) {
  auto scores = torch::matmul(scaled_q, k.transpose(-2, -1));
  return hidden.defined() ? scores.masked_fill_(hidden, -kInfinity) : scores;
}

/// Running softmax of one query block.
struct Running {
  torch::Tensor numerator;    // [B, H, queries, K]
  torch::Tensor denominator;  // [B, H, queries, 1]
  torch::Tensor maximum;      // [B, H, queries, 1]

  explicit Running(const torch::Tensor& q)
      : numerator(torch::zeros(q.sizes(), q.options())),
        denominator(torch::zeros_like(q.narrow(-1, 0, 1))),
        maximum(torch::full_like(denominator, -kInfinity)) {}

  void Add(torch::Tensor scores, const torch::Tensor& v) {
    const auto larger = torch::maximum(maximum, scores.amax(-1, /*keepdim=*/true));
    // A row that has seen nothing so far has maximum -inf; 0 keeps -inf - 0 = -inf defined.
    const auto base = larger.masked_fill(larger == -kInfinity, 0);
    const auto weights = scores.sub_(base).exp_();
    const auto shrink = (maximum - base).exp_();
    numerator.mul_(shrink).add_(torch::matmul(weights, v));
    denominator.mul_(shrink).add_(weights.sum(-1, /*keepdim=*/true));
    maximum = larger;
  }
};

}  // namespace

Attended AttendInBlocks(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const Visibility& visibility, const AttentionOptions& options) {
  const torch::NoGradGuard no_grad;
  const BlockPlan plan(q.size(2), k.size(2), visibility, options);
  Attended result{torch::empty(q.sizes(), q.options()),
                  torch::empty(q.sizes().slice(0, 3), q.options())};
  plan.ForEachQueryBlock([&](Range queries) {
    const auto scaled_q = Rows(q, queries) * Scale(q);
    Running running(scaled_q);
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      running.Add(Scores(scaled_q, Rows(k, keys), plan.Hidden(queries, keys, q.device())),
                  Rows(v, keys));
    });
    const auto seen = running.denominator.masked_fill(running.denominator == 0, 1);
    Rows(result.heads, queries).copy_(running.numerator.div_(seen));
    Rows(result.log_sum_exp, queries)
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
  AttendGradients grads{torch::empty(q.sizes(), q.options()), torch::zeros(k.sizes(), k.options()),
                        torch::zeros(v.sizes(), v.options())};
  plan.ForEachQueryBlock([&](Range queries) {
    const auto scaled_q = Rows(q, queries) * Scale(q);
    const auto grad = Rows(grad_heads, queries);
    const auto weighted = (grad * Rows(attended.heads, queries)).sum(-1, /*keepdim=*/true);
    auto row_sums = Rows(attended.log_sum_exp, queries).unsqueeze(-1);
    // exp(-inf - inf) = 0: rows that saw nothing pass no gradient.
    row_sums = row_sums.masked_fill(row_sums == -kInfinity, kInfinity);
    auto grad_q = torch::zeros(scaled_q.sizes(), q.options());
    plan.ForEachKeyBlock(queries, [&](Range keys) {
      const auto block_k = Rows(k, keys), block_v = Rows(v, keys);
      const auto weights =
          Scores(scaled_q, block_k, plan.Hidden(queries, keys, q.device())).sub_(row_sums).exp_();
      Rows(grads.v, keys).add_(torch::matmul(weights.transpose(-2, -1), grad));
      const auto grad_scores =
          torch::matmul(grad, block_v.transpose(-2, -1)).sub_(weighted).mul_(weights);
      grad_q.add_(torch::matmul(grad_scores, block_k));
      Rows(grads.k, keys).add_(torch::matmul(grad_scores.transpose(-2, -1), scaled_q));
    });
    Rows(grads.q, queries).copy_(grad_q.mul_(Scale(q)));
  });
  return grads;
}

Attended Merge(const Attended& a, const Attended& b) {
  const auto both = torch::logaddexp(a.log_sum_exp, b.log_sum_exp);  // [B, H, T]
  const auto base = both.masked_fill(both == -kInfinity, 0);
  const auto share = [&](const Attended& part) {
    return (part.log_sum_exp - base).exp_().to(part.heads.scalar_type()).unsqueeze(-1);
  };
  return {a.heads * share(a) + b.heads * share(b), both};
}

}  // namespace longplay
