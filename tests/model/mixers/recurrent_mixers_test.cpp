// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "model/layers/make_sequence_mixer.h"

// What every mixer with a state of a fixed size promises.

namespace longplay {
namespace {

// Residuals measured below 1e-13 on outputs of size 1 and gradients of size up to 50.
constexpr double kExact = 1e-10;

ModelOptions SmallOptions() {
  ModelOptions options{.observation_size = 1, .action_size = 1};
  options.attention = {.width = 16, .heads = 4, .key_value_heads = 2};
  options.mamba = {.state = 3};
  options.mamba2 = {.state = 5, .head_width = 8, .groups = 2, .chunk = 8};
  options.taipan.span = 9;
  options.rwkv.head_width = 8;
  options.memsizer.slots = 3;
  return options;
}

/// A mixer by name; RWKV has two versions.
enum class Mixer { kMamba, kMamba2, kTaipan, kRwkv4, kRwkv7, kMemSizer };

std::shared_ptr<SequenceMixer> MakeMixer(Mixer mixer) {
  ModelOptions options = SmallOptions();
  options.rwkv.version = mixer == Mixer::kRwkv4 ? 4 : 7;
  switch (mixer) {
    case Mixer::kMamba:
      return MakeSequenceMixer(MixerKind::kMamba, options, {});
    case Mixer::kMamba2:
      return MakeSequenceMixer(MixerKind::kMamba2, options, {});
    case Mixer::kTaipan:
      return MakeSequenceMixer(MixerKind::kTaipan, options, {});
    case Mixer::kRwkv4:
    case Mixer::kRwkv7:
      return MakeSequenceMixer(MixerKind::kRwkv, options, {});
    case Mixer::kMemSizer:
      return MakeSequenceMixer(MixerKind::kMemSizer, options, {});
  }
  return nullptr;
}

std::shared_ptr<SequenceMixer> RandomMixer(Mixer kind) {
  torch::manual_seed(4);
  auto mixer = MakeMixer(kind);
  mixer->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : mixer->parameters()) {
    parameter.add_(torch::randn_like(parameter), 0.3);
  }
  return mixer;
}

struct Sequence {
  torch::Tensor x, residual, starts, grad_y;  // [2, 41, 16]
};

Sequence RandomSequence(bool cut) {
  torch::manual_seed(5);
  const auto draw = [] { return torch::randn({2, 41, 16}, torch::kFloat64); };
  Sequence sequence{draw().requires_grad_(), draw().requires_grad_(), {}, draw()};
  if (cut) {
    sequence.starts = torch::zeros({2, 41}, torch::kBool);
    for (const int64_t t : {7, 8, 20}) sequence.starts.index_put_({0, t}, true);
    sequence.starts.index_put_({1, 40}, true);
  }
  return sequence;
}

Chunk Part(const Sequence& of, int64_t first, int64_t n) {
  const auto part = [&](const torch::Tensor& x) { return x.defined() ? x.narrow(1, first, n) : x; };
  const TokenNoise noise = NoiseOfTokens({.seed = 11}, {}, 2, 41, 1, torch::kCPU);
  return {.starts = part(of.starts),
          .first = first,
          .noise = noise.Of({first, first + n}),
          .residual = part(of.residual)};
}

torch::Tensor Forward(SequenceMixer& mixer, const torch::Tensor& x, StateTensors& state,
                      const Chunk& chunk) {
  HandedOn handed;
  return mixer.Forward(x, state, chunk, handed);
}

torch::Tensor Step(MixerContext& context, const torch::Tensor& x, const Chunk& chunk) {
  HandedOn handed;
  return context.Step(x, chunk, handed);
}

/// y and the gradients of x, residual (undefined where it is not read) and parameters, also through
/// the last state.
torch::autograd::variable_list RunParts(SequenceMixer& mixer, const Sequence& sequence,
                                        const std::vector<int64_t>& parts) {
  StateTensors state = mixer.StartState(2, torch::kFloat64);
  std::vector<torch::Tensor> y;
  int64_t first = 0;
  for (const int64_t n : parts) {
    const Chunk chunk = Part(sequence, first, n);
    y.push_back(Forward(mixer, sequence.x.narrow(1, first, n), state, chunk));
    first += n;
  }
  const auto whole = torch::cat(y, 1);
  auto loss = (whole * sequence.grad_y).sum();
  for (const torch::Tensor& tensor : state) {
    if (tensor.is_floating_point() && tensor.requires_grad()) loss = loss + tensor.sin().sum();
  }
  torch::autograd::variable_list inputs{sequence.x, sequence.residual};
  for (const torch::Tensor& parameter : mixer.parameters()) inputs.push_back(parameter);
  auto results = torch::autograd::grad({loss}, inputs, {}, {}, false, /*allow_unused=*/true);
  results.insert(results.begin(), whole);
  return results;
}

void ExpectNear(const torch::autograd::variable_list& got,
                const torch::autograd::variable_list& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].defined(), wanted[i].defined()) << i;
    if (!got[i].defined()) continue;
    EXPECT_LT((got[i] - wanted[i]).abs().max().item<double>(), kExact) << i;
  }
}

using Case = std::tuple<Mixer, bool>;  // with starts
class RecurrentMixersTest : public testing::TestWithParam<Case> {};

