// SPDX-License-Identifier: MIT
#include "env/literature/dark_cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

using DarkCell = std::vector<double>;

DarkCell After(Environment& environment, double action) {
  environment.Step(std::span(&action, 1), std::vector<uint8_t>{1});
  const auto seen = environment.observation(0);
  return {seen.begin(), seen.end()};
}

std::unique_ptr<Environment> Begun(const std::string& id) {
  auto environment = MakeListedEnvironment(id, {});
  environment->StartChain(0, 1);
  environment->Reset(0, 1);
  return environment;
}

// 0 x + 1, 1 x - 1, 2 y + 1, 3 y - 1, 4 stay, and the walls of 3 x 3 cells from its centre.
TEST(DarkCellsTest, DptsMovesAndWallsAreAsPublished) {
  const auto room = Begun("literature/dark-room-v0?size=3&start=centre&goals=drawn");
  EXPECT_THAT(room->observation(0), ElementsAre(1, 1));
  for (const auto& [action, cell] : std::vector<std::pair<double, DarkCell>>{{0, {2, 1}},
                                                                             {0, {2, 1}},
                                                                             {2, {2, 2}},
                                                                             {2, {2, 2}},
                                                                             {4, {2, 2}},
                                                                             {1, {1, 2}},
                                                                             {1, {0, 2}},
                                                                             {1, {0, 2}},
                                                                             {3, {0, 1}},
                                                                             {3, {0, 0}},
                                                                             {3, {0, 0}}}) {
    EXPECT_EQ(After(*room, action), cell);
  }
}

// 0 stay, 1 x - 1, 2 y + 1, 3 x + 1, 4 y - 1; the observation is 3 x + y.
TEST(DarkCellsTest, ToymetasMovesAndIndicesAreAsPublished) {
  const auto room = Begun(
      "literature/dark-room-v0?size=3&start=centre&goals=drawn&moves=toymeta&observation=index");
  EXPECT_EQ(room->spec().observation_size, 1);
  EXPECT_THAT(room->observation(0), ElementsAre(4));
  for (const auto& [action, index] :
       std::vector<std::pair<double, double>>{{0, 4}, {1, 1}, {2, 2}, {3, 5}, {4, 4}, {4, 3}}) {
    EXPECT_EQ(After(*room, action), DarkCell{index});
  }
}

TEST(DarkCellsTest, ARandomStartIsAnyCell) {
  const auto room =
      MakeListedEnvironment("literature/dark-key-to-door-v0?size=4&start=random&goals=drawn", {});
  std::set<DarkCell> starts;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    room->Reset(0, seed);
    starts.insert({room->observation(0).begin(), room->observation(0).end()});
  }
  EXPECT_EQ(starts.size(), 16u);
}

TEST(DarkCellsTest, TheLimitIsTheIdsOrTheTasksOwn) {
  EXPECT_EQ(Begun("literature/dark-room-v0")->spec().max_episode_steps, 100);
  EXPECT_EQ(Begun("literature/dark-room-v0?limit=7")->spec().max_episode_steps, 7);
  EXPECT_EQ(Begun("literature/dark-key-to-door-v0")->spec().max_episode_steps, 50);
}

TEST(DarkCellsTest, WrongArgumentsAreRefused) {
  for (const auto& [arguments, part] : std::vector<std::pair<std::string, std::string>>{
           {"size=1", "size: expected 2 to 1000, got \"1\""},
           {"limit=0", "limit: expected 1 to 1000000, got \"0\""},
           {"start=middle", "start: expected one of corner, centre, random, got \"middle\""},
           {"moves=ad", "moves: expected one of dpt, toymeta, got \"ad\""},
           {"observation=picture", "observation: expected one of cell, index, got \"picture\""},
           {"colour=red", "got colour"}}) {
    EXPECT_THAT([&] { MakeListedEnvironment("literature/dark-room-v0?" + arguments, {}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace longplay
