// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "agent/acting/make_policy.h"
#include "agent/exchange/import_policy.h"
#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"
#include "model/policy/action_head.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Residuals measured: 4e-7 on actions of size 1.
constexpr double kSame = 4e-6;

std::string Fixture(const std::string& name) {
  return LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/hugging_face/" + name;
}

/// A copy of a fixture that a test may damage.
std::string CopyOf(const std::string& name) {
  const std::string copy = TemporaryPath("copy");
  fs::remove_all(copy);
  fs::copy(Fixture(name), copy);
  return copy;
}

void SetConfig(const std::string& folder, const std::string& key, const nlohmann::json& value) {
  nlohmann::json config = nlohmann::json::parse(std::ifstream(folder + "/config.json"));
  config[key] = value;
  std::ofstream(folder + "/config.json") << config;
}

std::string FreshRun() {
  fs::remove_all(TemporaryPath("imported"));
  return TemporaryPath("imported");
}

LoadedPolicy Import(ImportOptions options) {
  const std::string run = FreshRun();
  ImportPolicy(options, run);
  return LoadPolicy(run, torch::kCPU);
}

std::string Refusal(const ImportOptions& options) {
  const std::string run = FreshRun();
  try {
    ImportPolicy(options, run);
  } catch (const std::exception& error) {
    EXPECT_FALSE(fs::exists(run)) << "something was written";
    return error.what();
  }
  return "imported";
}

/// The steps that the fixture's policy saw.
StepTensors StepsOf(const TensorMap& expected) {
  const torch::Tensor& actions = expected.at("actions");
  const auto first = torch::zeros_like(actions.slice(1, 0, 1));
  return {.returns = expected.at("returns_to_go").squeeze(-1),
          .observations = expected.at("states"),
          .previous_actions = torch::cat({first, actions.slice(1, 0, -1)}, 1),
          .episode_steps = expected.at("timesteps"),
          .episodes = torch::zeros_like(expected.at("timesteps"))};
}

class DecisionTransformerTest : public testing::TestWithParam<const char*> {};

TEST_P(DecisionTransformerTest, GivesTheSameActionsOverAWholeSequence) {
  const TensorMap expected = ReadSafetensors(Fixture(GetParam()) + "/expected.safetensors");
  const LoadedPolicy policy = Import({.folder = Fixture(GetParam())});
  const torch::NoGradGuard no_grad;
  PolicyNetwork network = policy.network;
  const auto actions = ChooseAction(policy.record.options.model.head,
                                    network->forward(StepsOf(expected)), ActionChoice::kMean, {});
  const auto wanted = expected.at("action_preds").clamp(-1, 1);  // without tanh, tasks clip
  EXPECT_LT((actions - wanted).abs().max().item<float>(), kSame);
  EXPECT_GT(wanted.std().item<float>(), 0.1) << "the fixture shows nothing";
}

TEST_P(DecisionTransformerTest, GivesTheSameActionsStepByStep) {
  const TensorMap expected = ReadSafetensors(Fixture(GetParam()) + "/expected.safetensors");
  const LoadedPolicy policy = Import({.folder = Fixture(GetParam())});
  const StepTensors steps = StepsOf(expected);
  const auto wanted = expected.at("action_preds").clamp(-1, 1);
  PolicyNetwork network = policy.network;
  auto context = network->StartContext(2, 1);
  for (int64_t t = 0; t < wanted.size(1); ++t) {
    const auto cut = [&](const torch::Tensor& x) { return x.narrow(1, t, 1); };
    const auto output = network->Step({.returns = cut(steps.returns),
                                       .observations = cut(steps.observations),
                                       .previous_actions = cut(steps.previous_actions),
                                       .episode_steps = cut(steps.episode_steps),
                                       .episodes = cut(steps.episodes)},
                                      context);
    const auto action =
        ChooseAction(policy.record.options.model.head, output, ActionChoice::kMean, {});
    EXPECT_LT((action - wanted.select(1, t)).abs().max().item<float>(), kSame) << t;
  }
}

