// SPDX-License-Identifier: MIT
#include "model/training_benchmark.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "model/layer_stack.h"
#include "model/memory_meter.h"

namespace longplay {
namespace {

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Operations per second of a matrix product large enough to be limited by arithmetic alone.
double MatrixSpeed(const torch::TensorOptions& like) {
  constexpr int64_t kSize = 1024;
  const auto a = torch::randn({kSize, kSize}, like), b = torch::randn({kSize, kSize}, like);
  double fastest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 5; ++i) {
    fastest = std::min(fastest, SecondsOf([&] { torch::mm(a, b).sum().item<float>(); }));
  }
  return 2.0 * kSize * kSize * kSize / fastest;
}

struct PassMemory {
  int64_t kept = 0, peak = 0;  // [bytes] above the parameters
};

PassMemory RunPass(LayerStack& layers, const TrainingBenchmarkOptions& options,
                   const torch::TensorOptions& like) {
  layers->zero_grad(/*set_to_none=*/true);
  const int64_t before = CurrentTensorBytes();
  ResetPeakTensorBytes();
  PassMemory memory;
  const auto x = torch::randn({options.batch, options.context, options.model.attention.width}, like)
                     .requires_grad_();
  const auto y = layers->forward(x);
  memory.kept = CurrentTensorBytes() - before;
  y.mean().backward();
  x.grad().flatten()[0].item<float>();  // waits for the device
  memory.peak = PeakTensorBytes() - before;
  return memory;
}

}  // namespace

double TrainingOperations(const TrainingBenchmarkOptions& options) {
  const ModelOptions& model = options.model;
  const double D = static_cast<double>(model.attention.width), T = options.context;
  const double maps = 2 * D * (4 * D + 2.0 * model.feed_forward_width);  // per token and layer
  const double attention = 2 * D * T;  // scores and values: 4 D per visible pair, T / 2 pairs
  return 3 * (maps + attention) * T * options.batch * model.layers;
}

TrainingBenchmark BenchmarkTraining(const TrainingBenchmarkOptions& options) {
  InstallMemoryMeter();
  const auto like = torch::TensorOptions().dtype(options.dtype).device(options.device);
  LayerStack layers(options.model);
  layers->to(torch::Device(options.device), options.dtype);
  TrainingBenchmark result;
  result.seconds_per_step = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i <= options.repeats; ++i) {
    PassMemory memory;
    const double seconds = SecondsOf([&] { memory = RunPass(layers, options, like); });
    if (i > 0 || options.repeats == 0) {
      result.seconds_per_step = std::min(result.seconds_per_step, seconds);
    }
    result.peak_bytes = memory.peak;
    result.bytes_per_token_kept =
        static_cast<double>(memory.kept) / (options.batch * options.context);
  }
  result.tokens_per_second = options.batch * options.context / result.seconds_per_step;
  result.share_of_peak = TrainingOperations(options) / result.seconds_per_step / MatrixSpeed(like);
  return result;
}

}  // namespace longplay
