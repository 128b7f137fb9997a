// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/exchange/import_policy.h"
#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "model/layers/layer_stack.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string Fixture(const std::string& name) {
  return LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/hugging_face/" + name;
}

std::string FreshRun() {
  fs::remove_all(TemporaryPath("imported"));
  return TemporaryPath("imported");
}

LoadedPolicy Import(const ImportOptions& options) {
  const std::string run = FreshRun();
  ImportPolicy(options, run);
  return LoadPolicy(run, torch::kCPU);
}

/// A copy of a fixture with one value of its configuration changed.
std::string Changed(const std::string& name, const std::string& key, const nlohmann::json& value) {
  const std::string copy = TemporaryPath("copy");
  fs::remove_all(copy);
  fs::copy(Fixture(name), copy);
  nlohmann::json config = nlohmann::json::parse(std::ifstream(copy + "/config.json"));
  config[key] = value;
  std::ofstream(copy + "/config.json") << config;
  return copy;
}

std::string Refusal(const std::string& folder) {
  try {
    ImportPolicy({.folder = folder, .observation_size = 3, .action_size = 2}, FreshRun());
  } catch (const std::exception& error) {
    return error.what();
  }
  return "imported";
}

/// The layers and the final norm on rows that are given.
torch::Tensor RunTrunk(PolicyNetwork& network, const torch::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const auto children = network->named_children();
  const auto layers = std::dynamic_pointer_cast<LayerStackImpl>(children["layers"]);
  const auto norm = std::dynamic_pointer_cast<NormImpl>(children["final_norm"]);
  return norm->forward(layers->forward(rows));
}

class TrunkTest : public testing::TestWithParam<const char*> {};

TEST_P(TrunkTest, GivesTheSameRows) {
  const TensorMap expected = ReadSafetensors(Fixture(GetParam()) + "/expected.safetensors");
  LoadedPolicy policy =
      Import({.folder = Fixture(GetParam()), .observation_size = 3, .action_size = 2});
  const auto rows = RunTrunk(policy.network, expected.at("inputs_embeds"));
  // Residuals measured: 1e-6 on rows of size 1 to 3.
  EXPECT_LT((rows - expected.at("last_hidden_state")).abs().max().item<float>(), 1e-5);
}

TEST_P(TrunkTest, BecomesAPolicyForTheDataThatTrains) {
  const std::string data = WriteSmallData();
  const std::string run = FreshRun();
  ImportPolicy({.folder = Fixture(GetParam()), .data = data}, run);
  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  EXPECT_EQ(policy.record.options.model.observation_size, 2);
  EXPECT_EQ(policy.record.best_return, 11 * 0.125 * 6);
  RunOptions options = SmallRun(data);
  options.train.start_from = run;
  options.train.steps = 2;
  fs::remove_all(TemporaryPath("tuned"));
  const TrainingResult result =
      Train(options, EpisodeSet::Load({data}), TemporaryPath("tuned"), RunStart::kFresh, {});
  EXPECT_EQ(result.steps, 2);
}

TEST_P(TrunkTest, NeedsDataOrSizes) {
  EXPECT_THROW(ImportPolicy({.folder = Fixture(GetParam())}, FreshRun()), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(EveryTrunk, TrunkTest, testing::Values("mamba", "mamba2", "rwkv"));

TEST(ImportTrunksTest, ModelsOfWordsHaveTheSameTrunk) {
  const std::string folder = Changed("mamba", "architectures", {"MambaForCausalLM"});
  TensorMap words;
  for (const auto& [name, tensor] : ReadSafetensors(folder + "/model.safetensors")) {
    words["backbone." + name] = tensor;
  }
  words["lm_head.weight"] = words["backbone.embeddings.weight"];
  WriteSafetensors(folder + "/model.safetensors", words);
  EXPECT_EQ(Refusal(folder), "imported");
}

TEST(ImportTrunksTest, InfinityIsReadAsPythonAndAsTransformersWriteIt) {
  const std::string folder = Changed("mamba2", "time_step_limit", {0.0, 0.5});
  EXPECT_THAT(Refusal(folder), HasSubstr("time_step_limit: expected [0, Infinity]"));
  std::string text{std::istreambuf_iterator<char>(std::ifstream(folder + "/config.json").rdbuf()),
                   {}};
  text.replace(text.find("[0.0,0.5]"), 9, "[0.0, Infinity]");
  std::ofstream(folder + "/config.json") << text;
  EXPECT_EQ(Refusal(folder), "imported");
}

TEST(ImportTrunksTest, WhatTheLayersCannotDoIsRefusedByKey) {
  const std::vector<std::tuple<std::string, std::string, nlohmann::json>> cases = {
      {"mamba", "use_bias", true},          {"mamba", "use_conv_bias", false},
      {"mamba", "hidden_act", "gelu"},      {"mamba", "intermediate_size", 17},
      {"mamba2", "num_heads", 3},           {"mamba2", "n_groups", 3},
      {"rwkv", "attention_hidden_size", 9}, {"rwkv", "layer_norm_epsilon", 1e-6}};
  for (const auto& [name, key, value] : cases) {
    EXPECT_THAT(Refusal(Changed(name, key, value)),
                HasSubstr("config.json: " + key + ": expected"));
  }
}

}  // namespace
}  // namespace longplay
