// SPDX-License-Identifier: MIT
#include "model/mixers/selective_attention.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "model/attention/range_attention.h"
#include "model/tensors/cast_parameters.h"
#include "model/tensors/initialization.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

/// a of (1 - a) h + a o, [B, n].
torch::Tensor Share(const torch::Tensor& scores) { return torch::softmax(scores, 2).select(2, 1); }

/// [B, S + n] int64: for each token the place of the last start up to it; 0 = none. The S tokens
/// before the chunk hold none that still matters.
torch::Tensor LastStarts(const torch::Tensor& starts, int64_t S) {
  const auto places = torch::arange(S, S + starts.size(1), starts.options().dtype(torch::kInt64));
  const auto last = std::get<0>((starts * places).cummax(1));
  return torch::cat({last.new_zeros({last.size(0), S}), last}, 1);
}

/// Which of the keys at `key_places` (ascending) the queries at `places` see.
KeyRanges RangesOf(const torch::Tensor& places, const torch::Tensor& key_places,
                   const torch::Tensor& last_starts, int64_t span) {
  // A range of places (the span, cut at the last start), then of numbers among the seen keys.
  auto first = span > 0 ? places - (span - 1) : torch::zeros_like(places);
  if (last_starts.defined()) first = torch::maximum(first, last_starts.index_select(0, places));
  return {torch::searchsorted(key_places, first).cpu(),
          torch::searchsorted(key_places, places, /*out_int32=*/false, /*right=*/true).cpu()};
}

class SelectiveAttentionContext : public MixerContext {
 public:
  SelectiveAttentionContext(SelectiveAttention& mixer, SelectiveContext memory)
      : mixer_(mixer), memory_(std::move(memory)) {}

  torch::Tensor Step(const torch::Tensor& x, const Chunk& chunk, HandedOn& /*handed*/) override {
    std::vector<torch::Tensor> y;
    for (int64_t t = 0; t < x.size(1); ++t) {
      y.push_back(mixer_.StepOne(x.select(1, t), chunk.residual.select(1, t), memory_));
    }
    return torch::stack(y, 1);
  }
  void Forget(int64_t i) override { memory_.Forget(i); }
  void Select(const torch::Tensor& rows) override { memory_.Select(rows); }
  int64_t bytes() const override { return memory_.bytes(); }

 private:
  SelectiveAttention& mixer_;
  SelectiveContext memory_;
};

}  // namespace

SelectiveAttention::SelectiveAttention(const ModelOptions& options)
    : options_(options.taipan), heads_(options.attention.heads) {
  const int64_t D = options.attention.width;
  TORCH_CHECK(heads_ > 0 && D > 0 && D % heads_ == 0, "building selective attention: width ", D,
              ": expected a multiple of heads, got ", heads_, " heads");
  const int64_t asked = options.attention.key_value_heads;
  shared_heads_ = asked > 0 ? asked : heads_;
  TORCH_CHECK(heads_ % shared_heads_ == 0,
              "building selective attention: key_value_heads: expected a divisor of ", heads_,
              " heads, got ", shared_heads_);
  TORCH_CHECK(
      options_.span >= 0 && options_.temperature > 0,
      "building selective attention: span, temperature: expected at least 0 tokens and more "
      "than 0, got ",
      options_.span, " and ", options_.temperature);
  head_width_ = D / heads_;
  gate_ = register_module("gate", torch::nn::Linear(D, 2));
  query_ = register_module("query", torch::nn::Linear(D, D));
  key_value_ = register_module("key_value", torch::nn::Linear(D, 2 * shared_heads_ * head_width_));
  projection_ = register_module("projection", torch::nn::Linear(D, D));
  for (torch::nn::Linear* linear : {&gate_, &query_, &key_value_, &projection_}) {
    DrawWeights(*linear);
  }
}

SelectiveState SelectiveAttention::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto keys = torch::zeros({batch, 0, shared_heads_, head_width_}, options);
  const auto sums = torch::zeros({batch}, options.dtype(WideType(options.dtype().toScalarType())));
  return {keys, keys.clone(), torch::zeros({batch, 0}, options.dtype(torch::kBool)), sums,
          sums.clone()};
}

TokenChoice SelectiveAttention::Choose(const torch::Tensor& scores, const Chunk& chunk) const {
  // Noise only while training: acting and evaluation take the larger score.
  if (is_training()) {
    return ChooseWithNoise(scores, chunk.noise.KeysOf(NoiseUse::kChoice), options_.temperature);
  }
  const auto chosen = ChooseLarger(scores);
  return {chosen, chosen.to(scores.scalar_type())};
}

/// Chosen tokens' queries [M, H K], in the order of `chosen` [B, n] → their heads [M, H K]. `all`:
/// keys, values, seen of a state that ends with the chunk's tokens, before older ones leave it.
torch::Tensor SelectiveAttention::Attend(const torch::Tensor& queries, const torch::Tensor& chosen,
                                         const SelectiveState& all,
                                         const torch::Tensor& starts) const {
  // One sequence at a time: each has another number of chosen tokens and of keys.
  const int64_t S = all.keys.size(1) - chosen.size(1);
  const auto last_starts = starts.defined() ? LastStarts(starts, S) : torch::Tensor();
  std::vector<torch::Tensor> heads;
  int64_t row = 0;
  for (int64_t b = 0; b < chosen.size(0); ++b) {
    const auto places = chosen[b].nonzero().flatten() + S;  // [M_b]
    const int64_t count = places.size(0);
    if (count == 0) continue;
    const auto key_places = all.seen[b].nonzero().flatten();
    const auto seen = [&](const torch::Tensor& part) {  // [G, keys, K]
      return part[b].index_select(0, key_places).transpose(0, 1);
    };
    const auto q = queries.narrow(0, row, count).view({count, heads_, head_width_});
    const auto ranges = RangesOf(places, key_places,
                                 starts.defined() ? last_starts[b] : last_starts, options_.span);
    heads.push_back(AttendRanges(q.transpose(0, 1), seen(all.keys), seen(all.values), ranges)
                        .transpose(0, 1)
                        .reshape({count, -1}));
    row += count;
  }
  return torch::cat(heads, 0);
}

