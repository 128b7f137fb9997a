// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <memory>
#include <string>

#include "model/mixers/mamba2_mixer.h"
#include "model/mixers/mamba_mixer.h"
#include "tests/model/golden_file.h"

// Mamba and Mamba-2 beside Hugging Face's (fixtures/make_mamba.py pins the versions).

namespace longplay {
namespace {

ModelOptions GoldenOptions() {
  ModelOptions options{.observation_size = 1, .action_size = 1};
  options.attention.width = 16;
  options.mamba = {.state = 4, .step_rank = 2};
  options.mamba2 = {.state = 8, .head_width = 8, .groups = 2, .chunk = 8};
  return options;
}

/// Largest difference, in units of the largest wanted number.
double RelativeError(const torch::Tensor& got, const torch::Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max()).item<double>();
}

void ExpectGolden(SequenceMixer& mixer, const std::string& file) {
  constexpr double kTolerance = 1e-5;  // 9e-7 measured
  auto golden = ReadGolden(file);
  auto parameters = mixer.named_parameters();
  ASSERT_EQ(golden.size(), 4 + 2 * parameters.size());
  for (auto& [name, parameter] : parameters.pairs()) {
    const torch::NoGradGuard no_grad;
    ASSERT_EQ(parameter.sizes(), golden.at(name).sizes()) << name;
    parameter.copy_(golden.at(name));
  }
  const auto x = golden.at("x").requires_grad_();
  StateTensors state = mixer.StartState(x.size(0), torch::kFloat32);
  HandedOn handed;
  const auto y = mixer.Forward(x, state, {}, handed);
  EXPECT_LT(RelativeError(y, golden.at("y")), kTolerance);
  y.backward(golden.at("grad_y"));
  EXPECT_LT(RelativeError(x.grad(), golden.at("grad.x")), kTolerance);
  for (const auto& [name, parameter] : parameters.pairs()) {
    EXPECT_LT(RelativeError(parameter.grad(), golden.at("grad." + name)), kTolerance) << name;
  }
}

TEST(MambaGoldenTest, MambaHasHuggingFacesOutputsAndGradients) {
  MambaMixer mixer(GoldenOptions());
  ExpectGolden(mixer, "mamba.safetensors");
}

TEST(MambaGoldenTest, Mamba2HasHuggingFacesOutputsAndGradients) {
  Mamba2Mixer mixer(GoldenOptions());
  ExpectGolden(mixer, "mamba2.safetensors");
}

TEST(MambaGoldenTest, FirstValuesAreThoseOfTheOfficialCode) {
  torch::manual_seed(1);
  ModelOptions options{.observation_size = 1, .action_size = 1};
  options.attention.width = 128;
  options.layers = 4;
  const MambaMixer mamba(options);
  const Mamba2Mixer mamba2(options);
  const torch::NoGradGuard no_grad;
  EXPECT_EQ(mamba.dt_proj->weight.size(1), 8);  // width / 16
  EXPECT_TRUE(torch::allclose(mamba.A_log[3].exp(), torch::arange(1, 17, torch::kFloat32)));
  EXPECT_TRUE(mamba.D.eq(1).all().item<bool>());
  for (const auto& bias : {mamba.dt_proj->bias, mamba2.dt_bias}) {
    const auto step = torch::softplus(bias);
    EXPECT_GE(step.min().item<float>(), 0.999e-3);
    EXPECT_LE(step.max().item<float>(), 1.001e-1);
  }
  EXPECT_LE(mamba.dt_proj->weight.abs().max().item<double>(), 1 / std::sqrt(8.0));
  const auto rates = mamba2.A_log.exp();
  EXPECT_TRUE(((rates >= 1) & (rates <= 16)).all().item<bool>());
  // Linear's own range 1 / sqrt(256), over the root of 4 layers.
  for (const auto& weight : {mamba.out_proj->weight, mamba2.out_proj->weight}) {
    EXPECT_NEAR(weight.abs().max().item<double>(), 1.0 / 32, 1e-4);
  }
}

}  // namespace
}  // namespace longplay