TEST_P(DecisionTransformerTest, PlaysOnAWindowAsTransformersOwnExamplesDo) {
  const TensorMap expected = ReadSafetensors(Fixture(GetParam()) + "/expected.safetensors");
  const auto states = expected.at("played_states")[0].to(torch::kFloat64);    // [N, 3]
  const auto rewards = expected.at("played_rewards")[0].to(torch::kFloat64);  // [N, 1]
  const LoadedPolicy imported = Import({.folder = Fixture(GetParam()), .window = 4});
  const std::unique_ptr<Policy> policy = MakePolicy(imported, {.chains = 1, .target = 2});
  const std::vector<uint8_t> active = {1};
  for (int64_t t = 0; t < states.size(0); ++t) {
    const std::vector<uint8_t> starts = {t == 0};
    const std::vector<double> reward = {t == 0 ? 0 : rewards[t - 1][0].item<double>()};
    std::vector<double> action(2);
    policy->Act({.observations = {states[t].const_data_ptr<double>(), 3},
                 .rewards = reward,
                 .starts = starts,
                 .active = active},
                action);
    for (int64_t a = 0; a < 2; ++a) {
      EXPECT_NEAR(action[a], expected.at("played_actions")[0][t][a].item<double>(), kSame) << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ReluGeluAndItsTanhForm, DecisionTransformerTest,
                         testing::Values("decision_transformer", "decision_transformer_gelu",
                                         "decision_transformer_gelu_new"));

TEST(ImportTest, TheRunSaysWhatThePolicyIs) {
  const ImportResult result =
      ImportPolicy({.folder = Fixture("decision_transformer"), .target = 12.5}, FreshRun());
  EXPECT_EQ(result.architecture, "DecisionTransformerModel");
  EXPECT_EQ(result.notes.size(), 1U);  // the window is a guess
  const LoadedPolicy policy = LoadPolicy(result.run, torch::kCPU);
  const RunOptions& options = policy.record.options;
  EXPECT_EQ(options.evaluate.target, 12.5);
  EXPECT_EQ(options.evaluate.action_repeat, 1);
  EXPECT_EQ(options.chain.window, 20);
  EXPECT_EQ(options.model.observation_size, 3);
  EXPECT_EQ(options.model.feed_forward, FeedForwardKind::kRelu);
  EXPECT_EQ(policy.record.normalizer.observation_std, std::vector<double>(3, 1));
  int64_t parameters = 0;
  for (const auto& parameter : policy.network->parameters()) parameters += parameter.numel();
  EXPECT_EQ(result.parameters, parameters);
  EXPECT_TRUE(fs::exists(result.run + "/config.yaml"));
}

TEST(ImportTest, StatisticsAreTheObservationsAndReturnsUnits) {
  const std::string file = TemporaryPath("statistics.json");
  std::ofstream(file) << R"({"mean": [1, 2, 3], "std": [2, 4, 8], "scale": 1000})";
  const Normalizer normalizer =
      Import({.folder = Fixture("decision_transformer"), .statistics = file}).record.normalizer;
  EXPECT_EQ(normalizer.observation_mean, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(normalizer.observation_std, (std::vector<double>{2, 4, 8}));
  EXPECT_EQ(normalizer.return_scale, 1e-3);
  std::ofstream(file) << R"({"mean": [1, 2]})";
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .statistics = file}),
              AllOf(HasSubstr("statistics.json: mean"), HasSubstr("3 numbers")));
  std::ofstream(file) << R"({"std": [1, 0, 1]})";
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .statistics = file}),
              HasSubstr("above 0"));
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .statistics = "/nowhere"}),
              HasSubstr("/nowhere: expected a readable file"));
}

TEST(ImportTest, DataMustHaveThePolicysSizes) {
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .data = WriteSmallData()}),
              HasSubstr("observation_size: expected 3 as in the policy, got 2"));
}

TEST(ImportTest, TheEnvironmentMustHaveThePolicysSizes) {
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .environment = "Hopper-v5"}),
              HasSubstr("Hopper-v5: observation_size: expected 3 as in the policy, got 11"));
  EXPECT_THAT(Refusal({.folder = Fixture("decision_transformer"), .environment = "Nosuch-v5"}),
              HasSubstr("Nosuch-v5"));
  const std::string cartpole = "dm_control/cartpole-balance-v0";
  const LoadedPolicy policy = Import({.folder = Fixture("rwkv"),
                                      .environment = cartpole,
                                      .observation_size = 5,
                                      .action_size = 1});
  EXPECT_EQ(policy.record.environment, cartpole);
  EXPECT_EQ(policy.record.options.evaluate.environment, cartpole);
}

TEST(ImportTest, ARunWithCheckpointsIsNotOverwritten) {
  const ImportOptions options{.folder = Fixture("decision_transformer")};
  const std::string run = FreshRun();
  ImportPolicy(options, run);
  EXPECT_THROW(ImportPolicy(options, run), std::invalid_argument);
}