torch::Tensor SelectiveAttention::Run(const torch::Tensor& x, SelectiveState& state,
                                      const Chunk& chunk, HandedOn& /*handed*/) {
  TORCH_CHECK(chunk.residual.defined() && chunk.residual.sizes() == x.sizes(),
              "selective attention: residual: expected the layer's input, got none of its shape");
  const int64_t B = x.size(0), n = x.size(1), S = state.keys.size(1);
  // Step 1: the gate chooses tokens.
  const auto scores = LinearInTypeOf(x, gate_).to(WideType(x.scalar_type()));  // [B, n, 2]
  const TokenChoice choice = Choose(scores, chunk);
  // Step 2: every token's key and value behind those of the state, chosen or not.
  const auto packed = LinearInTypeOf(x, key_value_).view({B, n, 2, shared_heads_, head_width_});
  const auto own_seen =
      options_.keys == SelectedKeys::kSelected ? choice.chosen : torch::ones_like(choice.chosen);
  const SelectiveState all{.keys = torch::cat({state.keys, packed.select(2, 0)}, 1),
                           .values = torch::cat({state.values, packed.select(2, 1)}, 1),
                           .seen = torch::cat({state.seen, own_seen}, 1),
                           .tokens = {},
                           .chosen = {}};

  auto y = torch::zeros_like(x);
  // Step 3: queries of chosen tokens alone; y = m a (o - h), zero in the other rows.
  const auto rows = choice.chosen.flatten().nonzero().flatten();  // [M] of B * n
  if (rows.size(0) > 0) {
    const auto taken = [&](const torch::Tensor& of) {
      return of.flatten(0, 1).index_select(0, rows);
    };
    const auto heads = Attend(LinearInTypeOf(taken(x), query_), choice.chosen, all, chunk.starts);
    const auto weight = taken((choice.straight * Share(scores)).unsqueeze(2)).to(x.scalar_type());
    const auto difference = LinearInTypeOf(heads, projection_) - taken(chunk.residual);
    y = y.flatten(0, 1).index_copy(0, rows, weight * difference).view(x.sizes());
  }

  // Step 4: what the next chunk's first token may see, without what stands before the last start.
  const int64_t kept = options_.span > 0 ? std::min(S + n, options_.span - 1) : S + n;
  auto seen = all.seen;
  if (chunk.starts.defined()) {
    const auto last_starts = LastStarts(chunk.starts, S);
    const auto places = torch::arange(S + n, last_starts.options());
    seen = seen.logical_and(places >= last_starts.narrow(1, S + n - 1, 1));
  }
  // Copies: views would keep the whole chunk in memory.
  const auto last = [&](const torch::Tensor& of) {
    return of.narrow(1, S + n - kept, kept).clone();
  };
  state = {last(all.keys), last(all.values), last(seen), state.tokens + n,
           state.chosen + choice.straight.sum(1)};
  return y;
}

torch::Tensor SelectiveAttention::PenaltyOf(const SelectiveState& last) const {
  // Its gradient is that of the soft choices, through `chosen`.
  const auto share = last.chosen / last.tokens;  // [B]
  return options_.penalty * (options_.capacity - share).square().mean();
}

std::unique_ptr<MixerContext> SelectiveAttention::StartContext(int64_t batch,
                                                               const ContextOptions& options) {
  int64_t span = options_.span;
  if (options.window > 0) span = span > 0 ? std::min(span, options.window) : options.window;
  return std::make_unique<SelectiveAttentionContext>(
      *this, SelectiveContext(batch, span, options.capacity));
}

torch::Tensor SelectiveAttention::StepOne(const torch::Tensor& x, const torch::Tensor& residual,
                                          SelectiveContext& memory) const {
  const torch::NoGradGuard no_grad;
  const auto scores = LinearInTypeOf(x, gate_).to(WideType(x.scalar_type())).unsqueeze(1);
  const auto chosen = ChooseLarger(scores).squeeze(1);  // [B]
  const auto packed = LinearInTypeOf(x, key_value_).view({-1, 2, shared_heads_, head_width_});
  // The token itself first: it may see its own key.
  memory.Append(packed.select(1, 0), packed.select(1, 1),
                options_.keys == SelectedKeys::kSelected ? chosen : torch::ones_like(chosen));
  auto y = torch::zeros_like(x);
  const auto rows = chosen.nonzero().flatten();
  if (rows.size(0) == 0) return y;
  const auto q = LinearInTypeOf(x.index_select(0, rows), query_).view({-1, heads_, head_width_});
  const auto o = LinearInTypeOf(memory.Attend(q, rows).flatten(1), projection_);
  const auto weight = Share(scores).index_select(0, rows).to(x.scalar_type());  // [b, 1]
  return y.index_copy_(0, rows, weight * (o - residual.index_select(0, rows)));
}

}  // namespace longplay
