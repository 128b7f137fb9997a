// SPDX-License-Identifier: MIT
#include "model/mixers/attention_mixer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>

#include "model/attention/attend.h"
#include "model/attention/block_plan.h"
#include "model/attention/blockwise_attention.h"
#include "model/attention/reference_attention.h"
#include "model/rows/row_maps.h"
#include "model/tensors/initialization.h"

namespace longplay {
namespace {

struct QueryKeyValue {
  torch::Tensor q;     // [B, heads, T, K] view
  torch::Tensor k, v;  // [B, shared, T, K] views
};

/// packed [B, T, (heads + 2 * shared) * K] → views, no copy.
QueryKeyValue Unpack(const torch::Tensor& packed, int64_t heads, int64_t shared) {
  const auto by_head = packed.unflatten(2, {heads + 2 * shared, -1}).transpose(1, 2);
  return {by_head.narrow(1, 0, heads), by_head.narrow(1, heads, shared),
          by_head.narrow(1, heads + shared, shared)};
}

/// [B, H, n] int64: WeightDropout.keys of n queries that stand at `first` and behind it. A weight's
/// column is its key's number in its chain, wherever the chain stands in this call.
torch::Tensor WeightKeys(const TokenNoise& queries, int64_t heads, int64_t first) {
  const auto of_tokens = queries.KeysOf(NoiseUse::kAttentionWeights);  // [B, n]
  const auto chain_begins =
      torch::arange(first, first + of_tokens.size(1), of_tokens.options()) - queries.numbers;
  std::vector<torch::Tensor> keys;
  for (int64_t h = 0; h < heads; ++h) {
    keys.push_back(KeysAt(of_tokens, static_cast<uint64_t>(h)) - chain_begins);
  }
  return torch::stack(keys, 1);
}

/// The same for some queries (`own`, counted from the call's first one) against other keys.
Visibility PartOf(Visibility visibility, Range own, int64_t first_query, int64_t first_key) {
  // Keys start elsewhere, so the queries' place must be named, not left at the end.
  visibility.first_query = first_query;
  visibility.first_key = first_key;
  if (visibility.dropout.keys.defined()) {
    visibility.dropout.keys = RowsOf(visibility.dropout.keys, own);
  }
  return visibility;
}

class AttentionContext : public MixerContext {
 public:
  AttentionContext(AttentionMixer& mixer, KeyValueCache cache)
      : mixer_(mixer), cache_(std::move(cache)) {}

  torch::Tensor Step(const torch::Tensor& x, const Chunk& /*chunk*/,
                     HandedOn& /*handed*/) override {
    return mixer_.StepWith(x, cache_);
  }
  void Forget(int64_t i) override { cache_.Forget(i); }
  void TakeBack(int64_t i, int64_t tokens) override { cache_.TakeBack(i, tokens); }
  void Select(const torch::Tensor& rows) override { cache_.Select(rows); }
  int64_t bytes() const override { return cache_.bytes(); }

 private:
  AttentionMixer& mixer_;
  KeyValueCache cache_;
};

}  // namespace

AttentionMixer::AttentionMixer(AttentionPath path, const AttentionOptions& options)
    : path_(path), options_(options) {
  TORCH_CHECK(options.heads > 0 && options.width > 0 && options.width % options.heads == 0,
              "building attention: width ", options.width, ": expected a multiple of heads, got ",
              options.heads, " heads");
  shared_heads_ = options.key_value_heads > 0 ? options.key_value_heads : options.heads;
  TORCH_CHECK(options.heads % shared_heads_ == 0,
              "building attention: key_value_heads: expected a divisor of ", options.heads,
              " heads, got ", shared_heads_);
  TORCH_CHECK(options.span >= 0, "building attention: span: expected at least 1 token or 0, got ",
              options.span);
  TORCH_CHECK(options.sinks >= 0, "building attention: sinks: expected at least 0 tokens, got ",
              options.sinks);
  TORCH_CHECK(options.dropout >= 0 && options.dropout < 1,
              "building attention: dropout: expected 0 <= p < 1, got ", options.dropout);
  // One map for q, k and v: its rows are H query heads, then G of keys, then G of values.
  const int64_t D = options.width, K = D / options.heads;
  query_key_value_ = register_module("query_key_value",
                                     torch::nn::Linear(D, (options.heads + 2 * shared_heads_) * K));
  projection_ = register_module("projection", torch::nn::Linear(D, D));
  DrawWeights(query_key_value_);
  DrawWeights(projection_);
}

AttentionState AttentionMixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto none =
      torch::empty({batch, 0, shared_heads_, options_.width / options_.heads}, options);
  return {none, none, torch::empty({batch, 0}, options.dtype(torch::kInt64))};
}

