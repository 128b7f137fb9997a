// SPDX-License-Identifier: MIT
#include "model/attention_mixer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "model/blockwise_attention.h"
#include "model/initialization.h"
#include "model/key_value_cache.h"
#include "model/reference_attention.h"
#include "model/row_maps.h"

namespace longplay {
namespace {

struct QueryKeyValue {
  torch::Tensor q, k, v;  // [B, H, T, K] views
};

/// packed [B, T, 3 * H * K] → views, no copy.
QueryKeyValue Unpack(const torch::Tensor& packed, int64_t heads) {
  const auto parts =
      packed.view({packed.size(0), packed.size(1), 3, heads, -1}).permute({2, 0, 3, 1, 4});
  return {parts[0], parts[1], parts[2]};
}

}  // namespace

/// query_key_value's weight is [3 D, D]: rows of q, then k, then v, each head by head.
struct AttentionMixer::HeadGroup {
  int64_t first, count;  // heads
  torch::Tensor weight;  // [3 * count * K, D]
  torch::Tensor bias;    // [3 * count * K]

  /// The group's rows of a tensor with 3 D rows: [3, count, K, ..] view.
  torch::Tensor RowsOf(const torch::Tensor& whole, int64_t heads) const {
    auto sizes = whole.sizes().vec();
    sizes.insert(sizes.begin() + 1, {heads, whole.size(0) / (3 * heads)});
    sizes[0] = 3;
    return whole.view(sizes).narrow(1, first, count);
  }
};

AttentionMixer::AttentionMixer(MixerKind kind, const AttentionOptions& options)
    : kind_(kind), options_(options) {
  TORCH_CHECK(options.heads > 0 && options.width > 0 && options.width % options.heads == 0,
              "building attention: width ", options.width, ": expected a multiple of heads, got ",
              options.heads, " heads");
  const int64_t D = options.width;
  query_key_value_ = register_module("query_key_value", torch::nn::Linear(D, 3 * D));
  projection = register_module("projection", torch::nn::Linear(D, D));
  DrawWeights(query_key_value_);
  DrawWeights(projection);
}

std::unique_ptr<MixerState> AttentionMixer::MakeState(int64_t /*batch*/, int64_t capacity) const {
  return std::make_unique<KeyValueCache>(capacity);
}

torch::Tensor AttentionMixer::Forward(const torch::Tensor& x, MixerState* state) {
  auto [q, k, v] = Unpack(query_key_value_->forward(x), options_.heads);
  if (state != nullptr) {
    auto& cache = dynamic_cast<KeyValueCache&>(*state);
    cache.Append(k, v);
    k = cache.keys();
    v = cache.values();
  }
  const auto heads = kind_ == MixerKind::kReferenceAttention
                         ? ReferenceAttend(q, k, v)
                         : BlockwiseAttend(q, k, v, {}, options_);
  return projection->forward(heads.transpose(1, 2).reshape(x.sizes()));
}

torch::Tensor AttentionMixer::Step(const torch::Tensor& x, MixerState& state) {
  const torch::NoGradGuard no_grad;
  return Forward(x, &state);
}

AttentionMixer::HeadGroup AttentionMixer::Group(int64_t first) const {
  const int64_t at_once = options_.heads_at_once > 0 ? options_.heads_at_once : options_.heads;
  HeadGroup group{first, std::min(at_once, options_.heads - first), {}, {}};
  if (group.count == options_.heads) {
    group.weight = query_key_value_->weight;
    group.bias = query_key_value_->bias;
  } else {
    group.weight =
        group.RowsOf(query_key_value_->weight, options_.heads).reshape({-1, options_.width});
    group.bias = group.RowsOf(query_key_value_->bias, options_.heads).reshape({-1});
  }
  return group;
}

torch::Tensor AttentionMixer::ProjectQueryKeyValue(const MixerInput& input,
                                                   const HeadGroup& group) const {
  const auto x = input.x.view({-1, options_.width});
  auto packed = at::empty({x.size(0), group.weight.size(0)}, x.options());
  for (int64_t row = 0; row < x.size(0); row += input.rows_at_once) {
    const int64_t rows = std::min(input.rows_at_once, x.size(0) - row);
    auto out = packed.narrow(0, row, rows);
    at::addmm_out(out, group.bias, Normalise(input.norm, x.narrow(0, row, rows)).y,
                  group.weight.t());
  }
  return packed.view({input.x.size(0), input.x.size(1), -1});  // [B, T, 3 * count * K]
}

Mixed AttentionMixer::Mix(const MixerInput& input) {
  const torch::NoGradGuard no_grad;
  const int64_t B = input.x.size(0), T = input.x.size(1), H = options_.heads;
  Mixed mixed;
  for (int64_t first = 0; first < H;) {
    const HeadGroup group = Group(first);
    const auto [q, k, v] = Unpack(ProjectQueryKeyValue(input, group), group.count);
    const Attended attended = Attend(q, k, v, {}, options_);
    const auto heads = attended.heads.transpose(1, 2);  // [B, T, count, K]
    if (group.count == H) return {heads.reshape(input.x.sizes()), attended.log_sum_exp};
    if (first == 0) {
      mixed.heads = at::empty_like(input.x);
      mixed.statistics = at::empty({B, H, T}, attended.log_sum_exp.options());
    }
    mixed.heads.view({B, T, H, -1}).narrow(2, first, group.count).copy_(heads);
    mixed.statistics.narrow(1, first, group.count).copy_(attended.log_sum_exp);
    first += group.count;
  }
  return mixed;
}

void AttentionMixer::MixBackward(const MixerInput& input, const Mixed& mixed,
                                 const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                                 ParameterGradients& gradients) {
  const torch::NoGradGuard no_grad;
  const int64_t B = input.x.size(0), T = input.x.size(1), H = options_.heads;
  for (int64_t first = 0; first < H;) {
    const HeadGroup group = Group(first);
    const auto heads_of = [&](const torch::Tensor& whole) {
      return whole.view({B, T, H, -1}).narrow(2, first, group.count).transpose(1, 2);
    };
    AttendGradients grads;
    {
      const auto [q, k, v] = Unpack(ProjectQueryKeyValue(input, group), group.count);
      const Attended attended{heads_of(mixed.heads),
                              mixed.statistics.narrow(1, first, group.count)};
      grads = AttendBackward(heads_of(grad_heads), q, k, v, attended, {}, options_);
    }
    AddInputGradients(input, group, grads, grad_x, gradients);
    first += group.count;
  }
}

void AttentionMixer::AddInputGradients(const MixerInput& input, const HeadGroup& group,
                                       const AttendGradients& grads, torch::Tensor& grad_x,
                                       ParameterGradients& gradients) const {
  const auto x = input.x.view({-1, options_.width});
  auto rows_of_grad_x = grad_x.view({-1, options_.width});
  const auto as_rows = [&](const torch::Tensor& grad) {
    return grad.transpose(1, 2).reshape({x.size(0), -1});  // [B * T, count * K]
  };
  const auto q = as_rows(grads.q), k = as_rows(grads.k), v = as_rows(grads.v);
  auto grad_weight = at::zeros_like(group.weight), grad_bias = at::zeros_like(group.bias);
  for (int64_t row = 0; row < x.size(0); row += input.rows_at_once) {
    const int64_t rows = std::min(input.rows_at_once, x.size(0) - row);
    const auto chunk = x.narrow(0, row, rows);
    const NormalisedRows normalised = Normalise(input.norm, chunk);
    const auto grad =
        at::cat({q.narrow(0, row, rows), k.narrow(0, row, rows), v.narrow(0, row, rows)}, 1);
    grad_weight.addmm_(grad.t(), normalised.y);
    grad_bias.add_(grad.sum(0));
    rows_of_grad_x.narrow(0, row, rows)
        .add_(NormaliseBackward(input.norm, chunk, normalised, at::mm(grad, group.weight),
                                gradients));
  }
  auto sum = group.RowsOf(gradients.of(query_key_value_->weight), options_.heads);
  sum.add_(grad_weight.view(sum.sizes()));
  auto bias_sum = group.RowsOf(gradients.of(query_key_value_->bias), options_.heads);
  bias_sum.add_(grad_bias.view(bias_sum.sizes()));
}

}  // namespace longplay
