// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/acting/make_environment.h"
#include "agent/benchmarks/stepping_benchmark.h"
#include "agent/config/config.h"
#include "agent/learners/choose_device.h"
#include "apps/commands.h"
#include "apps/number_checks.h"
#include "datasets/chains/loading_benchmark.h"
#include "model/policy/training_benchmark.h"

namespace longplay {
namespace {

struct BenchArguments {
  // Option → key of the configuration that it sets, and the value given.
  std::map<std::string, std::pair<std::string, std::string>> keys = {
      {"--layers", {"model.layers", "4"}},
      {"--width", {"model.width", "256"}},
      {"--heads", {"model.heads", "4"}},
      {"--key-value-heads", {"model.key_value_heads", "0"}},
      {"--feed-forward-width", {"model.feed_forward_width", "0"}},
      {"--span", {"model.span", "0"}},
      {"--mixer", {"model.mixer", "attention"}},
      {"--keep", {"model.keep", "layer_inputs_and_attention"}},
      {"--kept-type", {"model.kept_type", "as_computed"}},
      {"--kept-place", {"model.kept_place", "device"}},
      {"--query-block", {"model.query_block", "512"}},
      {"--key-block", {"model.key_block", "512"}},
      {"--tokens-at-once", {"model.tokens_at_once", "0"}},
      {"--dtype", {"train.dtype", "float32"}},
      {"--device", {"train.device", "cpu"}}};
  std::vector<std::string> settings;  // further key=value pairs
  int64_t batch = 1, context = 4096, repeats = 3;
  int threads = 0;  // 0 = as torch would
  bool gradient_error = false, json = false;
};

TrainingBenchmarkOptions BenchmarkOptions(const BenchArguments& arguments) {
  // Through the configuration, for its checks and messages.
  std::vector<std::string> overrides;
  for (const auto& [option, key] : arguments.keys) {
    overrides.push_back(key.first + "=" + key.second);
  }
  overrides.insert(overrides.end(), arguments.settings.begin(), arguments.settings.end());
  const RunOptions run = DefaultsWith(overrides);
  TrainingBenchmarkOptions options{.batch = arguments.batch, .context = arguments.context};
  options.model = run.model;
  // As FitToData does, which needs a data set.
  if (options.model.feed_forward_width == 0) {
    options.model.feed_forward_width = 4 * options.model.attention.width;
  }
  options.dtype = run.train.dtype == "bfloat16"  ? torch::kBFloat16
                  : run.train.dtype == "float64" ? torch::kFloat64
                                                 : torch::kFloat32;
  options.device = ChooseDevice(run.train.device).str();
  options.repeats = arguments.repeats;
  return options;
}

void Bench(const BenchArguments& arguments) {
  if (arguments.threads > 0) torch::set_num_threads(arguments.threads);
  if (arguments.gradient_error) {
    const nlohmann::json json = {{"gradient_error", GradientError(BenchmarkOptions(arguments))}};
    std::puts(json.dump().c_str());
    return;
  }
  const TrainingBenchmark result = BenchmarkTraining(BenchmarkOptions(arguments));
  if (arguments.json) {
    const nlohmann::json json = {{"tokens_per_second", result.tokens_per_second},
                                 {"seconds_per_step", result.seconds_per_step},
                                 {"peak_bytes", result.peak_bytes},
                                 {"mapped_bytes", result.mapped_bytes},
                                 {"process_bytes", result.process_bytes},
                                 {"bytes_per_token_kept", result.bytes_per_token_kept},
                                 {"share_of_peak", result.share_of_peak}};
    std::puts(json.dump().c_str());
    return;
  }
  // For people in MiB; JSON has bytes.
  constexpr double kMiB = 1 << 20;
  std::printf("%.0f tokens/s, %.3f s a step (forward and backward of the layers)",
              result.tokens_per_second, result.seconds_per_step);
  if (!std::isnan(result.share_of_peak)) {
    std::printf(", %.0f %% of the measured matrix speed", 100 * result.share_of_peak);
  }
  std::puts("");
  std::printf(
      "tensors at the peak %.1f MiB above the parameters (in mapped files %.1f MiB), "
      "process %.1f MiB; kept for backward %.0f bytes a token\n",
      result.peak_bytes / kMiB, result.mapped_bytes / kMiB, result.process_bytes / kMiB,
      result.bytes_per_token_kept);
}

void AddOptions(CLI::App& command, const std::shared_ptr<BenchArguments>& arguments) {
  command.add_option("--context", arguments->context, "[tokens] length T of the sequence")
      ->check(Positive())
      ->capture_default_str();
  command.add_option("--batch", arguments->batch, "Sequences B in a batch")
      ->check(Positive())
      ->capture_default_str();
  // --help shows the defaults: a figure means nothing without them.
  for (auto& [option, key] : arguments->keys) {
    command.add_option(option, key.second, "as " + key.first)->capture_default_str();
  }
  command.add_option("settings", arguments->settings, "More key=value pairs of the configuration");
  command.add_flag("--gradient-error", arguments->gradient_error,
                   "Measure instead how far the gradients are from those of a float32 pass that "
                   "keeps everything, relative to their norm");
  command.add_option("--threads", arguments->threads, "Threads; 0 = one per core")
      ->capture_default_str();
  command.add_flag("--json", arguments->json, "Print one JSON object");
  command.callback([arguments] { Bench(*arguments); });
}

struct SteppingArguments {
  std::string environment = "HalfCheetah-v5";
  int64_t batch = 64;
  int threads = 0;
  double seconds = 4;
  bool json = false;
};

void BenchEnvironment(const SteppingArguments& arguments) {
  const std::unique_ptr<Environment> environment = MakeEnvironment(
      arguments.environment, {.batch = arguments.batch, .threads = arguments.threads});
  const SteppingBenchmark result = BenchmarkStepping(*environment, arguments.seconds);
  const std::optional<double> bare = result.bare_steps_per_second;
  if (arguments.json) {
    nlohmann::json json = {{"env", arguments.environment},
                           {"steps_per_second", result.steps_per_second},
                           {"bare_steps_per_second", nullptr}};
    if (bare) json["bare_steps_per_second"] = *bare;
    std::puts(json.dump().c_str());
    return;
  }
  std::printf("%s: %.0f steps/s with observations and rewards", arguments.environment.c_str(),
              result.steps_per_second);
  if (bare) {
    std::printf("; mjb_step alone %.0f (%.2f)", *bare, result.steps_per_second / *bare);
  }
  std::puts(bare ? "; both with resets" : ", resets included");
}

void AddEnvironmentBench(CLI::App& bench) {
  auto arguments = std::make_shared<SteppingArguments>();
  CLI::App* command = bench.add_subcommand("env", "Speed of stepping simulations");
  command->add_option("--env", arguments->environment, "Environment id or task file")
      ->capture_default_str();
  command->add_option("--batch", arguments->batch, "Simulations side by side")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--seconds", arguments->seconds, "Seconds to measure")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads; 0 = one per core")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { BenchEnvironment(*arguments); });
}

