// SPDX-License-Identifier: MIT
// Training as a user starts, stops and goes on with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/apps/program.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Data() {
  const std::string data = TemporaryPath("data.hdf5");
  if (fs::exists(data)) return data;
  EXPECT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 120 --out " + data)
          .code,
      0);
  return data;
}

std::string Arguments(const std::string& run) {
  return "train --data " + Data() + " --out " + TemporaryPath(run) +
         " train.tokens_per_step=64 model.layers=1 model.width=16 model.heads=2 chain.episodes=2 ";
}

TEST(TrainTest, ASignalEndsItWithEverythingSavedAndTheLineThatGoesOn) {
  const std::string run = TemporaryPath("stopped");
  for (const char* signal : {"INT", "TERM", "USR1"}) {
    fs::remove_all(run);
    // Once the first rows are there; `exec` so that the signal meets the program itself.
    const std::string error = TemporaryPath("error");
    const std::string script =
        "(exec " LONGPLAY_PROGRAM " " + Arguments("stopped") +
        "train.steps=1000000 train.checkpoint_every=1000000 2>" + error +
        " >/dev/null) & p=$!; while [ ! -s " + run + "/metrics.csv ] || [ $(wc -l <" + run +
        "/metrics.csv) -lt 3 ]; do sleep 0.05; done; kill -" + signal + " $p; wait $p";
    const std::string file = TemporaryPath("script");
    std::ofstream(file) << script;
    // A job in the background of a shell without job control ignores SIGINT: -m has it.
    const int code = WEXITSTATUS(std::system(("bash -m " + file).c_str()));
    EXPECT_EQ(code, 75) << signal;
    EXPECT_THAT(Text(error), AllOf(HasSubstr("stopped by SIG" + std::string(signal)),
                                   HasSubstr("go on with: longplay train --resume " + run)));
    ASSERT_FALSE(fs::is_empty(run + "/checkpoints")) << signal;
  }
}

TEST(TrainTest, AFolderWithARunIsRefusedBeforeTheDataAreRead) {
  ASSERT_EQ(RunProgram(Arguments("used") + "train.steps=1").code, 0);
  const Outcome again = RunProgram("train --data no_such.hdf5 --out " + TemporaryPath("used"));
  EXPECT_EQ(again.code, 1);
  const std::string run = TemporaryPath("used");
  EXPECT_EQ(again.error, "error: training: " + run +
                             ": expected an empty run folder, got checkpoints (--resume " + run +
                             " goes on with them, --out DIR makes another run)\n");
  EXPECT_EQ(again.out, "");
}

TEST(TrainTest, WhatDiffersFromTheDefaultsStandsLastBeforeTraining) {
  const Outcome trained = RunProgram(Arguments("told") + "train.steps=1");
  ASSERT_EQ(trained.code, 0) << trained.error;
  EXPECT_THAT(trained.out,
              HasSubstr("\n# differs from the defaults: chain.episodes=2 model.layers=1 "
                        "model.width=16 model.heads=2 train.steps=1 "
                        "train.tokens_per_step=64; all of this: " +
                        TemporaryPath("told") + "/config.yaml\n"));
}

TEST(TrainTest, ResumeNeedsTheRunAlone) {
  ASSERT_EQ(RunProgram(Arguments("part") + "train.steps=4").code, 0);
  ASSERT_EQ(RunProgram(Arguments("whole") + "train.steps=4").code, 0);
  const std::string part = TemporaryPath("part"), whole = TemporaryPath("whole");
  const std::string config = Text(part + "/config.yaml");
  // Nothing is left to do, and nothing changes.
  const Outcome again = RunProgram("train --resume " + part);
  EXPECT_EQ(again.code, 0) << again.error;
  EXPECT_EQ(Text(part + "/config.yaml"), config);
  // A run as word or as --out, and keys beside it.
  EXPECT_EQ(RunProgram("train --resume " + part + " train.steps=6").code, 0);
  EXPECT_EQ(RunProgram("train --resume --out " + whole + " train.steps=6").code, 0);
  const std::string weights = "/checkpoints/step_6/weights.safetensors";
  EXPECT_EQ(Text(part + weights), Text(whole + weights));
  EXPECT_THAT(Text(part + "/config.yaml"), HasSubstr("steps: 6"));
}

