// SPDX-License-Identifier: MIT
#include "runtime/acting/batch_costs.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <vector>

namespace longplay::runtime {
namespace {

constexpr int kRepeats = 3;  // the fastest counts: others were disturbed

/// Where `value` lies between powers of two.
struct Between {
  int low;
  double above;  // share of the way to the next one
};
Between Place(int64_t value, int sizes) {
  const int low = std::min<int>(std::bit_width(static_cast<uint64_t>(value)) - 1, sizes - 1);
  const double above = static_cast<double>(value) / static_cast<double>(int64_t{1} << low) - 1;
  return {low, low + 1 < sizes ? above : 0};
}

}  // namespace

void BatchCosts::MeasureTable(ActingPolicy& policy, int64_t tokens, Table& table) const {
  const StepEngine& engine = *policy.engine();
  const Kernels& kernels = *policy.settings().kernels;
  const StepLayout& layout = policy.writer().layout();
  const int64_t B = policy.settings().chains, rows = engine.steps_at_once();
  const int64_t k = policy.facts().tokens_per_step();
  // A context that grows holds so many tokens and not one more.
  const int64_t most = engine.layers().grows() ? policy.settings().room.tokens : INT64_MAX;
  std::vector<float> numbers(static_cast<size_t>(layout.stride() * rows));
  std::vector<int64_t> places(static_cast<size_t>(2 * rows));
  const StepStore steps{numbers.data(), places.data()};
  std::vector<StepEngine::StepSpan> spans;
  for (int c = 0; c < kSizes; ++c) {
    for (int s = 0; s < kSizes; ++s) {
      const int64_t chains = int64_t{1} << c, count = int64_t{1} << s;
      double& best = table[static_cast<size_t>(c)][static_cast<size_t>(s)];
      best = -1;
      if (chains > B || chains * count > rows || tokens + count * k > most) continue;
      for (int repeat = 0; repeat < kRepeats; ++repeat) {
        spans.clear();
        for (int64_t i = 0; i < chains; ++i) {
          engine.Forget(policy.chain(i));
          policy.chain(i).seen = tokens;
          spans.push_back({&policy.chain(i), steps.From(layout, i * count), count, nullptr});
        }
        const auto start = std::chrono::steady_clock::now();
        engine.Feed(kernels, spans.data(), chains);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (best < 0 || seconds < best) best = seconds;
      }
    }
  }
}

void BatchCosts::Measure(ActingPolicy& policy) {
  const ActingSettings& settings = policy.settings();
  if (settings.recomputes) return;  // steps are kept, and nothing is computed
  MeasureTable(policy, 0, empty_);
  // A memory's layers see one segment, a state all at once: the context's length costs nothing.
  filled_ = empty_;
  filled_tokens_ = settings.room.tokens / 2;
  const bool lengthens = policy.facts().memory_tokens == 0 &&
                         filled_tokens_ + settings.room.rows <= settings.room.tokens;
  if (lengthens) MeasureTable(policy, filled_tokens_, filled_);
  for (int64_t i = 0; i < settings.chains; ++i) policy.StartChain(i, settings.target);
}

/// Bilinear between powers of two; where a corner was too large to measure, in proportion to the
/// largest that was.
double BatchCosts::Look(const Table& table, int64_t chains, int64_t steps) {
  const Between c = Place(std::max<int64_t>(chains, 1), kSizes),
                s = Place(std::max<int64_t>(steps, 1), kSizes);
  const auto at = [&](int own_c, int own_s) {
    int down_c = std::min(own_c, kSizes - 1), down_s = std::min(own_s, kSizes - 1);
    double factor = 1;
    while (table[static_cast<size_t>(down_c)][static_cast<size_t>(down_s)] < 0 && down_s > 0) {
      --down_s;
      factor *= 2;
    }
    while (table[static_cast<size_t>(down_c)][static_cast<size_t>(down_s)] < 0 && down_c > 0) {
      --down_c;
      factor *= 2;
    }
    return factor * table[static_cast<size_t>(down_c)][static_cast<size_t>(down_s)];
  };
  const double low = at(c.low, s.low) * (1 - s.above) + at(c.low, s.low + 1) * s.above;
  const double high = at(c.low + 1, s.low) * (1 - s.above) + at(c.low + 1, s.low + 1) * s.above;
  return low * (1 - c.above) + high * c.above;
}

double BatchCosts::Of(int64_t chains, int64_t steps, int64_t tokens) const {
  const double empty = Look(empty_, chains, steps);
  if (filled_tokens_ <= 0) return empty;
  const double share = static_cast<double>(tokens) / static_cast<double>(filled_tokens_);
  return empty + (Look(filled_, chains, steps) - empty) * share;
}

}  // namespace longplay::runtime
