// SPDX-License-Identifier: MIT
// One line of JSON for one configuration of the layers; needs LibTorch alone.
// With gradient_error=1: the relative error of its gradients instead.
//   bench_model context=16384 layers=4 width=256 heads=4 keep=layer_inputs threads=2
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "model/memory/large_blocks.h"
#include "model/policy/training_benchmark.h"

namespace longplay {
namespace {

const std::map<std::string, Keep> kKeeps = {
    {"everything", Keep::kEverything},
    {"layer_inputs", Keep::kLayerInputs},
    {"layer_inputs_and_attention", Keep::kLayerInputsAndAttention}};
const std::map<std::string, KeptType> kKeptTypes = {{"as_computed", KeptType::kAsComputed},
                                                    {"bfloat16", KeptType::kBFloat16},
                                                    {"int8", KeptType::kInt8}};
const std::map<std::string, KeptPlace> kKeptPlaces = {
    {"device", KeptPlace::kDevice}, {"host", KeptPlace::kHost}, {"file", KeptPlace::kFile}};
const std::map<std::string, torch::ScalarType> kTypes = {
    {"float32", torch::kFloat32}, {"float64", torch::kFloat64}, {"bfloat16", torch::kBFloat16}};

template <typename Value>
Value Choose(const std::map<std::string, Value>& choices, const std::string& name) {
  const auto choice = choices.find(name);
  if (choice != choices.end()) return choice->second;
  std::string names;
  for (const auto& [known, value] : choices) names += (names.empty() ? "" : ", ") + known;
  throw std::invalid_argument("reading the arguments: expected one of " + names + ", got " + name);
}

/// `error_alone` becomes 1 when gradient_error=1 asks for that figure and no other.
TrainingBenchmarkOptions ReadArguments(int count, char** arguments, int64_t& error_alone) {
  TrainingBenchmarkOptions options;
  options.model = {.layers = 4, .feed_forward_width = 0};
  options.model.attention = {.width = 256, .heads = 4};
  const auto integer = [](int64_t& field) {
    return [&field](const std::string& text) { field = std::stoll(text); };
  };
  AttentionOptions& attention = options.model.attention;
  int64_t threads = 2;
  const std::map<std::string, std::function<void(const std::string&)>> keys = {
      {"batch", integer(options.batch)},
      {"context", integer(options.context)},
      {"layers", integer(options.model.layers)},
      {"width", integer(attention.width)},
      {"heads", integer(attention.heads)},
      {"key_value_heads", integer(attention.key_value_heads)},
      {"span", integer(attention.span)},
      {"feed_forward_width", integer(options.model.feed_forward_width)},
      {"query_block", integer(attention.query_block)},
      {"key_block", integer(attention.key_block)},
      {"tokens_at_once", integer(options.model.tokens_at_once)},
      {"repeats", integer(options.repeats)},
      {"threads", integer(threads)},
      {"gradient_error", integer(error_alone)},
      {"device", [&](const std::string& text) { options.device = text; }},
      {"dtype", [&](const std::string& text) { options.dtype = Choose(kTypes, text); }},
      {"keep", [&](const std::string& text) { options.model.keep = Choose(kKeeps, text); }},
      {"kept_type",
       [&](const std::string& text) { options.model.kept.type = Choose(kKeptTypes, text); }},
      {"kept_place",
       [&](const std::string& text) { options.model.kept.place = Choose(kKeptPlaces, text); }}};
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const size_t equals = std::min(argument.find('='), argument.size());
    const std::string value = equals < argument.size() ? argument.substr(equals + 1) : "";
    Choose(keys, argument.substr(0, equals))(value);
  }
  if (options.model.feed_forward_width == 0) options.model.feed_forward_width = 4 * attention.width;
  torch::set_num_threads(static_cast<int>(threads));
  return options;
}

void Print(const TrainingBenchmark& result) {
  std::printf(
      "{\"tokens_per_second\": %.1f, \"seconds_per_step\": %.4f, \"peak_bytes\": %lld, "
      "\"mapped_bytes\": %lld, \"process_bytes\": %lld, \"bytes_per_token_kept\": %.1f, "
      "\"share_of_peak\": %.3f}\n",
      result.tokens_per_second, result.seconds_per_step, static_cast<long long>(result.peak_bytes),
      static_cast<long long>(result.mapped_bytes), static_cast<long long>(result.process_bytes),
      result.bytes_per_token_kept, result.share_of_peak);
}

}  // namespace
}  // namespace longplay

int main(int count, char** arguments) try {
  longplay::ReuseLargeBlocks();
  int64_t error_alone = 0;
  const auto options = longplay::ReadArguments(count, arguments, error_alone);
  if (error_alone != 0) {
    std::printf("{\"gradient_error\": %.3g}\n", longplay::GradientError(options));
  } else {
    longplay::Print(longplay::BenchmarkTraining(options));
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 1;
}