TEST(TrainTest, ADamagedNewestCheckpointDoesNotKeepItFromGoingOn) {
  ASSERT_EQ(RunProgram(Arguments("run") + "train.steps=4 train.checkpoint_every=2").code, 0);
  const std::string run = TemporaryPath("run");
  fs::remove(run + "/checkpoints/step_4/config.yaml");
  const Outcome resumed = RunProgram("train --resume " + run);
  EXPECT_EQ(resumed.code, 0) << resumed.error;
  EXPECT_THAT(resumed.error, HasSubstr("going on from step 2 in its place"));
  EXPECT_TRUE(fs::exists(run + "/checkpoints/step_4/config.yaml"));
}

// It was trained from scratch in the other folder.
TEST(TrainTest, AnotherFolderBesideARunToGoOnWithIsRefused) {
  ASSERT_EQ(RunProgram(Arguments("run") + "train.steps=2").code, 0);
  const std::string run = TemporaryPath("run"), other = TemporaryPath("other");
  const Outcome refused = RunProgram("train --resume " + run + " --out " + other);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.error, HasSubstr("error: training: --out: expected none beside --resume " +
                                       run + ", which goes on where it is, got " + other));
  EXPECT_FALSE(fs::exists(other));
  EXPECT_EQ(RunProgram("train --resume " + run + " --out " + run + "/").code, 0);
}

// The name of "data/" was empty: it was trained in runs/ itself.
TEST(TrainTest, ARunOfAFolderIsNamedAfterIt) {
  const std::string folder = TemporaryPath("");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 120 --out pole",
                 folder)
          .code,
      0);
  const Outcome trained = RunProgram(
      "train --data pole/ train.steps=1 model.layers=1 model.width=16 model.heads=2", folder);
  EXPECT_EQ(trained.code, 0) << trained.error;
  EXPECT_THAT(trained.out, testing::EndsWith("\nruns/pole\n"));
  EXPECT_TRUE(fs::exists(folder + "runs/pole/config.yaml"));
}

TEST(TrainTest, AnotherPolicyIsRefusedInOneLine) {
  ASSERT_EQ(RunProgram(Arguments("run") + "train.steps=2").code, 0);
  const std::string run = TemporaryPath("run"), config = Text(run + "/config.yaml");
  const Outcome refused = RunProgram("train --resume " + run + " model.width=32 train.steps=4");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.error, HasSubstr("error: resuming: "));
  EXPECT_THAT(refused.error, HasSubstr("model.width: 16, got 32"));
  EXPECT_EQ(Text(run + "/config.yaml"), config);
}

// The address sanitizer takes more addresses than any limit allows.
#ifndef __SANITIZE_ADDRESS__
TEST(TrainTest, TooLittleMemoryIsOneLineWithTheWayOut) {
  const std::string script = TemporaryPath("script"), error = TemporaryPath("error");
  std::ofstream(script) << "ulimit -v 3000000; exec " LONGPLAY_PROGRAM " " << Arguments("large")
                        << "model.width=4096 train.tokens_per_step=1000000 2>" << error;
  EXPECT_EQ(WEXITSTATUS(std::system(("bash " + script).c_str())), 1);
  const std::string text = Text(error);
  const size_t line = text.rfind("error: ");
  ASSERT_NE(line, std::string::npos) << text;
  EXPECT_THAT(text.substr(line), AllOf(HasSubstr("error: out of memory"),
                                       HasSubstr("to use less, set train.tokens_per_pass")));
  EXPECT_EQ(std::count(text.begin() + static_cast<int64_t>(line), text.end(), '\n'), 1) << text;
}
#endif

}  // namespace
}  // namespace longplay
