// SPDX-License-Identifier: MIT
#include "agent/collect_work/episode_journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

JournalEntry Entry(int64_t history, int64_t length) {
  const auto n = static_cast<size_t>(length);
  return {.episode = {.observation_size = 2,
                      .action_columns = 1,
                      .observations = std::vector<double>(2 * n + 2, 0.25),
                      .actions = std::vector<double>(n, 0.5),
                      .rewards = std::vector<double>(n, 2.0),
                      .terminated = true,
                      .history = history},
          .diverged = length == 0,
          .simulation = 3,
          .first_round = 17,
          .shares = std::vector<float>(n, 0.125F)};
}

TEST(EpisodeJournalTest, WhatWasAppendedIsReadBack) {
  const std::string path = TemporaryPath("journal");
  EpisodeJournal(path).Append(Entry(5, 4));
  EpisodeJournal journal(path);
  ASSERT_EQ(journal.places().size(), 1U);
  const JournalPlace& place = journal.places()[0];
  EXPECT_EQ(place.history, 5);
  EXPECT_EQ(place.length, 4);
  EXPECT_EQ(place.simulation, 3);
  EXPECT_EQ(place.first_round, 17);
  EXPECT_EQ(place.episode_return, 8);
  const JournalEntry entry = journal.Read(place), written = Entry(5, 4);
  EXPECT_EQ(entry.episode.observations, written.episode.observations);
  EXPECT_EQ(entry.episode.actions, written.episode.actions);
  EXPECT_EQ(entry.episode.rewards, written.episode.rewards);
  EXPECT_EQ(entry.shares, written.shares);
  EXPECT_TRUE(entry.episode.terminated);
  EXPECT_FALSE(entry.episode.truncated);
  EXPECT_FALSE(entry.diverged);
  EXPECT_EQ(journal.steps(), 4);
}

TEST(EpisodeJournalTest, EpisodesComeHistoryAfterHistoryWithoutEmptyOnes) {
  EpisodeJournal journal(TemporaryPath("journal"));
  for (const int64_t history : {1, 0, 1, 0}) journal.Append(Entry(history, 2 + history));
  journal.Append(Entry(0, 0));
  std::vector<int64_t> histories;
  journal.ForEach([&](const Episode& episode) {
    histories.push_back(episode.history);
    EXPECT_EQ(episode.length(), 2 + episode.history);
  });
  EXPECT_EQ(histories, (std::vector<int64_t>{0, 0, 1, 1}));
}

TEST(EpisodeJournalTest, AnEntryThatIsNotWholeIsCutOff) {
  const std::string path = TemporaryPath("journal");
  int64_t first = 0, second = 0;
  {
    EpisodeJournal journal(path);
    journal.Append(Entry(0, 2));
    first = journal.bytes();
    journal.Append(Entry(1, 3));
    second = journal.bytes();
  }
  for (const int64_t bytes : {second - 1, first + 12, first + 3}) {
    fs::resize_file(path, bytes);
    EpisodeJournal journal(path);
    EXPECT_EQ(journal.bytes(), first);
    EXPECT_EQ(fs::file_size(path), static_cast<size_t>(first));
    journal.Append(Entry(1, 3));
    EXPECT_EQ(EpisodeJournal(path).places().size(), 2U);
  }
  // A byte that changed: nothing from there on is trusted.
  std::fstream(path, std::ios::in | std::ios::out).seekp(first + 30).put('x');
  EXPECT_EQ(EpisodeJournal(path).bytes(), first);
}

// Twelve zeros were taken for an entry of 0 bytes, whose checksum is 0, and read past their end.
TEST(EpisodeJournalTest, ZerosThatAPowerLossLeftEndIt) {
  const std::string path = TemporaryPath("journal");
  int64_t whole = 0;
  {
    EpisodeJournal journal(path);
    journal.Append(Entry(0, 2));
    whole = journal.bytes();
  }
  for (const int64_t zeros : {5, 12, 13, 4096}) {
    fs::resize_file(path, whole + zeros);
    EpisodeJournal journal(path);
    EXPECT_EQ(journal.bytes(), whole);
    EXPECT_EQ(journal.places().size(), 1U);
    EXPECT_EQ(fs::file_size(path), static_cast<size_t>(whole));
  }
}

TEST(EpisodeJournalTest, WhatCameAfterSoManyBytesIsForgotten) {
  const std::string path = TemporaryPath("journal");
  int64_t first = 0;
  {
    EpisodeJournal journal(path);
    journal.Append(Entry(0, 2));
    first = journal.bytes();
    journal.Append(Entry(1, 3));
  }
  EXPECT_THROW(EpisodeJournal(path, first + 5), std::runtime_error);  // within an entry
  EXPECT_THROW(EpisodeJournal(path, 100000), std::runtime_error);
  EXPECT_EQ(EpisodeJournal(path, first).places().size(), 1U);
}

}  // namespace
}  // namespace longplay