struct LoadingArguments {
  std::string path;
  LoadingBenchmarkOptions options;
  bool json = false;
};

void BenchLoading(const LoadingArguments& arguments) {
  const LoadingBenchmark result = BenchmarkLoading(arguments.path, arguments.options);
  const nlohmann::json json = {{"episodes", result.episodes},
                               {"steps", result.steps},
                               {"open_seconds", result.open_seconds},
                               {"read_steps_per_second", result.read_steps_per_second},
                               {"mapped_steps_per_second", result.mapped_steps_per_second},
                               {"chain_milliseconds", result.chain_milliseconds},
                               {"anonymous_bytes", result.anonymous_bytes}};
  std::puts(json.dump(arguments.json ? -1 : 2).c_str());
}

void AddDataBench(CLI::App& bench) {
  auto arguments = std::make_shared<LoadingArguments>();
  CLI::App* command =
      bench.add_subcommand("data", "Speed of reading a data set; makes its packed copy");
  command->add_option("file", arguments->path, "Data file or folder")->required();
  command->add_option("--episodes", arguments->options.episodes, "Episodes E in a random chain")
      ->check(Positive())
      ->capture_default_str();
  command->add_option("--seconds", arguments->options.seconds, "Seconds of each measurement")
      ->check(NotNegative())
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { BenchLoading(*arguments); });
}

}  // namespace

void AddBenchCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "Measure speed and memory on this machine");
  command->require_subcommand(1);
  auto train = std::make_shared<BenchArguments>();
  CLI::App* speed =
      command->add_subcommand("train", "Speed of forward and backward passes of the layers");
  speed
      ->add_option("--repeats", train->repeats,
                   "Timed passes after one warm-up pass; 0 = time a single pass")
      ->check(NotNegative())
      ->capture_default_str();
  AddOptions(*speed, train);
  // Memory needs no pass that is timed.
  auto memory = std::make_shared<BenchArguments>();
  memory->repeats = 0;
  AddOptions(
      *command->add_subcommand("memory", "Memory of one forward and backward pass of the layers"),
      memory);
  AddEnvironmentBench(*command);
  AddDataBench(*command);
  AddRolloutBench(*command);
}

}  // namespace longplay
