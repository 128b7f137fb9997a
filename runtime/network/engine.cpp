// SPDX-License-Identifier: MIT
#include "runtime/network/engine.h"

#include <algorithm>
#include <cstring>

namespace longplay::runtime {

StepEngine::StepEngine(const PolicyFacts& facts, WeightLoader& weights, const ContextRoom& room,
                       int64_t chains)
    : D_(facts.width),
      P_(facts.outputs()),
      m_(facts.memory_tokens),
      segment_(facts.memory_segment),
      room_(room),
      layout_{facts.action_size, facts.observation_size},
      tokens_(facts, weights),
      layers_(facts, weights, room) {
  final_norm_ = TakeNorm(weights, facts, "final_norm", facts.layers.back().layer_norm);
  WeightLoader exact = weights.Exact();
  head_ = exact.Linear("head", D_, P_);
  Arena& arena = weights.arena();
  if (m_ > 0) {
    const bool layer_norm = facts.layers.front().layer_norm;
    memory_ = weights.Numbers("layers.memory.memory", {m_, D_});
    memory_norm_ = TakeNorm(weights, facts, "layers.memory.memory_norm", layer_norm);
    memory_rows_ = arena.Take<float>(m_ * D_);
  }
  x_ = arena.Take<float>(room.rows * D_);
  work_ = arena.Take<float>(room.rows * D_);
  outputs_ = arena.Take<float>(std::min(room.rows, chains) * P_);
  runs_ = arena.Take<TokenRun>(room.rows);
  last_rows_ = arena.Take<int64_t>(room.rows);
}

void StepEngine::TakeContext(Arena& arena, ActingChain& chain) const {
  chain.context = arena.Take<std::byte>(layers_.context_bytes());
  chain.memory = arena.Take<float>(m_ * D_);
}

void StepEngine::Forget(ActingChain& chain) const {
  layers_.Start(chain.context);
  if (m_ > 0) std::copy_n(memory_, m_ * D_, chain.memory);
  chain.seen = chain.in_segment = 0;
  chain.fresh = 1;
}

/// x [rows, D] in place, whatever the number of rows.
void StepEngine::RunRows(const Kernels& kernels, ActingChain& chain, float* x, int64_t rows) const {
  for (int64_t first = 0; first < rows; first += room_.cached) {
    const int64_t n = std::min(room_.cached, rows - first);
    const TokenRun run{chain.context, 0, n, chain.seen};
    layers_.Run(kernels, &run, 1, n, x + first * D_);
    chain.seen += n;
  }
}

/// The same with memory tokens around segments (model/layers/recurrent_memory.h):
/// [read m | tokens | write m], and the layers forget all behind each.
void StepEngine::RunSegments(const Kernels& kernels, ActingChain& chain, float* x,
                             int64_t rows) const {
  while (rows > 0) {
    if (chain.in_segment == segment_) {
      std::copy_n(chain.memory, m_ * D_, memory_rows_);
      RunRows(kernels, chain, memory_rows_, m_);
      memory_norm_.Run(kernels, memory_rows_, m_, D_, chain.memory);
      layers_.Start(chain.context);
      chain.seen = chain.in_segment = 0;
    }
    if (chain.in_segment == 0) {
      std::copy_n(chain.memory, m_ * D_, memory_rows_);
      RunRows(kernels, chain, memory_rows_, m_);
    }
    const int64_t n = std::min(rows, segment_ - chain.in_segment);
    RunRows(kernels, chain, x, n);
    chain.in_segment += n;
    x += n * D_;
    rows -= n;
  }
}

/// Final norm and head of the spans' last tokens, side by side.
void StepEngine::ReadHead(const Kernels& kernels, const StepSpan* spans, int64_t count) const {
  int64_t asked = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (spans[i].output == nullptr) continue;
    final_norm_.Run(kernels, x_ + last_rows_[i] * D_, 1, D_, work_ + asked++ * D_);
  }
  if (asked == 0) return;
  kernels.map(head_, {work_, D_}, asked, {outputs_, P_});
  const float *from = outputs_, *features = work_;
  for (int64_t i = 0; i < count; ++i) {
    if (spans[i].output == nullptr) continue;
    std::copy_n(from, P_, spans[i].output);
    if (spans[i].features != nullptr) std::copy_n(features, D_, spans[i].features);
    from += P_;
    features += D_;
  }
}

void StepEngine::Feed(const Kernels& kernels, const StepSpan* spans, int64_t count) const {
  const int64_t previous = tokens_.previous_tokens();
  int64_t rows = 0;
  for (int64_t i = 0; i < count; ++i) {
    const StepSpan& span = spans[i];
    float* const own = x_ + rows * D_;
    int64_t n = span.count * tokens_.tokens_per_step();
    tokens_.Make(kernels, span.steps, span.count, own, work_);
    if (previous > 0 && span.chain->fresh != 0) {
      // There are no tokens of a step before a chain's first.
      n -= previous;
      std::memmove(own, own + previous * D_, static_cast<size_t>(n * D_) * sizeof(float));
    }
    span.chain->fresh = 0;
    runs_[i] = {span.chain->context, rows, n, span.chain->seen};
    rows += n;
    last_rows_[i] = rows - 1;
  }
  if (m_ > 0) {
    for (int64_t i = 0; i < count; ++i) {
      RunSegments(kernels, *spans[i].chain, x_ + runs_[i].first_row * D_, runs_[i].rows);
    }
  } else {
    layers_.Run(kernels, runs_, count, rows, x_);
    for (int64_t i = 0; i < count; ++i) spans[i].chain->seen += runs_[i].rows;
  }
  ReadHead(kernels, spans, count);
}

void StepEngine::FeedAll(const Kernels& kernels, const StepSpan& all) const {
  for (int64_t first = 0; first < all.count; first += steps_at_once()) {
    const int64_t n = std::min(steps_at_once(), all.count - first);
    StepSpan span{all.chain, all.steps.From(layout_, first), n, nullptr};
    if (first + n == all.count) {
      span.output = all.output;
      span.features = all.features;
    }
    Feed(kernels, &span, 1);
  }
}

}  // namespace longplay::runtime
