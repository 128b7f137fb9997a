// SPDX-License-Identifier: MIT
#include "agent/training/choose_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/config/config.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/train.h"
#include "tests/agent/ranks/thread_ranks.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChooseScheduleTest : public testing::Test {
 protected:
  ChooseScheduleTest() : set_(EpisodeSet::Load({WriteSmallData()})), options_(SmallRun("")) {
    options_.train.device = "cpu";
    options_.train.threads = 1;
    options_.train.tokens_per_step = 96;  // eight chains of two episodes of six steps
  }
  RunOptions Chosen(RunStart start, std::vector<std::string>& notes) const {
    return WithChoices(FitToData(options_, set_), set_, TemporaryPath("run"), start, notes);
  }

  EpisodeSet set_;
  RunOptions options_;
};

TEST_F(ChooseScheduleTest, TheLargestStepIsThatOfThePlan) {
  const auto step = [&] { return LargestStep(FitToData(options_, set_), set_); };
  EXPECT_EQ(step().pass.chains, 8);
  EXPECT_EQ(step().pass.steps, 12);
  EXPECT_EQ(step().passes, 1);
  options_.train.threads = 2;  // two passes a thread
  EXPECT_EQ(step().pass.chains, 2);
  EXPECT_EQ(step().passes, 4);
  EXPECT_EQ(step().side_by_side, 2);
  options_.train.threads = 1;
  options_.train.tokens_per_pass = 40;
  EXPECT_EQ(step().pass.chains, 3);
  EXPECT_EQ(step().passes, 3);
  EXPECT_EQ(step().side_by_side, 1);
  options_.chain.window = 5;  // nineteen windows, eight in a pass of 40
  EXPECT_EQ(step().pass.steps, 5);
  EXPECT_EQ(step().pass.chains, 8);
}

TEST_F(ChooseScheduleTest, WhatIsNamedStaysAndIsNotTold) {
  std::vector<std::string> notes;
  options_.model.keep = Keep::kLayerInputs;
  EXPECT_EQ(Chosen(RunStart::kFresh, notes).model.keep, Keep::kLayerInputs);
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ChooseScheduleTest, AutoBecomesWhatFitsAndIsTold) {
  std::vector<std::string> notes;
  options_.model.keep = Keep::kAuto;
  EXPECT_EQ(Chosen(RunStart::kFresh, notes).model.keep, Keep::kEverything);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("model.keep: auto is everything: ")));
  notes.clear();
  options_.train.memory = 1;
  EXPECT_EQ(Chosen(RunStart::kFresh, notes).model.keep, Keep::kLayerInputs);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("which does not fit")));
  // A method without a sequence model is not measured.
  notes.clear();
  options_.train.method = Method::kTd3Bc;
  EXPECT_NE(Chosen(RunStart::kFresh, notes).model.keep, Keep::kAuto);
  EXPECT_THAT(notes, IsEmpty());
}

// A run that chose everything has the bytes of one that was told so.
TEST_F(ChooseScheduleTest, ARunOfAutoIsTheRunOfWhatItChose) {
  options_.model.keep = Keep::kEverything;
  Train(options_, set_, TemporaryPath("named"), RunStart::kFresh, {});
  options_.model.keep = Keep::kAuto;
  Train(options_, set_, TemporaryPath("chosen"), RunStart::kFresh, {});
  ExpectSameCheckpoint(TemporaryPath("named"), TemporaryPath("chosen"));
  EXPECT_EQ(LoadConfig(TemporaryPath("chosen") + "/config.yaml", {"data.files=x"}).model.keep,
            Keep::kEverything);
}

// The checkpoint decides, not the memory of the machine where the run goes on.
TEST_F(ChooseScheduleTest, AResumedRunKeepsItsChoice) {
  options_.model.keep = Keep::kAuto;
  options_.train.steps = 4;
  Train(options_, set_, TemporaryPath("run"), RunStart::kFresh, {});
  options_.train.memory = 1;
  std::vector<std::string> notes;
  const RunOptions chosen = Chosen(RunStart::kResume, notes);
  EXPECT_EQ(chosen.model.keep, Keep::kEverything);
  EXPECT_EQ(chosen.model.tokens_at_once, 0);
  EXPECT_THAT(notes, IsEmpty());
}

// Machines that hold less follow the first.
TEST_F(ChooseScheduleTest, RanksChooseAsRankZeroDoes) {
  options_.model.keep = Keep::kAuto;
  RunOptions ranks[2] = {FitToData(options_, set_), FitToData(options_, set_)};
  ranks[1].train.memory = 1;
  ThreadRanks(2).Run([&](ProcessGroup& group) {
    RunOptions& own = ranks[group.rank()];
    own = ChooseTogether(own, set_, TemporaryPath("run"), RunStart::kFresh, &group);
  });
  for (const RunOptions& own : ranks) {
    EXPECT_EQ(own.model.keep, Keep::kEverything);
    EXPECT_EQ(own.model.tokens_at_once, 0);
  }
}

}  // namespace
}  // namespace longplay