torch::Tensor AttentionMixer::Run(const torch::Tensor& x, AttentionState& state, const Chunk& chunk,
                                  HandedOn& /*handed*/) {
  // The state behind this chunk, uncut: keys and values of the tokens before, then its own.
  auto [q, k, v] = Unpack(LinearInTypeOf(x, query_key_value_), options_.heads, shared_heads_);
  AttentionState next{k.transpose(1, 2), v.transpose(1, 2), state.segments};
  if (chunk.segments.defined()) {
    next.segments = torch::cat({state.segments, chunk.segments}, 1);
  }
  if (state.keys.size(1) > 0) {
    next.keys = torch::cat({state.keys.to(x.scalar_type()), next.keys}, 1);
    next.values = torch::cat({state.values.to(x.scalar_type()), next.values}, 1);
  }
  // Which of them the chunk's queries see; they stand at the end.
  Visibility visibility{.span = options_.span, .keys = {}, .sinks = options_.sinks};
  if (chunk.segments.defined()) visibility.segments = next.segments;
  if (is_training() && options_.dropout > 0) {
    const int64_t first = next.keys.size(1) - x.size(1);  // of the queries among the keys
    visibility.dropout = {options_.dropout, WeightKeys(chunk.noise, options_.heads, first)};
  }
  k = next.keys.transpose(1, 2);
  v = next.values.transpose(1, 2);
  const auto heads = path_ == AttentionPath::kReference
                         ? ReferenceAttend(q, k, v, visibility)
                         : BlockwiseAttend(q, k, v, visibility, options_);
  // With a span, later tokens see the last span - 1 of these.
  if (!state_grows()) {
    for (torch::Tensor* part : {&next.keys, &next.values, &next.segments}) {
      torch::Tensor& tensor = *part;
      const int64_t kept = std::min(tensor.size(1), options_.span - 1);
      tensor = tensor.narrow(1, tensor.size(1) - kept, kept).clone();  // not a view of all of it
    }
  }
  state = std::move(next);
  return LinearInTypeOf(heads.transpose(1, 2).reshape(x.sizes()), projection_);
}

std::unique_ptr<MixerContext> AttentionMixer::StartContext(int64_t batch,
                                                           const ContextOptions& options) {
  // The narrower of the asked window and the layer's own span; 0 = no bound.
  ContextOptions own = options;
  if (own.window == 0 || (options_.span > 0 && options_.span < own.window)) {
    own.window = options_.span;
  }
  return std::make_unique<AttentionContext>(*this, KeyValueCache(batch, own, options_.sinks));
}

torch::Tensor AttentionMixer::StepWith(const torch::Tensor& x, KeyValueCache& cache) {
  const torch::NoGradGuard no_grad;
  const auto [q, k, v] = Unpack(LinearInTypeOf(x, query_key_value_), options_.heads, shared_heads_);
  const auto heads = cache.Attend(q, k, v);
  return LinearInTypeOf(heads.transpose(1, 2).reshape(x.sizes()), projection_);
}

/// Without the keys of dropout, which belong to queries.
Visibility AttentionMixer::VisibilityOf(const MixerInput& input) const {
  return {.span = options_.span,
          .keys = {},
          .segments = input.pass.segments,
          .dropout = {.probability = input.pass.attention_dropout},
          .sinks = options_.sinks};
}

