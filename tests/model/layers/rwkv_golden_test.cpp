// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <utility>
#include <vector>

#include "model/layers/layer_stack.h"
#include "model/wkv/wkv7.h"
#include "tests/model/golden_file.h"

// RWKV beside Hugging Face's (version 4), the package rwkv (version 7) and fla-core's plain
// recurrence (fixtures/make_rwkv.py pins the versions).

namespace longplay {
namespace {

/// Largest difference, in units of the largest wanted number.
double RelativeError(const torch::Tensor& got, const torch::Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max()).item<double>();
}

ModelOptions GoldenOptions(int64_t version) {
  ModelOptions options{
      .observation_size = 1, .action_size = 1, .mixer = MixerKind::kRwkv, .layers = 2};
  options.attention.width = 16;
  options.feed_forward_width = version == 4 ? 40 : 24;
  options.rwkv = {.version = version,
                  .head_width = 8,
                  .decay_rank = 4,
                  .rate_rank = 3,
                  .value_rank = 2,
                  .gate_rank = 5};
  options.tokens_at_once = 10;  // the state is handed on, gradients pass back through it
  return options;
}

/// The golden file's name of one of the stack's parameters.
std::string GoldenName(std::string name, int64_t version) {
  const std::vector<std::pair<std::string, std::string>> parts = {
      {"channel_mixer.", version == 4 ? "feed_forward." : "ffn."},
      {"mixer_norm.", "ln1."},
      {"feed_forward_norm.", "ln2."},
      {"mixer.", version == 4 ? "attention." : "att."}};
  if (name.starts_with("first_norm.")) {
    return (version == 4 ? "blocks.0.pre_ln." : "blocks.0.ln0.") + name.substr(11);
  }
  for (const auto& [ours, theirs] : parts) {
    const size_t at = name.find(ours);
    if (at == std::string::npos) continue;
    name.replace(at, ours.size(), theirs);
    break;
  }
  return "blocks." + name;
}

class RwkvGoldenTest : public testing::TestWithParam<int64_t> {};

TEST_P(RwkvGoldenTest, BlocksHaveTheOtherImplementationsOutputsAndGradients) {
  // Float32 on both sides: 2e-6 measured with products by AVX2, 1.02e-5 with AVX-512.
  constexpr double kTolerance = 3e-5;
  const int64_t version = GetParam();
  auto golden = ReadGolden("rwkv" + std::to_string(version) + ".safetensors");
  LayerStack stack(GoldenOptions(version));
  for (auto& [name, parameter] : stack->named_parameters().pairs()) {
    const torch::NoGradGuard no_grad;
    const std::string theirs = GoldenName(name, version);
    ASSERT_TRUE(golden.contains(theirs)) << theirs;
    ASSERT_EQ(parameter.sizes(), golden.at(theirs).sizes()) << name;
    parameter.copy_(golden.at(theirs));
  }
  const auto x = golden.at("x").requires_grad_();
  const auto y = stack->forward(x);
  EXPECT_LT(RelativeError(y, golden.at("y")), kTolerance);
  y.backward(golden.at("grad_y"));
  EXPECT_LT(RelativeError(x.grad(), golden.at("grad.x")), kTolerance);
  for (const auto& [name, parameter] : stack->named_parameters().pairs()) {
    const std::string theirs = "grad." + GoldenName(name, version);
    EXPECT_LT(RelativeError(parameter.grad(), golden.at(theirs)), kTolerance) << name;
  }
}

TEST(DeltaRuleGoldenTest, StatesAndGradientsAreThoseOfThePlainRecurrence) {
  constexpr double kTolerance = 1e-5;  // 1e-6 measured
  auto golden = ReadGolden("delta_rule.safetensors");
  const auto by_token = [&](const std::string& name) {  // [B, H, T, K] there
    return golden.at(name).transpose(1, 2).contiguous().requires_grad_();
  };
  const auto by_value = [&](const std::string& name) {  // [B, H, keys, values] there
    return golden.at(name).transpose(2, 3).contiguous();
  };
  const Wkv7Input input{by_token("r"), by_token("w"), by_token("k"),
                        by_token("v"), by_token("a"), by_token("b")};
  const auto state = by_value("state").requires_grad_();
  const Wkv7Output output = Wkv7(input, state);
  EXPECT_LT(RelativeError(output.y.transpose(1, 2), golden.at("y")), kTolerance);
  EXPECT_LT(RelativeError(output.last, by_value("last")), kTolerance);
  const auto gradients = torch::autograd::grad(
      {output.y, output.last}, {input.r, input.w, input.k, input.v, input.a, input.b, state},
      {golden.at("grad_y").transpose(1, 2).contiguous(), by_value("grad_last")});
  const std::vector<std::string> names = {"r", "w", "k", "v", "a", "b"};
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_LT(RelativeError(gradients[i].transpose(1, 2), golden.at("grad." + names[i])),
              kTolerance)
        << names[i];
  }
  EXPECT_LT(RelativeError(gradients[6], by_value("grad.state")), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Versions, RwkvGoldenTest, testing::Values(4, 7));

}  // namespace
}  // namespace longplay
