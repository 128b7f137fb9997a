// SPDX-License-Identifier: MIT
#include "runtime/acting/open_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "agent/files/safetensors.h"
#include "tests/runtime/damaged_export.h"
#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

int Open(const std::string& folder, std::string* message) {
  longplay_policy* policy = nullptr;
  char line[LONGPLAY_MESSAGE_SIZE] = "";
  const int code = longplay_policy_open(folder.c_str(), nullptr, &policy, line, sizeof line);
  EXPECT_EQ(policy == nullptr, code != LONGPLAY_OK);
  longplay_policy_close(policy);
  *message = line;
  return code;
}

/// One text of config.json becomes another.
int OpenChanged(const SmallPolicy& small, const std::string& from, const std::string& to,
                std::string* message) {
  const std::string path = small.folder + "/config.json";
  std::ifstream file(path);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  std::string changed = whole;
  const size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  std::ofstream(path) << changed.replace(at, from.size(), to);
  const int code = Open(small.folder, message);
  std::ofstream(path) << whole;
  return code;
}

TEST(OpenPolicyTest, WhatIsNotThereIsRefusedByOneLine) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  std::string message;
  EXPECT_EQ(OpenChanged(small, "\"mixer\": \"attention\"", "\"mixer\": \"hyena\"", &message),
            LONGPLAY_NOT_SUPPORTED);
  EXPECT_THAT(message, HasSubstr("config.model.mixer: expected attention, mamba"));
  EXPECT_THAT(message, HasSubstr("got hyena"));
  EXPECT_EQ(OpenChanged(small, "\"schema\": 1", "\"schema\": 9", &message), LONGPLAY_OK)
      << "the record's schema, which is not read here";
  EXPECT_EQ(OpenChanged(small, "\"width\": 16", "\"width\": 24", &message), LONGPLAY_DAMAGED);
  EXPECT_THAT(message, HasSubstr("expected shape [24, 2]"));
  EXPECT_EQ(OpenChanged(small, "longplay_policy", "gpt2", &message), LONGPLAY_DAMAGED);
  EXPECT_THAT(message, HasSubstr("model_type: expected longplay_policy"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(OpenPolicyTest, ActionsMustBeThoseOfTheProbe) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  double difference = 1;
  const ActingHandle policy = OpenActing(small.folder, ActingDefaults(1));
  EXPECT_EQ(longplay_policy_self_test(policy.get(), &difference), LONGPLAY_OK);
  EXPECT_LT(difference, 1e-5);
  // Other weights than those that the probe was made with.
  const std::string path = small.folder + "/model.safetensors";
  TensorMap weights = ReadSafetensors(path);
  weights["head.weight"].mul_(1.5);
  WriteSafetensors(path, weights);
  std::string message;
  EXPECT_EQ(Open(small.folder, &message), LONGPLAY_DAMAGED);
  EXPECT_THAT(message, HasSubstr("expected the actions stored in probe.safetensors"));
  // Exports of older versions have none.
  std::filesystem::remove(small.folder + "/probe.safetensors");
  EXPECT_EQ(Open(small.folder, &message), LONGPLAY_OK);
  const ActingHandle older = OpenActing(small.folder, ActingDefaults(1));
  EXPECT_EQ(longplay_policy_self_test(older.get(), nullptr), LONGPLAY_NOT_SUPPORTED);
  EXPECT_THAT(longplay_policy_message(older.get()), HasSubstr("export the run again"));
}

TEST(OpenPolicyTest, EveryPolicyOfTheZooOpens) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LONGPLAY_SOURCE_DIR "/zoo")) {
    if (!entry.is_directory()) continue;
    std::string message;
    EXPECT_EQ(Open(entry.path(), &message), LONGPLAY_OK) << message;
    ++count;
  }
  EXPECT_GE(count, 9);
}

TEST(OpenPolicyTest, NarrowNumbersStayWithinTheirStatedError) {
  // docs/reference/runtime.md states these; the probe's actions are in the policy's units, -1 to 1.
  for (const char* name : {"point_goal_8_episodes", "cheetah_velocity_4_episodes"}) {
    const std::string folder = std::string(LONGPLAY_SOURCE_DIR "/zoo/") + name;
    const ActingHandle exact = OpenActing(folder, ActingDefaults(1));
    longplay_policy_description about;
    about.size = sizeof about;
    longplay_policy_describe(exact.get(), &about);
    std::vector<double> observation(about.observation_size), expected(about.action_columns),
        got(expected.size());
    for (const auto& [keys, weights, bound] :
         {std::tuple{LONGPLAY_FLOAT16, LONGPLAY_FLOAT32, 0.003},
          {LONGPLAY_INT8, LONGPLAY_FLOAT32, 0.05},
          {LONGPLAY_FLOAT32, LONGPLAY_FLOAT16, 0.01},
          {LONGPLAY_FLOAT32, LONGPLAY_INT8, 0.15}}) {
      longplay_policy_options options = ActingDefaults(1);
      options.key_value_type = keys;
      options.weight_type = weights;
      const ActingHandle narrow = OpenActing(folder, options);
      longplay_policy_start_chain(exact.get(), 0, about.best_return);
      std::mt19937_64 random(1);
      std::normal_distribution<double> normal(0, 0.2);
      double most = 0;
      for (int t = 0; t < 100; ++t) {
        for (double& number : observation) number = normal(random);
        const double reward[1] = {normal(random)};
        const uint8_t start[1] = {t % 20 == 0};
        const longplay_view view = {observation.data(), reward, start, nullptr};
        ASSERT_EQ(longplay_policy_act(exact.get(), &view, expected.data(), nullptr), LONGPLAY_OK);
        // The same actions are taken in both, so that no difference grows.
        ASSERT_EQ(longplay_policy_act(narrow.get(), &view, got.data(), nullptr), LONGPLAY_OK);
        for (size_t a = 0; a < got.size(); ++a) {
          most = std::max(most, std::fabs(got[a] - expected[a]));
        }
      }
      EXPECT_LT(most, bound) << name << " keys " << keys << " weights " << weights;
      EXPECT_GT(most, 0);  // something was rounded
      RecordProperty(std::string(name) + std::to_string(keys) + std::to_string(weights),
                     std::to_string(most));
    }
  }
}

TEST(OpenPolicyTest, DamagedFilesAreRefusedOrOpenWhole) {
  std::mt19937_64 random(2);
  for (const MixerKind mixer :
       {MixerKind::kAttention, MixerKind::kTaipan, MixerKind::kRwkv, MixerKind::kRecurrentMemory}) {
    RunOptions options = SmallOptions();
    options.model.mixer = mixer;
    const SmallPolicy small = MakeSmallPolicy(options);
    const DamagedExport damaged(small.folder);
    const std::string folder = TemporaryPath("damaged");
    int refused = 0;
    for (int trial = 0; trial < 300; ++trial) {
      std::vector<uint8_t> edits(6 * (1 + trial % 3));
      for (uint8_t& byte : edits) byte = static_cast<uint8_t>(random());
      damaged.Write(folder, edits.data(), edits.size());
      std::string message;
      const int code = Open(folder, &message);
      refused += code != LONGPLAY_OK;
      if (code == LONGPLAY_OK) continue;
      EXPECT_THAT(message, HasSubstr("expected"));
    }
    EXPECT_GT(refused, 100);
  }
}

}  // namespace
}  // namespace longplay