Visibility AttentionMixer::VisibilityOf(const MixerInput& input, Range queries) const {
  Visibility visibility = VisibilityOf(input);
  if (input.pass.attention_dropout > 0) {
    visibility.dropout.keys =
        WeightKeys(input.pass.noise.Of(queries), options_.heads, queries.first);
  }
  return visibility;
}

/// Some rows of query_key_value of some normalised tokens: [B, n, rows].
torch::Tensor AttentionMixer::Project(const MixerInput& input, Range tokens, Range rows) const {
  CastParameters& parameters = input.pass.parameters;
  const auto weight = parameters.of(query_key_value_->weight).narrow(0, rows.first, rows.size());
  const auto bias = parameters.of(query_key_value_->bias).narrow(0, rows.first, rows.size());
  const auto x = input.x.Restore(tokens);             // [B, n, D]
  const auto flat = x.reshape({-1, options_.width});  // [B * n, D]
  auto packed = at::empty({flat.size(0), rows.size()}, x.options());
  // The normalised rows exist for one block at a time.
  ForEachRowBlock(flat.size(0), input.pass.rows_at_once, [&](const RowBlock& block) {
    auto out = block.Of(packed);
    at::addmm_out(out, bias, Normalise(input.norm, block.Of(flat)).y, weight.t());
  });
  return packed.view({x.size(0), x.size(1), -1});
}

/// Backward of Project; grad [B, n, rows].
void AttentionMixer::AddInputGradients(const MixerInput& input, Range tokens, Range rows,
                                       const torch::Tensor& grad, torch::Tensor& grad_x,
                                       ParameterGradients& gradients) const {
  const auto weight =
      input.pass.parameters.of(query_key_value_->weight).narrow(0, rows.first, rows.size());
  auto grad_weight = gradients.of(query_key_value_->weight).narrow(0, rows.first, rows.size());
  auto grad_bias = gradients.of(query_key_value_->bias).narrow(0, rows.first, rows.size());
  const auto x = input.x.Restore(tokens).reshape({-1, options_.width});  // [B * n, D]
  const auto flat = grad.reshape({-1, rows.size()});
  OnRows(grad_x.narrow(1, tokens.first, tokens.size()), [&](torch::Tensor& rows_of_grad_x) {
    ForEachRowBlock(x.size(0), input.pass.rows_at_once, [&](const RowBlock& block) {
      // The norm again, then weight, bias, and through the map and the norm to x.
      const NormalisedRows normalised = Normalise(input.norm, block.Of(x));
      const auto part = block.Of(flat);
      AddProduct(grad_weight, part.t(), normalised.y);
      grad_bias.add_(part.sum(0, /*keepdim=*/false, grad_bias.scalar_type()));
      block.Of(rows_of_grad_x)
          .add_(NormaliseBackward(input.norm, block.Of(x), normalised, at::mm(part, weight),
                                  gradients));
    });
  });
}

Mixed AttentionMixer::Mix(const MixerInput& input, Range tokens) {
  const torch::NoGradGuard no_grad;
  if (tokens.size() < input.x.sizes()[1]) return MixChunk(input, tokens);
  // The whole sequence is one chunk: projected and attended to at once.
  const auto packed = Project(input, tokens, AllRows());
  const auto [q, k, v] = Unpack(packed, options_.heads, shared_heads_);
  const Attended attended = Attend(q, k, v, VisibilityOf(input, tokens), options_);
  return {attended.heads.transpose(1, 2).flatten(2), attended.log_sum_exp,
          input.pass.keeps_projections ? packed : torch::Tensor()};
}

