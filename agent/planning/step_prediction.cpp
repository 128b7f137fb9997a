// SPDX-License-Identifier: MIT
#include "agent/planning/step_prediction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "agent/batches/training_tokens.h"
#include "model/layers/stack_plan.h"

namespace longplay {
namespace {

/// Lengths cover at least so many blocks or chunks: memory is affine from there on.
constexpr int64_t kBlocksCovered = 4;

constexpr int64_t kChunkOfMixers = 1024;  // [tokens] of mixers that run in chunks, unless told
constexpr int64_t kLongest = 65536;       // [tokens] that are timed, however fast
constexpr int64_t kShortest = 256;        // [tokens]

using Weights = std::array<double, 3>;

/// Least squares of relative errors over the terms in `used`, by Gaussian elimination of the normal
/// equations (three at most). False where the terms cannot be told apart.
bool Fit(const std::vector<Weights>& terms, const std::vector<double>& values, unsigned used,
         Weights& weights) {
  double a[3][4] = {};
  for (size_t k = 0; k < terms.size(); ++k) {
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) a[i][j] += terms[k][i] * terms[k][j] / (values[k] * values[k]);
      a[i][3] += terms[k][i] / values[k];
    }
  }
  // A term that is not used has weight 0: its row and column say so.
  for (int i = 0; i < 3; ++i) {
    if ((used >> i) & 1U) continue;
    for (int j = 0; j < 4; ++j) a[i][j] = a[j % 3][i] = 0;
    a[i][i] = 1;
  }
  for (int i = 0; i < 3; ++i) {
    const double whole = a[i][i];
    for (int k = 0; k < i; ++k) {
      const double factor = a[i][k];
      for (int j = k; j < 4; ++j) a[i][j] -= factor * a[k][j];
    }
    if (!(a[i][i] > 1e-9 * whole)) return false;
    for (int j = 3; j >= i; --j) a[i][j] /= a[i][i];
  }
  for (int i = 2; i >= 0; --i) {
    weights[i] = a[i][3];
    for (int j = i + 1; j < 3; ++j) weights[i] -= a[i][j] * weights[j];
  }
  return true;
}

/// Sum of squared relative errors.
double ErrorOf(const std::vector<Weights>& terms, const std::vector<double>& values,
               const Weights& weights) {
  double error = 0;
  for (size_t k = 0; k < terms.size(); ++k) {
    double value = 0;
    for (int i = 0; i < 3; ++i) value += weights[i] * terms[k][i];
    error += std::pow(value / values[k] - 1, 2);
  }
  return error;
}

/// The best weights of which none is negative: of every choice of terms.
Weights FitNonNegative(const std::vector<Weights>& terms, const std::vector<double>& values) {
  Weights best = {};
  double least = ErrorOf(terms, values, best);
  for (unsigned used = 1; used < 8; ++used) {
    Weights weights = {};
    if (!Fit(terms, values, used, weights)) continue;
    if (*std::ranges::min_element(weights) < 0) continue;
    const double error = ErrorOf(terms, values, weights);
    if (error < least) {
      least = error;
      best = weights;
    }
  }
  return best;
}

double BytesAt(const StepCost& cost) {
  return static_cast<double>(cost.tensor_bytes + cost.batch_bytes);
}

/// Attention that sees little: memory grows with the length as with all of it, and long chains are
/// done in short time. Other layers take time in proportion as they are.
RunOptions WithShortSpan(const RunOptions& fitted) {
  RunOptions options = fitted;
  ModelOptions& model = options.model;
  const StackPlan plan = PlanStack(model);
  if (plan.has_memory) return options;
  if (model.mixer == MixerKind::kMasFormer) {
    model.masformer.span = model.attention.key_block;
    model.masformer.full_layers = 0;
  }
  const bool whole = model.attention.span == 0;
  if (plan.attends_blockwise && whole) model.attention.span = model.attention.key_block;
  model.layer_spans.clear();
  return options;
}

}  // namespace

