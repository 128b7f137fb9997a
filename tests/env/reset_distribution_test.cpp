// SPDX-License-Identifier: MIT
// First observations of episodes against the distributions that Gymnasium, dm_control and ExoRL
// draw them from: order statistics of 2000 resets each (tests/env/fixtures/make_fixtures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

constexpr int64_t kResets = 2000;
// Two-sample Kolmogorov-Smirnov bound for 2000 and 2000 draws at a level of 1e-6 (some thousand
// numbers are compared): sqrt(-log(1e-6 / 2) / 2) * sqrt(2 / 2000).
constexpr double kLargestGap = 0.085;
constexpr double kSame = 1e-5;  // relative; the fixture is float32

std::string Key(std::string id) {
  std::replace(id.begin(), id.end(), '/', '_');
  return id;
}

const FixtureFile& Recorded() {
  static const FixtureFile file(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/resets.hdf5");
  return file;
}

/// Our first observations, [resets, O].
std::vector<double> DrawStarts(const std::string& id) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {.batch = 2});
  std::vector<double> starts;
  for (int64_t k = 0; k < kResets; k += 2) {
    const std::vector<int64_t> simulations = {0, 1};
    const std::vector<uint64_t> seeds = {static_cast<uint64_t>(k), static_cast<uint64_t>(k + 1)};
    environment->Reset(simulations, seeds);
    for (int64_t i : simulations) {
      starts.insert(starts.end(), environment->observation(i).begin(),
                    environment->observation(i).end());
    }
  }
  return starts;
}

/// By how much the recorded order statistics miss their place among `ours`, sorted.
double LargestGap(const std::vector<double>& ours, const std::vector<double>& recorded) {
  double largest = 0;
  const auto share = [&](auto position) {
    return static_cast<double>(position - ours.begin()) / static_cast<double>(ours.size());
  };
  for (size_t q = 0; q < recorded.size(); ++q) {
    const double value = recorded[q], wide = kSame * std::max(1.0, std::abs(value));
    const double place = static_cast<double>(q) / static_cast<double>(recorded.size() - 1);
    const double below = share(std::ranges::lower_bound(ours, value - wide));
    const double up_to = share(std::ranges::upper_bound(ours, value + wide));
    largest = std::max({largest, below - place, place - up_to});
  }
  return largest;
}

class ResetDistributionTest : public MujocoTest, public testing::WithParamInterface<std::string> {};

TEST_P(ResetDistributionTest, FirstObservationsAreDrawnAsInTheOriginal) {
  const std::vector<double> starts = DrawStarts(GetParam());
  const std::vector<double> recorded = Recorded().Read<double>(Key(GetParam()));
  const size_t size = starts.size() / kResets, quantiles = recorded.size() / size;
  for (size_t k = 0; k < size; ++k) {
    std::vector<double> ours(kResets), theirs(quantiles);
    for (size_t i = 0; i < ours.size(); ++i) ours[i] = starts[i * size + k];
    for (size_t i = 0; i < quantiles; ++i) theirs[i] = recorded[i * size + k];
    std::ranges::sort(ours);
    EXPECT_LT(LargestGap(ours, theirs), kLargestGap) << "number " << k;
  }
}

std::vector<std::string> RecordedTasks() {
  std::vector<std::string> ids;
  const auto names = Recorded().Names("/");
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    if (std::ranges::find(names, Key(spec.id)) != names.end()) ids.push_back(spec.id);
  }
  return ids;
}

INSTANTIATE_TEST_SUITE_P(Tasks, ResetDistributionTest, testing::ValuesIn(RecordedTasks()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

TEST(ResetFixturesTest, EveryTaskOfAnotherLibraryIsRecorded) {
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    // Ours, and publications' (tests/env/literature): of no library.
    if (spec.id.starts_with("family/") || spec.id.starts_with("literature/")) continue;
    EXPECT_FALSE(Recorded().Read<double>(Key(spec.id)).empty()) << spec.id;
  }
}

}  // namespace
}  // namespace longplay