TEST(ImportTest, WhatThePolicyCannotDoIsRefusedByKey) {
  const std::vector<std::pair<std::string, nlohmann::json>> cases = {
      {"model_type", "gpt2"},
      {"activation_function", "mish"},
      {"scale_attn_by_inverse_layer_idx", true},
      {"reorder_and_upcast_attn", true},
      {"scale_attn_weights", false},
      {"add_cross_attention", true},
      {"n_head", 3},
      {"n_layer", 0},
      {"n_layer", "two"},
      {"hidden_size", nullptr},
      {"max_ep_len", nlohmann::json::array()},
      {"action_tanh", 1},
      {"resid_pdrop", 1.5}};
  for (const auto& [key, value] : cases) {
    const std::string folder = CopyOf("decision_transformer");
    SetConfig(folder, key, value);
    EXPECT_THAT(Refusal({.folder = folder}),
                AllOf(HasSubstr("importing: "), HasSubstr("config.json: " + key + ": expected")));
  }
}

TEST(ImportTest, TensorsThatDoNotFitAreNamed) {
  std::string folder = CopyOf("decision_transformer");
  SetConfig(folder, "state_dim", 4);
  EXPECT_THAT(Refusal({.folder = folder}),
              AllOf(HasSubstr("model.safetensors: embed_state.weight: expected shape [8, 4]"),
                    HasSubstr("got shape [8, 3]")));
  folder = CopyOf("decision_transformer");
  SetConfig(folder, "n_layer", 3);
  EXPECT_THAT(Refusal({.folder = folder}),
              AllOf(HasSubstr("encoder.h.2.ln_1.weight"), HasSubstr("no such tensor")));
  SetConfig(folder, "n_layer", 1);
  EXPECT_THAT(Refusal({.folder = folder}),
              AllOf(HasSubstr("encoder.h.1."), HasSubstr("only tensors of the architecture")));
  folder = CopyOf("decision_transformer");
  TensorMap weights = ReadSafetensors(folder + "/model.safetensors");
  weights["embed_ln.bias"][2] = std::nan("");
  WriteSafetensors(folder + "/model.safetensors", weights);
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("embed_ln.bias: expected finite"));
}

TEST(ImportTest, MissingAndDamagedFilesAreNamed) {
  EXPECT_THAT(Refusal({.folder = TemporaryPath("nowhere")}),
              HasSubstr("nowhere: expected a folder"));
  std::string folder = CopyOf("decision_transformer");
  fs::resize_file(folder + "/model.safetensors", 4000);
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("model.safetensors: expected"));
  fs::remove(folder + "/model.safetensors");
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("a file of weights in safetensors, got none"));
  std::ofstream(folder + "/pytorch_model.bin") << "pickle";
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("got pytorch_model.bin alone"));
  std::ofstream(folder + "/config.json") << "{";
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("config.json: expected a JSON object"));
  fs::remove(folder + "/config.json");
  EXPECT_THAT(Refusal({.folder = folder}),
              HasSubstr("config.json: expected a file, got none: there is no such file"));
}

/// `file` with one byte changed.
void Damage(const std::string& file, std::mt19937& random) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(random() % fs::file_size(file));
  bytes.put(static_cast<char>(random()));
}

TEST(ImportTest, RandomDamageIsAnErrorOrAnotherPolicyAndNeverMore) {
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string folder = CopyOf("decision_transformer");
    Damage(folder + (i % 2 == 0 ? "/config.json" : "/model.safetensors"), random);
    refused += Refusal({.folder = folder}) != "imported";
  }
  EXPECT_GT(refused, 20);
}

TEST(ImportTest, ShardsAndNarrowFloatsAreRead) {
  const std::string folder = CopyOf("decision_transformer");
  TensorMap weights = ReadSafetensors(folder + "/model.safetensors"), parts[2];
  fs::remove(folder + "/model.safetensors");
  nlohmann::json map;
  for (const auto& [name, tensor] : weights) {
    const int part = static_cast<int>(map.size() % 2);
    parts[part][name] = tensor.to(part == 0 ? torch::kBFloat16 : torch::kFloat16);
    map[name] = "part" + std::to_string(part) + ".safetensors";
  }
  for (int part : {0, 1}) {
    WriteSafetensors(folder + "/part" + std::to_string(part) + ".safetensors", parts[part]);
  }
  std::ofstream(folder + "/model.safetensors.index.json") << nlohmann::json{{"weight_map", map}};
  const LoadedPolicy policy = Import({.folder = folder});
  const auto bias = policy.network->named_parameters()["final_norm.bias"];
  EXPECT_LT((bias - weights.at("encoder.ln_f.bias")).abs().max().item<float>(), 4e-3);
  map["embed_ln.bias"] = "../part0.safetensors";
  std::ofstream(folder + "/model.safetensors.index.json") << nlohmann::json{{"weight_map", map}};
  EXPECT_THAT(Refusal({.folder = folder}), HasSubstr("names of files beside it"));
}

}  // namespace
}  // namespace longplay
