// SPDX-License-Identifier: MIT
#include "datasets/checks/jump_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Rows = std::vector<double>;  // [N, 2]

/// Rows that change by 1 and by 0.5 + 0.5 * (t mod 3), from `start` on.
Rows SmoothRows(int64_t count, double start) {
  Rows rows;
  double second = start;
  for (int64_t t = 0; t < count; ++t) {
    rows.push_back(start + static_cast<double>(t));
    rows.push_back(second += 0.5 + 0.5 * static_cast<double>(t % 3));
  }
  return rows;
}

/// The twin: all changes kept, each compared with the means of all of them.
std::vector<JumpCheck::Place> ReferenceJumps(const std::vector<Rows>& episodes) {
  std::vector<double> sums(2), counts(2);
  std::vector<std::pair<JumpCheck::Place, Rows>> changes;
  for (size_t e = 0; e < episodes.size(); ++e) {
    for (size_t t = 1; 2 * t < episodes[e].size(); ++t) {
      Rows change;
      for (size_t k = 0; k < 2; ++k) {
        change.push_back(std::abs(episodes[e][2 * t + k] - episodes[e][2 * t - 2 + k]));
        sums[k] += change[k];
        counts[k] += change[k] > 0 ? 1 : 0;
      }
      changes.push_back({{static_cast<int64_t>(e), static_cast<int64_t>(t)}, change});
    }
  }
  std::vector<JumpCheck::Place> jumps;
  for (const auto& [place, change] : changes) {
    const double mean = (change[0] * counts[0] / sums[0] + change[1] * counts[1] / sums[1]) / 2;
    if (mean > 8) jumps.push_back(place);
  }
  return jumps;
}

std::vector<JumpCheck::Place> Jumps(const std::vector<Rows>& episodes) {
  JumpCheck check;
  for (size_t e = 0; e < episodes.size(); ++e) check.Add(static_cast<int64_t>(e), episodes[e], 2);
  return check.Jumps();
}

TEST(JumpCheckTest, JumpsAreThoseOfTheTwin) {
  std::vector<Rows> episodes = {SmoothRows(900, 0), SmoothRows(700, -50), SmoothRows(2, 5)};
  EXPECT_THAT(Jumps(episodes), IsEmpty());
  // Before and after the first means are known, and one that is too small.
  for (const auto& [episode, step, by] : {std::tuple(0, 20, 40.0), std::tuple(0, 800, 30.0),
                                          std::tuple(1, 3, 5.0), std::tuple(1, 650, -60.0)}) {
    for (size_t i = 2 * static_cast<size_t>(step); i < episodes[episode].size(); ++i) {
      episodes[episode][i] += by;
    }
  }
  EXPECT_THAT(Jumps(episodes), ElementsAre(JumpCheck::Place{0, 20}, JumpCheck::Place{0, 800},
                                           JumpCheck::Place{1, 650}));
  EXPECT_EQ(Jumps(episodes), ReferenceJumps(episodes));
}

TEST(JumpCheckTest, EpisodesBeginWhereTheyLike) {
  EXPECT_THAT(Jumps({SmoothRows(300, 0), SmoothRows(300, 1e6), SmoothRows(300, -1e6)}), IsEmpty());
}

TEST(JumpCheckTest, NothingAndSingleRowsHaveNoJump) {
  EXPECT_THAT(JumpCheck().Jumps(), IsEmpty());
  EXPECT_THAT(Jumps({SmoothRows(1, 0), {}, SmoothRows(1, 1000)}), IsEmpty());
}

}  // namespace
}  // namespace longplay
