// SPDX-License-Identifier: MIT
#include "runtime/mixers/acting_mixer.h"
#include "runtime/mixers/token_cache.h"

namespace longplay::runtime {
namespace {

/// What a chain remembers is a KV cache.
class ActingWithCache : public ActingMixer {
 public:
  int64_t context_bytes() const override { return cache_.bytes(); }
  void Start(std::byte* /*context*/) const override {}  // what was not appended is not seen
  int64_t saved_bytes(int64_t seen) const override { return cache_.saved_bytes(seen); }
  void Save(const std::byte* context, int64_t seen, std::byte* to) const override {
    cache_.Save(context, seen, to);
  }
  void Load(const std::byte* from, int64_t seen, std::byte* context) const override {
    cache_.Load(from, seen, context);
  }
  bool grows() const override { return cache_.grows(); }

 protected:
  ActingWithCache(const TokenCache::Sizes& sizes, const ContextRoom& room) : cache_(sizes, room) {}

  TokenCache cache_;
};

///   x ─► query_key_value [(H + 2 G) K] ─► cache, H heads ─► projection ─► y
class ActingAttention : public ActingWithCache {
 public:
  ActingAttention(const MixerParts& parts, WeightLoader& weights)
      : ActingWithCache({.heads = parts.facts->heads,
                         .shared_heads = parts.facts->shared_heads,
                         .head_width = parts.facts->head_width(),
                         .span = parts.layer->span,
                         .sinks = parts.facts->sinks},
                        parts.room),
        D_(parts.facts->width),
        keys_(parts.facts->shared_heads * parts.facts->head_width()) {
    query_key_value_ = weights.Linear(parts.prefix + "query_key_value", D_, D_ + 2 * keys_);
    projection_ = weights.Linear(parts.prefix + "projection", D_, D_);
    const int64_t R = parts.room.rows;
    packed_ = plan_.Add(R * (D_ + 2 * keys_), 1, 2);
    heads_ = plan_.Add(R * D_, 2, 3);
    scores_ = plan_.Add(kQueryTile * cache_.slots(), 2, 2);
    PlaceTensors(parts, 1, 3, 3);
  }

  void Run(const LayerCall& call) const override {
    const int64_t width = query_key_value_.out;
    float* const packed = At(call, packed_);
    float* const heads = At(call, heads_);
    call.Map(query_key_value_, call.x, D_, packed);
    for (int64_t i = 0; i < call.run_count; ++i) {
      const TokenRun& run = call.runs[i];
      float* const first = packed + run.first_row * width;
      // Keys and values of all the chain's rows first: a row sees those up to its own.
      for (int64_t row = 0; row < run.rows; ++row) {
        const float* const key = first + row * width + D_;
        cache_.Append(run.context, run.seen + row, key, key + keys_);
      }
      cache_.Attend(*call.kernels, run.context, run.seen, run.rows, {first, width},
                    {heads + run.first_row * D_, D_}, At(call, scores_));
    }
    call.Map(projection_, heads, D_, call.y);
  }

 private:
  int64_t D_, keys_;  // keys_ = G K
  MapWeights query_key_value_, projection_;
  int packed_ = 0, heads_ = 0, scores_ = 0;
};

/// Taipan's: a gate chooses tokens, which alone attend: y = a (o - h) for a chosen h, else 0.
class ActingSelective : public ActingWithCache {
 public:
  ActingSelective(const MixerParts& parts, WeightLoader& weights)
      : ActingWithCache({.heads = parts.facts->heads,
                         .shared_heads = parts.facts->shared_heads,
                         .head_width = parts.facts->head_width(),
                         .span = parts.layer->span,
                         .hides = parts.facts->sees_selected},
                        parts.room),
        D_(parts.facts->width),
        keys_(parts.facts->shared_heads * parts.facts->head_width()),
        sees_selected_(parts.facts->sees_selected) {
    WeightLoader exact = weights.Exact();
    gate_ = exact.Linear(parts.prefix + "gate", D_, 2);  // it decides: not rounded
    query_ = weights.Linear(parts.prefix + "query", D_, D_);
    key_value_ = weights.Linear(parts.prefix + "key_value", D_, 2 * keys_);
    projection_ = weights.Linear(parts.prefix + "projection", D_, D_);
    const int64_t R = parts.room.rows;
    chances_ = plan_.Add(R * 2, 1, 3);
    packed_ = plan_.Add(R * 2 * keys_, 1, 2);
    query_row_ = plan_.Add(D_, 2, 2);
    head_row_ = plan_.Add(D_, 2, 3);
    scores_ = plan_.Add(cache_.slots(), 2, 2);
    PlaceTensors(parts, 3, 2, 3);
  }

  void Run(const LayerCall& call) const override {
    float* const chances = At(call, chances_);
    float* const packed = At(call, packed_);
    call.Map(gate_, call.x, D_, chances);
    call.Map(key_value_, call.x, D_, packed);
    std::memset(call.y, 0, static_cast<size_t>(call.rows * D_) * sizeof(float));
    for (int64_t i = 0; i < call.run_count; ++i) {
      const TokenRun& run = call.runs[i];
      for (int64_t k = 0; k < run.rows; ++k) {
        const int64_t row = run.first_row + k, position = run.seen + k;
        const float* const key = packed + row * 2 * keys_;
        const float* const chance = chances + row * 2;
        const bool chosen = chance[1] > chance[0];
        cache_.Append(run.context, position, key, key + keys_);
        if (sees_selected_) cache_.Hide(run.context, position, !chosen);
        if (chosen) AddSeen(call, run, row, position, chance);
      }
    }
  }

 private:
  void AddSeen(const LayerCall& call, const TokenRun& run, int64_t row, int64_t position,
               const float* chance) const {
    const Kernels& kernels = *call.kernels;
    float* const query = At(call, query_row_);
    float* const head = At(call, head_row_);
    float* const y = call.y + row * D_;
    kernels.map(query_, {call.x + row * D_, D_}, 1, {query, D_});
    cache_.Attend(kernels, run.context, position, 1, {query, D_}, {head, D_}, At(call, scores_));
    kernels.map(projection_, {head, D_}, 1, {y, D_});
    // softmax(chance)[1].
    float share = chance[1] - chance[0];
    kernels.sigmoid(&share, 1, &share);
    const float* const residual = call.residual + row * D_;
    for (int64_t d = 0; d < D_; ++d) y[d] = share * (y[d] - residual[d]);
  }

  int64_t D_, keys_;
  bool sees_selected_;
  MapWeights gate_, query_, key_value_, projection_;
  int chances_ = 0, packed_ = 0, query_row_ = 0, head_row_ = 0, scores_ = 0;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingAttention(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingAttention>(parts, weights);
}
std::unique_ptr<ActingMixer> MakeActingSelective(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingSelective>(parts, weights);
}

}  // namespace longplay::runtime
