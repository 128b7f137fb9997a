// SPDX-License-Identifier: MIT
// Several processes that train together, as a user starts them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/apps/program.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string RanksData() {
  const std::string data = TemporaryPath("data.hdf5");
  if (fs::exists(data)) return data;
  EXPECT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 400 --out " + data)
          .code,
      0);
  return data;
}

/// A small training whose steps have several chains; train.threads says how they are cut.
std::string RanksArguments(const std::string& run) {
  return "train --data " + RanksData() + " --out " + TemporaryPath(run) +
         " train.tokens_per_step=256 train.threads=2 model.layers=1 model.width=16 model.heads=2 "
         "chain.episodes=2 ";
}

int64_t Errors(const std::string& text) {
  int64_t count = 0;
  for (size_t at = text.find("error:"); at != std::string::npos; at = text.find("error:", at + 1)) {
    ++count;
  }
  return count;
}

void ExpectSameFiles(const std::string& a, const std::string& b, int64_t step) {
  for (const char* file : {"weights.safetensors", "training.safetensors", "sampler.txt"}) {
    const std::string name = "/checkpoints/step_" + std::to_string(step) + "/" + file;
    EXPECT_FALSE(Text(TemporaryPath(a) + name).empty());
    EXPECT_TRUE(Text(TemporaryPath(a) + name) == Text(TemporaryPath(b) + name)) << a << " " << name;
  }
}

TEST(TrainRanksTest, RanksEndWithTheBytesOfOneProcess) {
  const std::string steps = "train.steps=12 train.checkpoint_every=4";
  ASSERT_EQ(RunProgram(RanksArguments("one") + steps).code, 0);
  for (const char* ranks : {"2", "3"}) {
    const std::string run = std::string("of_") + ranks;
    const Outcome trained = RunProgram(RanksArguments(run) + steps + " --json --ranks " + ranks);
    ASSERT_EQ(trained.code, 0) << trained.error;
    EXPECT_THAT(trained.error, HasSubstr("note: rank 0 of " + std::string(ranks) +
                                         ", started by longplay train --ranks"));
    // One JSON object, of rank 0.
    EXPECT_EQ(std::ranges::count(trained.out, '\n'), 1) << trained.out;
    ExpectSameFiles("one", run, 12);
    EXPECT_EQ(Text(TemporaryPath(run) + "/config.yaml"),
              Text(TemporaryPath("one") + "/config.yaml"));
  }
}

/// Of the last row that --json prints.
double LossIn(const std::string& out) {
  const std::string key = "\"loss\":";
  return std::atof(out.c_str() + out.find(key) + key.size());
}

// Each chain is shared by two processes, of which four make two groups.
TEST(TrainRanksTest, RanksThatShareChainsEndWhereOneProcessDoes) {
  int run = 0;
  const auto ends = [&run](const std::string& words) {
    const Outcome outcome = RunProgram(RanksArguments("run_" + std::to_string(run++)) + words);
    EXPECT_EQ(outcome.code, 0) << outcome.error;
    return LossIn(outcome.out);
  };
  for (const char* mixer : {"attention", "mamba2"}) {
    const std::string words =
        std::string("train.steps=12 train.dtype=float64 --json model.mixer=") + mixer +
        " model.mamba2_head_width=8 ";
    const double loss = ends(words);
    EXPECT_GT(loss, 1e-3);
    for (const char* ranks : {"2", "4"}) {
      EXPECT_NEAR(ends(words + "parallel.context=2 --ranks " + ranks), loss, 1e-9 * loss)
          << mixer << " " << ranks;
    }
  }
  // Taipan's penalty counts the padding of a pass, so the passes must be the same: those of one thread.
  const std::string words =
      "train.steps=12 train.dtype=float64 --json model.mixer=taipan model.layers=2 "
      "model.taipan_period=1 model.mamba2_head_width=8 ";
  const double loss = ends(words + "train.threads=1");
  EXPECT_NEAR(ends(words + "parallel.context=2 --ranks 2"), loss, 1e-9 * loss);
}

TEST(TrainRanksTest, AContextThatCannotBeIsRefusedInOneLine) {
  const std::string words = RanksArguments("context") + "parallel.context=2 ";
  const Outcome alone = RunProgram(words);
  EXPECT_EQ(alone.code, 1);
  EXPECT_THAT(alone.error, HasSubstr("error: training: parallel.context: expected 1 in one process "
                                     "(--ranks starts several), got 2"));
  const Outcome three = RunProgram(words + "--ranks 3");
  EXPECT_EQ(three.code, 1);
  EXPECT_EQ(Errors(three.error), 1) << three.error;
  EXPECT_THAT(three.error, HasSubstr("parallel.context: expected a divisor of the 3 ranks, got 2"));
}

