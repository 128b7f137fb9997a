// SPDX-License-Identifier: MIT
#include "env/list/list_environments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

namespace longplay {
namespace {

TEST(ListEnvironmentsTest, IdsAreSortedAndDiffer) {
  const std::vector<EnvironmentSpec> specs = ListEnvironments();
  for (size_t k = 1; k < specs.size(); ++k) EXPECT_LT(specs[k - 1].id, specs[k].id);
}

// As many as README.md says: 11 of Gymnasium, 33 of dm_control, 16 of ExoRL.
TEST(ListEnvironmentsTest, EveryLibraryIsThere) {
  std::map<std::string, int> counts;
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    const size_t slash = spec.id.find('/');
    ++counts[slash == std::string::npos ? "" : spec.id.substr(0, slash)];
  }
  EXPECT_EQ(counts[""], 11);
  EXPECT_EQ(counts["dm_control"], 33 + 16);
  EXPECT_GT(counts["family"], 0);
  EXPECT_GT(counts["literature"], 0);
}

TEST(ListEnvironmentsTest, SizesAreKnownWithoutMakingTheTask) {
  setenv("LONGPLAY_ASSETS", "/nowhere", 1);
  const std::vector<EnvironmentSpec> specs = ListEnvironments();
  unsetenv("LONGPLAY_ASSETS");
  for (const EnvironmentSpec& spec : specs) {
    EXPECT_GT(spec.observation_size, 0) << spec.id;
    EXPECT_GT(spec.action_size, 0) << spec.id;
    EXPECT_GT(spec.max_episode_steps, 0) << spec.id;
    EXPECT_TRUE(spec.action_low.empty() && spec.action_high.empty()) << spec.id;
  }
  const auto hopper = std::ranges::find(specs, "Hopper-v5", &EnvironmentSpec::id);
  ASSERT_NE(hopper, specs.end());
  EXPECT_EQ(hopper->observation_size, 11);
  EXPECT_EQ(hopper->action_size, 3);
  EXPECT_EQ(hopper->max_episode_steps, 1000);
}

TEST(ListEnvironmentsTest, AnOracleSeesAsMuchMoreAsIsHidden) {
  std::map<std::string, EnvironmentSpec> by_id;
  for (const EnvironmentSpec& spec : ListEnvironments()) by_id[spec.id] = spec;
  int oracles = 0;
  for (const auto& [id, oracle] : by_id) {
    const size_t at = id.find("-oracle");
    if (at == std::string::npos || oracle.parameter_size == 0) continue;
    const EnvironmentSpec& blind = by_id.at(std::string(id).erase(at, 7));
    EXPECT_EQ(oracle.observation_size, blind.observation_size + blind.parameter_size) << id;
    EXPECT_EQ(oracle.parameter_size, blind.parameter_size) << id;
    ++oracles;
  }
  EXPECT_GT(oracles, 5);
}

}  // namespace
}  // namespace longplay
