// SPDX-License-Identifier: MIT
#include "model/policy/training_benchmark.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "model/layers/layer_stack.h"
#include "model/layers/stack_plan.h"
#include "model/memory/memory_meter.h"

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
  int64_t kept = 0, peak = 0, mapped = 0;  // [bytes] above the parameters
};

PassMemory RunPass(LayerStack& layers, const TrainingBenchmarkOptions& options,
                   const torch::TensorOptions& like) {
  layers->zero_grad(/*set_to_none=*/true);
  // From here: no gradients from an earlier pass, only the parameters.
  const int64_t before = CurrentTensorBytes();
  ResetPeakTensorBytes();
  PassMemory memory;
  const auto x = torch::randn({options.batch, options.context, options.model.attention.width}, like)
                     .requires_grad_();
  torch::Tensor loss;
  {
    const auto y = layers->forward(x);
    memory.kept = CurrentTensorBytes() - before;
    loss = y.mean();
  }  // as in training, the output is gone when backward begins
  loss.backward();
  x.grad().flatten()[0].item<float>();  // waits for the device
  memory.peak = PeakTensorBytes() - before;
  memory.mapped = PeakMappedBytes();
  return memory;
}

/// Gradients of the input and of every parameter in float32, one after the other.
torch::Tensor AllGradients(const TrainingBenchmarkOptions& options) {
  torch::manual_seed(1);
  LayerStack layers(options.model);
  layers->to(torch::Device(options.device));
  // Drawn on the CPU from the same seed, so that both passes get the same numbers.
  const std::vector<int64_t> shape = {options.batch, options.context,
                                      options.model.attention.width};
  const auto x = torch::randn(shape).to(options.device).requires_grad_();
  const auto grad = torch::randn(shape).to(options.device);
  layers->forward(x.to(options.dtype)).to(torch::kFloat32).backward(grad);
  std::vector<torch::Tensor> all = {x.grad().flatten()};
  for (const auto& parameter : layers->parameters()) all.push_back(parameter.grad().flatten());
  return torch::cat(all).cpu();
}

}  // namespace

double GradientError(const TrainingBenchmarkOptions& options) {
  TrainingBenchmarkOptions exact = options;
  exact.device = "cpu";
  exact.dtype = torch::kFloat32;
  exact.model.keep = Keep::kEverything;
  exact.model.kept = {};
  exact.model.tokens_at_once = options.context;  // one whole, also where layers run in chunks
  const torch::Tensor wanted = AllGradients(exact), got = AllGradients(options);
  return ((got - wanted).norm() / wanted.norm()).item<double>();
}

double TrainingOperations(const TrainingBenchmarkOptions& options) {
  const ModelOptions& model = options.model;
  const AttentionOptions& attention = model.attention;
  const double D = static_cast<double>(attention.width), T = options.context;
  const double shared = attention.key_value_heads > 0 ? attention.key_value_heads : attention.heads;
  // Per token and layer: the maps, then scores and values (4 D for each visible pair).
  const double maps =
      2 * D * (2 * D + 2 * D * shared / attention.heads + 2.0 * model.feed_forward_width);
  double operations = 0;
  for (int64_t layer = 0; layer < model.layers; ++layer) {
    const int64_t span = model.layer_spans.empty() ? attention.span : model.layer_spans[layer];
    const double W = span > 0 ? std::min<double>(span, T) : T;
    operations += maps + 4 * D * (W - W * W / (2 * T));  // mean number of visible keys
  }
  return 3 * operations * T * options.batch;
}

TrainingBenchmark BenchmarkTraining(const TrainingBenchmarkOptions& options) {
  InstallMemoryMeter();
  const auto like = torch::TensorOptions().dtype(options.dtype).device(options.device);
  LayerStack layers(options.model);
  // As in training: masters in float32, the pass in the narrow type.
  const bool narrow = options.dtype == torch::kBFloat16 || options.dtype == torch::kFloat16;
  layers->to(torch::Device(options.device), narrow ? torch::kFloat32 : options.dtype);
  TrainingBenchmark result;
  result.seconds_per_step = std::numeric_limits<double>::infinity();
  const int64_t process_before = ProcessBytes();
  for (int64_t i = 0; i <= options.repeats; ++i) {
    PassMemory memory;
    const double seconds = SecondsOf([&] { memory = RunPass(layers, options, like); });
    // The first pass warms caches and allocators up; its time does not count.
    if (i > 0 || options.repeats == 0) {
      result.seconds_per_step = std::min(result.seconds_per_step, seconds);
    }
    result.peak_bytes = memory.peak;
    result.mapped_bytes = memory.mapped;
    result.bytes_per_token_kept =
        static_cast<double>(memory.kept) / (options.batch * options.context);
  }
  result.process_bytes = std::max<int64_t>(0, PeakProcessBytes() - process_before);
  result.tokens_per_second = options.batch * options.context / result.seconds_per_step;
  result.share_of_peak =
      PlanStack(options.model).attends_blockwise
          ? TrainingOperations(options) / result.seconds_per_step / MatrixSpeed(like)
          : std::numeric_limits<double>::quiet_NaN();
  return result;
}

}  // namespace longplay
