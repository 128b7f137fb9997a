// SPDX-License-Identifier: MIT
#include "agent/films/run_films.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/evaluation/film.h"
#include "agent/summary/comparison_report.h"
#include "tests/agent/summary/small_comparison.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

TEST(RunFilmsTest, TheBestAndTheMedianRunOfTheBestRowAreWorthALook) {
  const Comparison comparison = LongerThanTrained();  // row 1 is better, a later seed earns more
  const std::vector<RunToFilm> films = RunsToFilm(comparison);
  ASSERT_EQ(films.size(), 2U);
  EXPECT_EQ(comparison.runs[films[0].run].row, 1U);
  EXPECT_EQ(comparison.runs[films[0].run].seed, 3U);
  EXPECT_EQ(films[0].caption,
            "The best run: 2 episodes, seed 3, return 23.0 over its evaluation seeds; the film "
            "shows one of them.");
  EXPECT_EQ(comparison.runs[films[1].run].seed, 1U);
  EXPECT_THAT(films[1].caption, HasSubstr("The median run: 2 episodes, seed 1, return 21.0"));
}

TEST(RunFilmsTest, WithoutASimulatorOrARunThereIsNoFilm) {
  Comparison comparison = SmallComparison();
  for (ComparedRun& run : comparison.runs) run.outcome.reset();
  EXPECT_TRUE(RunsToFilm(comparison).empty());
  comparison = SmallComparison();
  comparison.tasks[0].environment = "";
  EXPECT_TRUE(RunsToFilm(comparison).empty());
}

TEST(RunFilmsTest, FilmsThatAreThereStandInTheReport) {
  const Comparison comparison = SmallComparison();
  const std::string out = TemporaryPath("out");
  const ComparedRun& best = comparison.runs[RunsToFilm(comparison)[0].run];
  Report report = ComparisonReport(comparison, "complete");
  AddFilms(comparison, out, report);
  EXPECT_TRUE(report.sections[0].videos.empty());
  std::filesystem::create_directories(out + "/" + best.folder);
  std::ofstream(FilmOfRun(out + "/" + best.folder)) << "film";
  AddFilms(comparison, out, report);
  ASSERT_EQ(report.sections[0].videos.size(), 1U);
  EXPECT_EQ(report.sections[0].videos[0].path, out + "/" + best.folder + "/video.mp4");
}

TEST(RunFilmsTest, WhatCannotBeFilmedIsANote) {
  const Comparison comparison = SmallComparison();
  const std::vector<std::string> notes = FilmRuns(comparison, TemporaryPath("nothing"));
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_THAT(notes[0], HasSubstr("no film of 11: "));
}

}  // namespace
}  // namespace longplay