TEST(TrainRanksTest, ARunGoesOnWithAnotherNumberOfRanks) {
  ASSERT_EQ(RunProgram(RanksArguments("whole") + "train.steps=12").code, 0);
  ASSERT_EQ(RunProgram(RanksArguments("moved") + "train.steps=12 train.checkpoint_every=4 "
                                                 "train.keep_checkpoints=9 --ranks 2")
                .code,
            0);
  // As if it had been stopped after step 4.
  const std::string run = TemporaryPath("moved");
  for (const char* step : {"8", "12"}) fs::remove_all(run + "/checkpoints/step_" + step);
  const Outcome resumed = RunProgram("train --ranks 3 --resume " + run);
  EXPECT_EQ(resumed.code, 0) << resumed.error;
  EXPECT_THAT(resumed.error, Not(HasSubstr("another schedule")));
  ExpectSameFiles("whole", "moved", 12);
}

TEST(TrainRanksTest, FewerChainsThanRanksAreRefusedInOneLine) {
  const Outcome refused = RunProgram(RanksArguments("few") + "train.tokens_per_step=16 --ranks 3");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(Errors(refused.error), 1) << refused.error;
  EXPECT_THAT(refused.error, AllOf(HasSubstr("error: training: 3 ranks: expected a step of at"),
                                   HasSubstr("a larger train.tokens_per_step")));
}

TEST(TrainRanksTest, WhatIsWrongWithTheWordsIsToldOnce) {
  const Outcome refused = RunProgram(RanksArguments("wrong") + "model.wide=3 --ranks 2");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(Errors(refused.error), 1) << refused.error;
  EXPECT_EQ(RunProgram(RanksArguments("wrong") + "--ranks 0").code, 2);
}

/// Processes of this test: `longplay train --ranks`, and its ranks.
class RunningRanks {
 public:
  /// Runs until its first rows are there.
  RunningRanks(const std::string& run, int64_t ranks, const std::string& more)
      : run_(run), error_(TemporaryPath(run + ".error")) {
    const std::string script = TemporaryPath(run + ".sh");
    std::ofstream(script) << LONGPLAY_PROGRAM " " << RanksArguments(run) << "--ranks " << ranks
                          << " " << more << " 2>" << error_ << " >/dev/null & echo $! >" << script
                          << ".id; wait $!; echo $? >" << script << ".code\n";
    script_ = script;
    shell_ = std::thread([script] { std::system(("bash " + script).c_str()); });
    const std::string rows = TemporaryPath(run) + "/metrics.csv";
    for (int i = 0; i < 1200 && Lines(rows) < 3; ++i) Wait();
    EXPECT_GE(Lines(rows), 3) << Text(error_);
    std::ifstream(script + ".id") >> launcher_;
    // Ranks by their order: children of the launcher.
    const std::string children = Text("/proc/" + std::to_string(launcher_) + "/task/" +
                                      std::to_string(launcher_) + "/children");
    std::istringstream words(children);
    for (int64_t id = 0; words >> id;) ranks_.push_back(id);
    EXPECT_EQ(static_cast<int64_t>(ranks_.size()), ranks);
  }
  ~RunningRanks() {
    if (shell_.joinable()) shell_.join();
  }
  RunningRanks(const RunningRanks&) = delete;
  RunningRanks& operator=(const RunningRanks&) = delete;

  void SendTo(int64_t rank, int signal) { kill(static_cast<pid_t>(ranks_.at(rank)), signal); }
  void SendToLauncher(int signal) { kill(static_cast<pid_t>(launcher_), signal); }
  /// Its exit code, once all have ended.
  int Await() {
    shell_.join();
    int code = -1;
    std::ifstream(script_ + ".code") >> code;
    return code;
  }
  std::string error() const { return Text(error_); }

 private:
  static void Wait() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }
  static int64_t Lines(const std::string& path) {
    const std::string text = Text(path);
    return std::ranges::count(text, '\n');
  }

  std::string run_, error_, script_;
  std::thread shell_;
  int64_t launcher_ = 0;
  std::vector<int64_t> ranks_;
};

constexpr const char* kLong = "train.steps=1000000 train.checkpoint_every=10 train.log_every=1";

TEST(LostRanksTest, ASignalStopsAllRanksAfterTheSameStep) {
  RunningRanks running("stopped", 2, kLong);
  running.SendToLauncher(SIGTERM);
  EXPECT_EQ(running.Await(), 75);
  EXPECT_THAT(running.error(), HasSubstr("stopped by SIGTERM after step"));
  EXPECT_EQ(Errors(running.error()), 0) << running.error();
}

