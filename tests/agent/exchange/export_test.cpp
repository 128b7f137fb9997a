// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "agent/exchange/export_policy.h"
#include "agent/exchange/import_policy.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"
#include "tests/oracle_python.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TrainedRun(bool step_embedding = true, bool episode_embedding = true) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const std::string run = TemporaryPath("run");
  fs::remove_all(run);
  RunOptions options = SmallRun(set.info().path);
  options.model.step_embedding = step_embedding;
  options.model.episode_embedding = episode_embedding;
  Train(options, set, run, RunStart::kFresh, {});
  return run;
}

std::string Fresh(const std::string& name) {
  fs::remove_all(TemporaryPath(name));
  return TemporaryPath(name);
}

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(ExportTest, ComesBackToTheSameBytes) {
  const std::string run = TrainedRun(), out = Fresh("exported"), again = Fresh("again");
  ExportPolicy(LoadPolicy(run, torch::kCPU), out);
  const ImportResult result = ImportPolicy({.folder = out}, again);
  EXPECT_EQ(result.architecture, "longplay_policy");
  for (const char* file : {"weights.safetensors", "policy.json", "probe.safetensors"}) {
    const std::string bytes = Contents(run + "/checkpoints/step_8/" + file);
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(Contents(again + "/checkpoints/step_8/" + file), bytes) << file;
  }
  const std::string second = Fresh("second");
  ExportPolicy(LoadPolicy(again, torch::kCPU), second);
  for (const char* file : {"/config.json", "/model.safetensors"}) {
    EXPECT_EQ(Contents(second + file), Contents(out + file)) << file;
  }
}

TEST(ExportTest, EmbeddingsThatAreSwitchedOffStayOff) {
  for (const auto& [step, episode] :
       std::vector<std::pair<bool, bool>>{{false, true}, {true, false}, {false, false}}) {
    const std::string run = TrainedRun(step, episode), out = Fresh("exported"),
                      again = Fresh("again");
    ExportPolicy(LoadPolicy(run, torch::kCPU), out);
    ImportPolicy({.folder = out}, again);
    const LoadedPolicy policy = LoadPolicy(again, torch::kCPU);
    const auto parameters = policy.network->named_parameters();
    EXPECT_EQ(parameters.contains("tokens.step.weight"), step);
    EXPECT_EQ(parameters.contains("tokens.episode.weight"), episode);
    const std::string weights = "/checkpoints/step_8/weights.safetensors";
    EXPECT_EQ(Contents(again + weights), Contents(run + weights));
  }
}

TEST(ExportTest, PoliciesThatAreNoSequenceModelsComeBackToo) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.train.method = Method::kTd3Bc;
  const std::string run = Fresh("td3_bc"), out = Fresh("exported"), again = Fresh("again");
  Train(options, set, run, RunStart::kFresh, {});
  ExportPolicy(LoadPolicy(run, torch::kCPU), out);
  ImportPolicy({.folder = out}, again);
  const std::string weights = "/checkpoints/step_8/weights.safetensors";
  EXPECT_EQ(Contents(again + weights), Contents(run + weights));
  EXPECT_NE(LoadPolicy(again, torch::kCPU).actor, nullptr);
}

TEST(ExportTest, NamesAndShapesAreThoseOfTheWeights) {
  const std::string out = Fresh("exported");
  const LoadedPolicy policy = LoadPolicy(TrainedRun(), torch::kCPU);
  const int64_t parameters = ExportPolicy(policy, out);
  const nlohmann::json json = nlohmann::json::parse(std::ifstream(out + "/config.json"));
  int64_t counted = 0;
  for (const auto& item : policy.network->named_parameters()) {
    counted += item.value().numel();
    EXPECT_EQ(json["parameters"][item.key()], item.value().sizes().vec()) << item.key();
  }
  EXPECT_EQ(parameters, counted);
  EXPECT_EQ(json["config"]["model"]["layers"], policy.record.options.model.layers);
  EXPECT_EQ(json["config"]["chain"]["tokens"][0], "return");
}

TEST(ExportTest, NothingIsOverwritten) {
  const std::string out = Fresh("exported");
  const LoadedPolicy policy = LoadPolicy(TrainedRun(), torch::kCPU);
  ExportPolicy(policy, out);
  EXPECT_THROW(ExportPolicy(policy, out), std::runtime_error);
  std::ofstream(TemporaryPath("a_file")) << "x";
  EXPECT_THROW(ExportPolicy(policy, TemporaryPath("a_file") + "/below"), std::runtime_error);
}

