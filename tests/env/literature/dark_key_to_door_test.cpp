// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<int64_t> DicpsPairs() {
  return FixtureFile(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5")
      .Read<int64_t>("python_shuffle_6561");
}

/// The number in DICP's list of the pair with these cells, (x, y) each.
std::string NumberOf(int64_t kx, int64_t ky, int64_t dx, int64_t dy) {
  const auto pairs = DicpsPairs();
  const int64_t pair = ((kx * 9 + ky) * 9 + dx) * 9 + dy;
  return std::to_string(std::ranges::find(pairs, pair) - pairs.begin());
}

std::unique_ptr<Environment> Rooms(const std::string& id) {
  auto rooms = MakeListedEnvironment(id, {});
  rooms->StartChain(0, 1);
  rooms->Reset(0, 1);
  return rooms;
}

StepOutcome Do(Environment& rooms, double action) {
  return rooms.Step(std::span(&action, 1), std::vector<uint8_t>{1})[0];
}

std::vector<double> Rewards(Environment& rooms, const std::vector<double>& actions) {
  std::vector<double> rewards;
  for (const double action : actions) rewards.push_back(Do(rooms, action).reward);
  return rewards;
}

// Key (4, 6), door (4, 5), from the centre (4, 4): the door says nothing before the key.
TEST(DarkKeyToDoorTest, TheDoorOpensOnlyWithTheKeyAndBothPayOnce) {
  const auto rooms = Rooms("literature/dark-key-to-door-v0?task=" + NumberOf(4, 6, 4, 5));
  EXPECT_THAT(rooms->observation(0), ElementsAre(4, 4));
  EXPECT_THAT(rooms->hidden_parameter()->parameter(0), ElementsAre(4, 6, 4, 5));
  // y + 1 (the door), y + 1 (the key), stay, y - 1 (the door), stay, y + 1 (the key again), back.
  EXPECT_THAT(Rewards(*rooms, {2, 2, 4, 3, 4, 2, 3}), ElementsAre(0, 1, 0, 1, 0, 0, 0));
  // In the next episode both are there again.
  rooms->Reset(0, 2);
  EXPECT_THAT(Rewards(*rooms, {2, 3, 2, 2, 3}), ElementsAre(0, 0, 0, 1, 1));
}

TEST(DarkKeyToDoorTest, ADoorOnTheKeysCellTakesOneMoreStep) {
  const auto rooms = Rooms("literature/dark-key-to-door-v0?task=" + NumberOf(5, 4, 5, 4));
  EXPECT_THAT(Rewards(*rooms, {0, 4, 4}), ElementsAre(1, 1, 0));
}

TEST(DarkKeyToDoorTest, TheDoorEndsAnEpisodeWhereItIsAskedTo) {
  const auto rooms = Rooms("literature/dark-key-to-door-v0?end=door&task=" + NumberOf(5, 4, 4, 4));
  EXPECT_FALSE(Do(*rooms, 0).over());
  EXPECT_TRUE(Do(*rooms, 1).terminated);
}

TEST(DarkKeyToDoorTest, TheKeyIsSeenWhereItIsAskedToAndAfterWhatAnOracleSees) {
  const std::string task = "key=seen&task=" + NumberOf(5, 4, 4, 4);
  const auto rooms = Rooms("literature/dark-key-to-door-v0?" + task);
  EXPECT_THAT(rooms->observation(0), ElementsAre(4, 4, 0));
  Do(*rooms, 0);
  EXPECT_THAT(rooms->observation(0), ElementsAre(5, 4, 1));
  const auto oracle = Rooms("literature/dark-key-to-door-oracle-v0?" + task);
  EXPECT_THAT(oracle->observation(0), ElementsAre(4, 4, 5, 4, 4, 4, 0));
}

TEST(DarkKeyToDoorTest, DicpsPairsAreInThePublishedOrderAndTheLast328AreTests) {
  const auto pairs = DicpsPairs();
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    const auto rooms = MakeListedEnvironment("literature/dark-key-to-door-v0", {.parameters = set});
    int64_t lowest = 6561, highest = -1;
    for (uint64_t seed = 0; seed < 5000; ++seed) {
      rooms->StartChain(0, seed);
      const auto p = rooms->hidden_parameter()->parameter(0);
      const auto pair = static_cast<int64_t>(((p[0] * 9 + p[1]) * 9 + p[2]) * 9 + p[3]);
      const int64_t number = std::ranges::find(pairs, pair) - pairs.begin();
      lowest = std::min(lowest, number);
      highest = std::max(highest, number);
    }
    if (set == ParameterSet::kTraining) {
      EXPECT_LT(highest, 6561 - 328);
      EXPECT_LT(lowest, 10);
    } else {
      EXPECT_EQ(lowest, 6561 - 328);
      EXPECT_EQ(highest, 6560);
    }
  }
}

TEST(DarkKeyToDoorTest, DrawnKeysAndDoorsNeverShareACell) {
  const auto rooms = Rooms("literature/dark-key-to-door-v0?size=2&goals=drawn");
  std::set<std::vector<double>> drawn;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    rooms->StartChain(0, seed);
    const auto p = rooms->hidden_parameter()->parameter(0);
    EXPECT_FALSE(p[0] == p[2] && p[1] == p[3]);
    drawn.insert({p.begin(), p.end()});
  }
  EXPECT_EQ(drawn.size(), 12u);  // 4 * 3
}

TEST(DarkKeyToDoorTest, WrongArgumentsAreRefused) {
  EXPECT_THAT([] { Rooms("literature/dark-key-to-door-v0?size=31"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("goals=drawn takes any")));
  EXPECT_THAT([] { Rooms("literature/dark-key-to-door-v0?key=held"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected one of hidden, seen")));
}

}  // namespace
}  // namespace longplay