double StepPrediction::Bytes(int64_t steps) const {
  return bytes_fixed + bytes_per_step * static_cast<double>(steps);
}

double StepPrediction::SecondsOfShare(int64_t steps, int64_t ranks) const {
  return seconds_fixed +
         (seconds_per_step * static_cast<double>(steps) + seconds_per_pair * pairs(steps)) /
             static_cast<double>(ranks);
}

int64_t StepPrediction::Longest(double bytes) const {
  return std::max<int64_t>(0, static_cast<int64_t>((bytes - bytes_fixed) / bytes_per_step));
}

double VisiblePairs(const RunOptions& fitted, int64_t steps) {
  const ModelOptions& model = fitted.model;
  const StackPlan plan = PlanStack(model);
  const auto T = static_cast<double>(steps * TokensPerTimeStep(fitted));
  double pairs = 0;
  for (const LayerPlan& layer : plan.layers) {
    const bool attends = layer.mixer == MixerKind::kAttention || layer.mixer == MixerKind::kTaipan;
    // Memory tokens see their own segment alone: work in proportion to the length.
    if (!attends || plan.has_memory) continue;
    const int64_t span = layer.mixer == MixerKind::kTaipan ? model.taipan.span : layer.span;
    const double W = span > 0 ? std::min(static_cast<double>(span), T) : T;
    pairs += T * W - W * W / 2;
  }
  return pairs;
}

StepPrediction PredictStep(const StepCosts& costs, std::function<double(int64_t)> pairs) {
  const auto& [shorter, longer] = costs.memory;
  const StepCost& anchor = costs.timed.back();
  StepPrediction prediction{.pairs = std::move(pairs)};
  prediction.bytes_per_step = (BytesAt(longer) - BytesAt(shorter)) /
                              static_cast<double>(longer.shape.steps - shorter.shape.steps);
  prediction.bytes_fixed =
      BytesAt(anchor) - prediction.bytes_per_step * static_cast<double>(anchor.shape.steps);
  std::vector<Weights> terms;
  std::vector<double> values;
  for (const StepCost& cost : costs.timed) {
    terms.push_back({1, static_cast<double>(cost.shape.steps), prediction.pairs(cost.shape.steps)});
    values.push_back(cost.seconds);
  }
  const Weights weights = FitNonNegative(terms, values);
  prediction.seconds_fixed = weights[0];
  prediction.seconds_per_step = weights[1];
  prediction.seconds_per_pair = weights[2];
  return prediction;
}

StepCosts MeasureSteps(const RunOptions& fitted, const MeasureOptions& options) {
  const ModelOptions& model = fitted.model;
  if (!PlanStack(model).recomputes) {
    throw std::invalid_argument(
        "planning: model.mixer: expected one whose memory grows in proportion to the context, got "
        "reference_attention");
  }
  const int64_t k = TokensPerTimeStep(fitted);
  const bool blockwise = PlanStack(model).attends_blockwise;
  const int64_t unit = std::max({model.tokens_at_once, model.attention.query_block,
                                 model.memory.segment, blockwise ? 1 : kChunkOfMixers});
  // A power of two times the unit, so that blocks are full.
  int64_t shortest = unit;
  while (shortest / 2 >= kShortest) shortest /= 2;
  StepCosts costs;
  StepMeter meter(fitted);
  for (int64_t tokens = shortest;; tokens *= 2) {
    costs.timed.push_back(
        meter.Measure({.steps = std::max<int64_t>(1, tokens / k)}, options.repeats));
    if (tokens < kBlocksCovered * unit) continue;
    if (costs.timed.back().seconds >= options.seconds || tokens >= kLongest) break;
  }
  StepMeter spans(WithShortSpan(fitted));
  const int64_t covered = std::max<int64_t>(1, kBlocksCovered * unit / k);
  costs.memory = {spans.Measure({.steps = covered}, 0), spans.Measure({.steps = 2 * covered}, 0)};
  return costs;
}

}  // namespace longplay
