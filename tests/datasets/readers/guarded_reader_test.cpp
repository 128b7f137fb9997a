// SPDX-License-Identifier: MIT
#include "datasets/readers/guarded_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <stdexcept>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two episodes of one step; what else reading one does is given.
class MadeUpReader : public FormatReader {
 public:
  explicit MadeUpReader(std::function<void(int64_t)> load) : load_(std::move(load)) {
    info_.path = "made up";
    info_.format = "d4rl";
    info_.action_low = {-1};
    info_.action_high = {1};
    info_.observation_parts = {{"a/b", 2}};
  }
  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    info_.episodes = 2;
    info_.observation_size = 2;
    log.Warn("made up", "odd");
    alive();
  }
  void Load(int64_t index, Episode& episode, ProblemLog&) const override {
    load_(index);
    episode = {.observation_size = 2,
               .action_columns = 1,
               .observations = {0, 1, static_cast<double>(index), 3},
               .actions = {0.5},
               .rewards = {4},
               .terminated = index == 0,
               .history = 7,
               .truncated = index == 1};
  }
  EpisodeExtras ReadExtras(int64_t index) const override {
    return {.seed = index == 0 ? std::optional<uint64_t>(~uint64_t{0}) : std::nullopt,
            .infos = {{"goal/x", {.type = "int8", .row_shape = {2}, .values = {1, 2, 3, 4}}}},
            .left_out = {"infos/text", ""}};
  }
  RecordedPhysics ReadPhysics(int64_t) const override { return {.columns = 3, .rows = {1, 2, 3}}; }

 private:
  std::function<void(int64_t)> load_;
  DatasetInfo info_;
};

std::unique_ptr<EpisodeReader> Open(const std::function<void(int64_t)>& load) {
  return OpenGuarded("made up", {}, [load] { return std::make_unique<MadeUpReader>(load); });
}

TEST(GuardedReaderTest, WhatTheChildReadsComesBackWhole) {
  const auto reader = Open([](int64_t) {});
  EXPECT_EQ(reader->info().episodes, 2) << "as the survey counted";
  EXPECT_EQ(reader->info().observation_parts[0].name, "a/b");
  const Episode episode = reader->Read(1);
  EXPECT_THAT(episode.observations, ElementsAre(0, 1, 1, 3));
  EXPECT_THAT(episode.actions, ElementsAre(0.5));
  EXPECT_THAT(episode.rewards, ElementsAre(4));
  EXPECT_EQ(episode.observation_size, 2);
  EXPECT_EQ(episode.action_columns, 1);
  EXPECT_EQ(episode.history, 7);
  EXPECT_TRUE(episode.truncated && !episode.terminated);
  const EpisodeExtras extras = reader->ReadExtras(0);
  EXPECT_EQ(extras.seed, ~uint64_t{0});
  EXPECT_EQ(extras.infos.at("goal/x").type, "int8");
  EXPECT_THAT(extras.infos.at("goal/x").row_shape, ElementsAre(2));
  EXPECT_THAT(extras.infos.at("goal/x").values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(extras.left_out, ElementsAre("infos/text", ""));
  EXPECT_FALSE(reader->ReadExtras(1).seed.has_value());
  EXPECT_EQ(reader->ReadPhysics(0).columns, 3);
  EXPECT_THAT(reader->ReadPhysics(0).rows, ElementsAre(1, 2, 3));
}

TEST(GuardedReaderTest, WarningsAreThoseMetSoFar) {
  const auto reader = Open([](int64_t) {});
  ASSERT_EQ(reader->Warnings().size(), 1U);
  EXPECT_EQ(reader->Warnings()[0].problem, "odd");
}

TEST(GuardedReaderTest, ErrorOfOneEpisodeLeavesTheOthersReadable) {
  const auto reader = Open([](int64_t index) {
    if (index == 0) throw DataError("made up:0", "expected a, got b");
  });
  EXPECT_THAT([&] { reader->Read(0); }, testing::ThrowsMessage<std::runtime_error>(
                                            "reading data: made up:0: expected a, got b"));
  EXPECT_EQ(reader->Read(1).length(), 1);
}

TEST(GuardedReaderTest, CrashOfTheChildIsAnErrorOfTheReader) {
  const auto reader = Open([](int64_t) { raise(SIGSEGV); });
  for (int tries = 0; tries < 2; ++tries) {
    EXPECT_THAT([&] { reader->Read(0); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr(
                    "reading data: made up: expected a readable file, got a crash (signal 11")));
  }
}

TEST(GuardedReaderTest, EpisodesThatAreNotThereAreRefusedWithoutAsking) {
  const auto reader = Open([](int64_t) { raise(SIGSEGV); });
  EXPECT_THROW(reader->Read(2), std::out_of_range);
  EXPECT_THROW(reader->ReadExtras(-1), std::out_of_range);
}

}  // namespace
}  // namespace longplay
