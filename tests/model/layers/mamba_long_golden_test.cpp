// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "model/layers/layer_stack.h"
#include "tests/model/golden_file.h"

// A long context trained in chunks beside Hugging Face's full backward over the whole
// (fixtures/make_mamba_long.py pins the versions).

namespace longplay {
namespace {

constexpr int64_t kLayers = 4, kWidth = 128, kTokens = 16384, kKept = 64;

/// Numbers from -0.5 to 0.5 that follow from their index and a key, as in the script.
torch::Tensor Numbers(at::IntArrayRef sizes, int64_t key) {
  auto x = torch::arange(c10::multiply_integers(sizes), torch::kInt64) + key * 1000003;
  for (const auto& [factor, shift] :
       {std::pair(2654435761, 16), std::pair(2246822519, 13), std::pair(3266489917, 16)}) {
    x = x.mul(factor).bitwise_and(0xFFFFFFFF);
    x = x.bitwise_xor(x.bitwise_right_shift(shift));
  }
  return (x.bitwise_and(0xFFFFFF).to(torch::kFloat32) / 0x1000000 - 0.5).view(sizes);
}

torch::Tensor Sample(const torch::Tensor& x) {
  const int64_t count = std::min(kKept, x.numel());
  return x.flatten().index_select(
      0, (torch::arange(count, torch::kInt64) * x.numel()).floor_divide(count));
}

struct Rule {
  std::string name, theirs;
  double mean, spread;  // 0 = 2 / sqrt(columns)
};
const std::vector<Rule> kRules = {{"mixer_norm.weight", "norm.weight", 1, 0.4},
                                  {"mixer.in_proj.weight", "mixer.in_proj.weight", 0, 0},
                                  {"mixer.conv1d.weight", "mixer.conv1d.weight", 0, 1},
                                  {"mixer.conv1d.bias", "mixer.conv1d.bias", 0, 0.2},
                                  {"mixer.dt_bias", "mixer.dt_bias", -3.5, 3},
                                  {"mixer.A_log", "mixer.A_log", 1.4, 2.6},
                                  {"mixer.D", "mixer.D", 1, 0.4},
                                  {"mixer.norm.weight", "mixer.norm.weight", 1, 0.4},
                                  {"mixer.out_proj.weight", "mixer.out_proj.weight", 0, 0}};

LayerStack LongStack() {
  ModelOptions options{.observation_size = 1, .action_size = 1, .layers = kLayers};
  options.attention.width = kWidth;
  options.mixer = MixerKind::kMamba2;
  options.mamba2 = {.state = 64, .head_width = 64, .groups = 1};
  options.keep = Keep::kLayerInputs;
  options.tokens_at_once = 4096;
  LayerStack stack(options);
  const torch::NoGradGuard no_grad;
  auto parameters = stack->named_parameters();
  EXPECT_EQ(parameters.size(), kLayers * kRules.size());
  for (int64_t layer = 0; layer < kLayers; ++layer) {
    for (size_t i = 0; i < kRules.size(); ++i) {
      auto& parameter = parameters[std::to_string(layer) + "." + kRules[i].name];
      const double spread = kRules[i].spread > 0
                                ? kRules[i].spread
                                : 2 / std::sqrt(static_cast<double>(parameter.size(1)));
      parameter.copy_(kRules[i].mean + spread * Numbers(parameter.sizes(), 16 * layer + i));
    }
  }
  return stack;
}

/// Largest difference, in units of the largest wanted number.
double RelativeError(const torch::Tensor& got, const torch::Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max()).item<double>();
}

TEST(MambaLongGoldenTest, ChunksHaveTheGradientsOfHuggingFacesFullBackward) {
  constexpr double kTolerance = 1e-5;
  const auto golden = ReadGolden("mamba2_long.safetensors");
  LayerStack stack = LongStack();
  const auto x = (2 * Numbers({1, kTokens, kWidth}, 100)).requires_grad_();
  const auto y = stack->forward(x);
  EXPECT_LT(RelativeError(Sample(y), golden.at("y")), kTolerance);
  y.backward(2 * Numbers(y.sizes(), 101));
  EXPECT_LT(RelativeError(Sample(x.grad()), golden.at("grad.x")), kTolerance);
  auto parameters = stack->named_parameters();
  for (int64_t layer = 0; layer < kLayers; ++layer) {
    for (const Rule& rule : kRules) {
      const std::string place = std::to_string(layer) + ".";
      EXPECT_LT(RelativeError(Sample(parameters[place + rule.name].grad()),
                              golden.at("grad." + place + rule.theirs)),
                kTolerance)
          << place << rule.name;
    }
  }
}

}  // namespace
}  // namespace longplay