void AttentionMixer::MixBackward(const MixerInput& input, Range tokens, const Mixed& mixed,
                                 const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                                 ParameterGradients& gradients) {
  const torch::NoGradGuard no_grad;
  const auto by_head = [&](const torch::Tensor& x) {
    return x.unflatten(2, {options_.heads, -1}).transpose(1, 2);  // [B, H, n, K]
  };
  const Attended attended{by_head(mixed.heads), mixed.statistics};
  if (tokens.size() < input.x.sizes()[1]) {
    ChunkBackward(input, tokens, attended, by_head(grad_heads), grad_x, gradients);
    return;
  }
  // q, k and v that are made again are gone before x's gradient is made.
  AttendGradients grads;
  {
    const auto packed =
        mixed.projected.defined() ? mixed.projected : Project(input, tokens, AllRows());
    const auto [q, k, v] = Unpack(packed, options_.heads, shared_heads_);
    grads = AttendBackward(by_head(grad_heads), q, k, v, attended, VisibilityOf(input, tokens),
                           options_);
  }
  const auto rows = [](const torch::Tensor& grad) { return grad.transpose(1, 2).flatten(2); };
  // One after the other: rows of q, k, v packed into one tensor would be a copy of all gradients.
  const int64_t width = options_.width, shared = KeyValueRows().size() / 2;
  AddInputGradients(input, tokens, {0, width}, rows(grads.q), grad_x, gradients);
  AddInputGradients(input, tokens, {width, width + shared}, rows(grads.k), grad_x, gradients);
  AddInputGradients(input, tokens, {width + shared, width + 2 * shared}, rows(grads.v), grad_x,
                    gradients);
}

/// body(keys, queries): a range of keys, and the queries of the chunk that come after its first.
template <typename Body>
void AttentionMixer::ForEachKeyChunk(const MixerInput& input, Range queries,
                                     const Body& body) const {
  const int64_t step = input.pass.keys_at_once;
  // Ranges stand at multiples of `step`, from the one with the oldest key that the chunk sees on.
  const int64_t oldest =
      options_.span > 0 ? std::max<int64_t>(0, queries.first - options_.span + 1) : 0;
  const int64_t first = oldest / step * step, sinks = std::min(options_.sinks, first);
  for (int64_t key = 0; key < sinks; key += step)
    body(Range{key, std::min(key + step, sinks)}, queries);
  for (int64_t key = first; key < queries.last; key += step) {
    body(Range{key, std::min(key + step, queries.last)},
         Range{std::max(key, queries.first), queries.last});
  }
}

// In chunks, q exists for the chunk alone, k and v for one range of keys at a time.

Mixed AttentionMixer::MixChunk(const MixerInput& input, Range tokens) const {
  const auto q = Project(input, tokens, QueryRows())
                     .unflatten(2, {options_.heads, -1})
                     .transpose(1, 2);  // [B, H, n, K]
  // Each range of keys is projected, attended to, merged into the chunk's heads, and gone.
  Attended whole = NothingAttended(q);
  const Visibility of_chunk = VisibilityOf(input, tokens);
  ForEachKeyChunk(input, tokens, [&](Range keys, Range queries) {
    const auto [none, k, v] = Unpack(Project(input, keys, KeyValueRows()), 0, shared_heads_);
    const Range own{queries.first - tokens.first, queries.last - tokens.first};
    const Visibility visibility = PartOf(of_chunk, own, queries.first, keys.first);
    Attended part{RowsOf(whole.heads, own), RowsOf(whole.log_sum_exp, own)};
    MergeInto(part, Attend(RowsOf(q, own), k, v, visibility, options_));
  });
  return {whole.heads.transpose(1, 2).flatten(2).to(q.scalar_type()), whole.log_sum_exp};
}