TEST_P(RecurrentMixersTest, PartsWithTheStateHandedOnEqualTheWhole) {
  const auto [kind, cut] = GetParam();
  const auto mixer = RandomMixer(kind);
  const Sequence sequence = RandomSequence(cut);
  const auto whole = RunParts(*mixer, sequence, {41});
  ExpectNear(RunParts(*mixer, sequence, {16, 16, 9}), whole);
  ExpectNear(RunParts(*mixer, sequence, {1, 2, 3, 30, 5}), whole);
}

TEST_P(RecurrentMixersTest, StartsCutAsIfASequenceBegan) {
  const auto [kind, cut] = GetParam();
  const auto mixer = RandomMixer(kind);
  mixer->eval();
  const torch::NoGradGuard no_grad;
  Sequence sequence = RandomSequence(false);
  sequence.starts = torch::zeros({2, 41}, torch::kBool);
  sequence.starts.select(1, 20).fill_(true);
  StateTensors state = mixer->StartState(2, torch::kFloat64), fresh = state;
  const Chunk chunk = Part(sequence, 0, 41);
  const auto y = Forward(*mixer, sequence.x, state, chunk);
  sequence.starts = torch::Tensor();
  const Chunk rest = Part(sequence, 20, 21);
  const auto wanted = Forward(*mixer, sequence.x.narrow(1, 20, 21), fresh, rest);
  EXPECT_LT((y.narrow(1, 20, 21) - wanted).abs().max().item<double>(), kExact);
}

/// Steps of one token, some of three, after the same tokens in Forward.
TEST_P(RecurrentMixersTest, StepsEqualTheWhole) {
  const auto mixer = RandomMixer(std::get<0>(GetParam()));
  mixer->eval();
  const torch::NoGradGuard no_grad;
  const Sequence sequence = RandomSequence(false);
  StateTensors state = mixer->StartState(2, torch::kFloat64);
  const Chunk chunk = Part(sequence, 0, 41);
  const auto wanted = Forward(*mixer, sequence.x, state, chunk);
  const auto context = mixer->StartContext(2, {});
  for (int64_t t = 0; t < 41;) {
    const int64_t n = t % 10 == 4 ? 3 : 1;
    const Chunk own = Part(sequence, t, n);
    const auto y = Step(*context, sequence.x.narrow(1, t, n), own);
    EXPECT_LT((y - wanted.narrow(1, t, n)).abs().max().item<double>(), kExact) << t;
    t += n;
  }
  EXPECT_GT(context->bytes(), 0);
}

TEST_P(RecurrentMixersTest, ChainsForgetAndLeaveOnTheirOwn) {
  const auto mixer = RandomMixer(std::get<0>(GetParam()));
  mixer->eval();
  const torch::NoGradGuard no_grad;
  const Sequence sequence = RandomSequence(false);
  const auto step = [&](MixerContext& context, const torch::Tensor& chains, int64_t t) {
    const Chunk own{.residual = sequence.residual.narrow(1, t, 1).index_select(0, chains)};
    return Step(context, sequence.x.narrow(1, t, 1).index_select(0, chains), own);
  };
  const auto both = torch::arange(2), second = torch::ones({1}, torch::kInt64);
  const auto context = mixer->StartContext(2, {}), alone = mixer->StartContext(1, {});
  for (int64_t t = 0; t < 30; ++t) {
    if (t == 10) context->Forget(1);
    if (t == 20) context->Select(second);
    const auto y = step(*context, t < 20 ? both : second, t);
    if (t < 10) continue;
    const auto wanted = step(*alone, second, t);
    EXPECT_LT((y.slice(0, -1) - wanted).abs().max().item<double>(), kExact) << t;
  }
}

TEST_P(RecurrentMixersTest, ComputesInBFloat16WithAWideState) {
  const auto mixer = MakeMixer(std::get<0>(GetParam()));
  const Sequence sequence = RandomSequence(false);
  const auto narrow = [](const torch::Tensor& x) { return x.detach().to(torch::kBFloat16); };
  StateTensors state = mixer->StartState(2, torch::kBFloat16);
  Chunk chunk = Part(sequence, 0, 41);
  chunk.residual = narrow(sequence.residual);
  const auto y = Forward(*mixer, narrow(sequence.x), state, chunk);
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  bool wide = false;
  for (const torch::Tensor& tensor : state) wide |= tensor.scalar_type() == torch::kFloat32;
  EXPECT_TRUE(wide);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
}

TEST_P(RecurrentMixersTest, NamesWithoutDecayAreParameters) {
  const auto mixer = MakeMixer(std::get<0>(GetParam()));
  const auto parameters = mixer->named_parameters();
  for (const std::string& name : mixer->WithoutDecay()) EXPECT_TRUE(parameters.contains(name));
}

INSTANTIATE_TEST_SUITE_P(All, RecurrentMixersTest,
                         testing::Combine(testing::Values(Mixer::kMamba, Mixer::kMamba2,
                                                          Mixer::kTaipan, Mixer::kRwkv4,
                                                          Mixer::kRwkv7, Mixer::kMemSizer),
                                          testing::Bool()));

}  // namespace
}  // namespace longplay
