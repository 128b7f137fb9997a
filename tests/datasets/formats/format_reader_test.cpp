// SPDX-License-Identifier: MIT
#include "datasets/formats/format_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace longplay {
namespace {

/// Three episodes of one step; what one observes is given, the second cannot be read.
class MadeUpReader : public FormatReader {
 public:
  explicit MadeUpReader(double observation) : observation_(observation) {
    info_.path = "made up";
    info_.episodes = 3;
    info_.observation_size = 1;
  }
  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    alive();
    log.Warn("made up", "odd");
  }
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override {
    log.Attempt([&] {
      if (index == 1) throw DataError("episode 1", "expected a, got b");
    });
    log.Attempt([&] {
      if (index == 1) throw DataError("episode 1", "expected c, got d");
    });
    episode = {.observation_size = 1,
               .action_columns = 1,
               .observations = {observation_ + static_cast<double>(index)},
               .actions = {0},
               .rewards = {0},
               .truncated = true};
  }

 private:
  double observation_;
  DatasetInfo info_;
};

std::vector<std::string> Problems(double observation) {
  MadeUpReader reader(observation);
  ProblemLog log(ProblemLog::Mode::kCollect);
  SurveyAll(reader, log, [] {});
  std::vector<std::string> problems;
  for (const Problem& problem : log.problems()) problems.push_back(problem.where);
  return problems;
}

TEST(FormatReaderTest, ReadingStopsAtTheFirstError) {
  const MadeUpReader reader(0);
  EXPECT_EQ(reader.EpisodeReader::Read(2).observations, std::vector<double>{2});
  EXPECT_THAT([&] { reader.EpisodeReader::Read(1); },
              testing::ThrowsMessage<DataError>(testing::HasSubstr("expected a, got b")));
}

TEST(FormatReaderTest, SurveyOfAllNamesEveryErrorAndGoesOn) {
  EXPECT_THAT(Problems(0), testing::ElementsAre("made up", "episode 1", "episode 1"));
}

TEST(FormatReaderTest, NumbersThatFloat32CannotHoldAreErrors) {
  EXPECT_THAT(Problems(1e39),
              testing::ElementsAre(
                  "made up", "made up: episode 0, step 0, observation", "episode 1", "episode 1",
                  "made up: episode 2, step 0, observation", "made up: episode 2"));
}

}  // namespace
}  // namespace longplay