void AttentionMixer::ChunkBackward(const MixerInput& input, Range tokens, const Attended& attended,
                                   const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                                   ParameterGradients& gradients) const {
  const auto q = Project(input, tokens, QueryRows())
                     .unflatten(2, {options_.heads, -1})
                     .transpose(1, 2);  // [B, H, n, K]
  // The same ranges again: k's and v's gradients go to x at once, q's adds up over the ranges.
  auto grad_q = NothingAttended(q).heads;
  const Visibility of_chunk = VisibilityOf(input, tokens);
  ForEachKeyChunk(input, tokens, [&](Range keys, Range queries) {
    const auto [none, k, v] = Unpack(Project(input, keys, KeyValueRows()), 0, shared_heads_);
    const Range own{queries.first - tokens.first, queries.last - tokens.first};
    const Visibility visibility = PartOf(of_chunk, own, queries.first, keys.first);
    const Attended part{RowsOf(attended.heads, own), RowsOf(attended.log_sum_exp, own)};
    const AttendGradients grads =
        AttendBackward(RowsOf(grad_heads, own), RowsOf(q, own), k, v, part, visibility, options_);
    RowsOf(grad_q, own).add_(grads.q);
    const auto grad = torch::cat({grads.k, grads.v}, 1).transpose(1, 2).flatten(2);
    AddInputGradients(input, keys, KeyValueRows(), grad, grad_x, gradients);
  });
  AddInputGradients(input, tokens, QueryRows(),
                    grad_q.transpose(1, 2).flatten(2).to(q.scalar_type()), grad_x, gradients);
}

// Over ranks, q exists for this rank's tokens; its keys and values for one travelling block at a
// time, or where they are kept.

/// `projected` is what Project makes of all rows of this rank's tokens; undefined = made when asked
/// for. `input` must outlive it.
RingAttention AttentionMixer::RingOf(const MixerInput& input, const SequenceSlice& slice,
                                     const torch::Tensor& projected) const {
  Visibility visibility = VisibilityOf(input);
  if (input.pass.attention_dropout > 0) {
    // Each range stands at a place of its own.
    std::vector<torch::Tensor> keys;
    int64_t before = 0;
    for (const Range held : slice.own()) {
      keys.push_back(WeightKeys(input.pass.noise.Of({before, before + held.size()}), options_.heads,
                                held.first));
      before += held.size();
    }
    visibility.dropout.keys = torch::cat(keys, 2);
  }
  const auto rows_of = [&input, projected, this](Range tokens, Range rows) {
    return projected.defined()
               ? projected.narrow(1, tokens.first, tokens.size()).narrow(2, rows.first, rows.size())
               : Project(input, tokens, rows);
  };
  return {.slice = slice,
          .options = options_,
          .visibility = visibility,
          .key_heads = shared_heads_,
          .q = rows_of({0, slice.size()}, QueryRows())
                   .unflatten(2, {options_.heads, -1})
                   .transpose(1, 2),  // [B, H, n, K]
          .keys = [rows_of, this](Range own) { return rows_of(own, KeyValueRows()); }};
}

Mixed AttentionMixer::MixOverRanks(const MixerInput& input, const SequenceSlice& slice) {
  const torch::NoGradGuard no_grad;
  const auto packed =
      input.pass.keeps_projections ? Project(input, {0, slice.size()}, AllRows()) : torch::Tensor();
  const RingAttention ring = RingOf(input, slice, packed);
  const Attended whole = AttendOverRanks(ring);
  return {whole.heads.transpose(1, 2).flatten(2).to(ring.q.scalar_type()), whole.log_sum_exp,
          packed};
}

void AttentionMixer::MixOverRanksBackward(const MixerInput& input, const SequenceSlice& slice,
                                          const Mixed& mixed, const torch::Tensor& grad_heads,
                                          torch::Tensor& grad_x, ParameterGradients& gradients) {
  const torch::NoGradGuard no_grad;
  const auto by_head = [&](const torch::Tensor& x) {
    return x.unflatten(2, {options_.heads, -1}).transpose(1, 2);  // [B, H, n, K]
  };
  const RingAttention ring = RingOf(input, slice, mixed.projected);
  const auto grad_q = AttendOverRanksBackward(
      ring, by_head(grad_heads), {by_head(mixed.heads), mixed.statistics},
      [&](Range own, const torch::Tensor& grad) {
        AddInputGradients(input, own, KeyValueRows(), grad, grad_x, gradients);
      });
  AddInputGradients(input, {0, slice.size()}, QueryRows(),
                    grad_q.transpose(1, 2).flatten(2).to(ring.q.scalar_type()), grad_x, gradients);
}

}  // namespace longplay