// To one rank alone, as a batch system may do it.
TEST(LostRanksTest, ASignalToOneRankStopsAll) {
  RunningRanks running("one_stopped", 3, kLong);
  running.SendTo(2, SIGUSR1);
  EXPECT_EQ(running.Await(), 75);
  EXPECT_THAT(running.error(), HasSubstr("stopped by SIGUSR1 after step"));
}

TEST(LostRanksTest, ARankThatDiesEndsTheOthersWithOneLine) {
  for (const int64_t rank : {0, 2}) {
    const std::string run = "killed_" + std::to_string(rank);
    RunningRanks running(run, 3, kLong);
    running.SendTo(rank, SIGKILL);
    EXPECT_EQ(running.Await(), 1);
    EXPECT_EQ(Errors(running.error()), 1) << running.error();
    EXPECT_THAT(running.error(), HasSubstr("error: training: rank " + std::to_string(rank) +
                                           " of 3 is gone: no sign of life for 4.0 s; the last "
                                           "checkpoint is kept"));
    // The last checkpoint is whole, and any number of ranks goes on from it.
    int64_t last = 0;
    for (const auto& folder : fs::directory_iterator(TemporaryPath(run) + "/checkpoints")) {
      const std::string name = folder.path().filename();
      if (name.starts_with("step_")) last = std::max<int64_t>(last, std::atoll(name.c_str() + 5));
    }
    const std::string end = "train.steps=" + std::to_string(last + 3);
    const Outcome resumed =
        RunProgram("train --ranks 2 --resume " + TemporaryPath(run) + " " + end);
    EXPECT_EQ(resumed.code, 0) << resumed.error;
  }
}

TEST(LostRanksTest, ARankThatHangsEndsTheOthersWithOneLine) {
  RunningRanks running("hung", 2, std::string(kLong) + " parallel.timeout=3");
  running.SendTo(1, SIGSTOP);
  EXPECT_EQ(running.Await(), 1);
  EXPECT_EQ(Errors(running.error()), 1) << running.error();
  EXPECT_THAT(running.error(), HasSubstr("rank 1 of 2 is gone: no sign of life for 3.0 s"));
}

TEST(LostRanksTest, WhatALauncherSaysWronglyIsOneLine) {
  const std::string words = RanksArguments("alone");
  const auto with = [&](const std::string& variables, const std::string& more = "") {
    const std::string script = TemporaryPath("script"), error = TemporaryPath("error");
    std::ofstream(script) << variables << " exec " LONGPLAY_PROGRAM " " << words
                          << "train.steps=2 parallel.start_timeout=1 " << more << " 2>" << error;
    EXPECT_EQ(WEXITSTATUS(std::system(("bash " + script).c_str())), 1);
    EXPECT_EQ(Errors(Text(error)), 1) << Text(error);
    return Text(error);
  };
  EXPECT_THAT(with("RANK=0"), HasSubstr("error: finding ranks: WORLD_SIZE: expected"));
  EXPECT_THAT(
      with("RANK=1 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=9"),
      HasSubstr("error: joining ranks: rank 0 at 127.0.0.1:9: expected an answer within 1"));
  // Both a launcher and --ranks.
  EXPECT_THAT(
      with("RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=9 TORCHELASTIC_RUN_ID=1",
           "--ranks 3"),
      HasSubstr("error: training: --ranks: expected none beside torchrun, which has started "
                "2 ranks, got 3"));
}

// As the launcher of PyTorch starts it. Its package is that of the pinned wheel.
TEST(TrainRanksTest, TorchrunStartsRanksToo) {
  const std::string site = LONGPLAY_SOURCE_DIR "/.deps/site";
  const std::string torchrun = "PYTHONPATH=" + site + " python3 -m torch.distributed.run";
  if (std::system((torchrun + " --help >/dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << "no python3 that can import torch.distributed.run from " << site;
  }
  ASSERT_EQ(RunProgram(RanksArguments("alone") + "train.steps=4").code, 0);
  const std::string log = TemporaryPath("log");
  const int code =
      std::system((torchrun + " --standalone --nproc-per-node 2 --no-python " LONGPLAY_PROGRAM " " +
                   RanksArguments("torchrun") + "train.steps=4 >" + log + " 2>&1")
                      .c_str());
  EXPECT_EQ(code, 0) << Text(log);
  EXPECT_THAT(Text(log), HasSubstr("note: rank 0 of 2, started by torchrun"));
  ExpectSameFiles("alone", "torchrun", 4);
}

}  // namespace
}  // namespace longplay