TEST(ExportTest, DamagedExportsAreRefusedByName) {
  const std::string out = Fresh("exported"), run = Fresh("again");
  ExportPolicy(LoadPolicy(TrainedRun(), torch::kCPU), out);
  const nlohmann::json good = nlohmann::json::parse(std::ifstream(out + "/config.json"));
  const auto refusal = [&](const nlohmann::json& json) -> std::string {
    std::ofstream(out + "/config.json") << json;
    try {
      ImportPolicy({.folder = out}, run);
    } catch (const std::exception& error) {
      EXPECT_FALSE(fs::exists(run));
      return error.what();
    }
    return "imported";
  };
  nlohmann::json bad = good;
  bad["schema"] = 2;
  EXPECT_THAT(refusal(bad), AllOf(HasSubstr("config.json: schema"), HasSubstr("newer longplay")));
  bad = good;
  bad.erase("policy");
  EXPECT_THAT(refusal(bad), HasSubstr("config.json: policy: expected an object"));
  bad = good;
  bad["config"]["model"]["layers"] = "many";
  EXPECT_THAT(refusal(bad), AllOf(HasSubstr("config.json"), HasSubstr("model.layers")));
  bad = good;
  bad["config"]["model"]["layers"] = {{"deep", {{"er", 1}}}};
  EXPECT_THAT(refusal(bad), HasSubstr("config: expected sections with values"));
  bad = good;
  bad["config"]["model"]["layers"] = 1000;  // more than there are weights for
  EXPECT_THAT(refusal(bad), HasSubstr("importing: weights: expected"));
  bad = good;
  bad["config"]["model"]["step_embedding"] = false;  // beside weights that have one
  EXPECT_THAT(refusal(bad), HasSubstr("importing: tokens.step.weight: expected a parameter"));
  bad = good;
  bad["parameters"]["head.bias"] = {17};
  EXPECT_THAT(refusal(bad), HasSubstr("head.bias: expected shape [17]"));
  bad["parameters"]["head.bias"] = "long";
  EXPECT_THAT(refusal(bad), HasSubstr("parameters: expected shapes"));
}

/// Steps 0 to 3 of an episode, as lists for the script and as tensors in the policy's units.
struct SomeSteps {
  nlohmann::json lists;
  StepTensors tensors;
};

SomeSteps MakeSteps(const Normalizer& normalizer) {
  const auto f32 = torch::kFloat32;
  const std::vector<float> returns = {4, 3.5, 3, 2.5}, actions = {0, 0.2F, -0.4F, 0.6F},
                           rewards = {0, 0.5, 0.5, 0.5};
  const std::vector<std::vector<float>> observations = {{1, 2}, {0.5, -1}, {0.25, 0}, {-1, 1}};
  SomeSteps steps;
  steps.lists = {
      {"return", returns},      {"observation", observations}, {"action", nlohmann::json::array()},
      {"reward", rewards},      {"completion", {0, 0, 0, 0}},  {"step", {0, 1, 2, 3}},
      {"episode", {0, 0, 0, 0}}};
  for (const float action : actions) steps.lists["action"].push_back({action});
  auto seen = torch::empty({1, 4, 2}, f32);
  for (int64_t t = 0; t < 4; ++t) {
    for (int64_t k = 0; k < 2; ++k) {
      seen[0][t][k] =
          (observations[t][k] - normalizer.observation_mean[k]) / normalizer.observation_std[k];
    }
  }
  steps.tensors = {
      .returns = torch::tensor(returns, f32).view({1, 4}) * normalizer.return_scale,
      .observations = seen,
      .previous_actions = torch::tensor(actions, f32).view({1, 4, 1}),
      .previous_rewards = torch::tensor(rewards, f32).view({1, 4}) * normalizer.reward_scale,
      .previous_completions = torch::zeros({1, 4}),
      .episode_steps = torch::arange(4, torch::kInt64).view({1, 4}),
      .episodes = torch::zeros({1, 4}, torch::kInt64)};
  return steps;
}

void CompareWithTheScript(const std::string& run) {
  const std::string out = Fresh("exported");
  LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  {  // Larger weights than after eight steps, so that an error cannot hide.
    const torch::NoGradGuard no_grad;
    torch::manual_seed(1);
    for (auto& parameter : policy.network->parameters()) parameter.normal_(0, 0.3);
  }
  policy.folder = Fresh("larger");
  SaveCheckpoint(policy.folder,
                 {.weights = NamedWeights(policy.network), .probe = ProbeOutput(policy.network)},
                 policy.record, {});
  ExportPolicy(policy, out);
  const SomeSteps steps = MakeSteps(policy.record.normalizer);
  std::ofstream(out + "/steps.json") << steps.lists;
  const std::string printed = RunPython(R"(
import runpy, sys
sys.stdin = open(sys.argv[1] + "/steps.json")
runpy.run_path(")" LONGPLAY_SOURCE_DIR R"(/scripts/read_policy.py")
)",
                                        out);
  const nlohmann::json action = nlohmann::json::parse(printed, nullptr, false);
  ASSERT_TRUE(action.is_array()) << printed;
  const torch::NoGradGuard no_grad;
  const double wanted = policy.network->forward(steps.tensors)[0][3][0].tanh().item<double>();
  const Normalizer& units = policy.record.normalizer;
  // Residual measured: 3e-8 (float32 here, float64 there).
  EXPECT_NEAR(action[0].get<double>(), units.action_center[0] + units.action_scale[0] * wanted,
              3e-7);
}

TEST(ExportTest, TheScriptInNumpyGivesTheSameAction) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  CompareWithTheScript(TrainedRun());
  CompareWithTheScript(TrainedRun(/*step_embedding=*/false, /*episode_embedding=*/false));
}

TEST(ExportTest, TheScriptIsShort) {
  std::ifstream file(LONGPLAY_SOURCE_DIR "/scripts/read_policy.py");
  int lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  EXPECT_GT(lines, 0);
  EXPECT_LE(lines, 30);
}

}  // namespace
}  // namespace longplay
