// SPDX-License-Identifier: MIT
// Collecting as a user starts, kills and goes on with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/apps/program.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Runs `collect ARGUMENTS` and sends the signal once `file` has `bytes`; returns the exit code.
int KillAt(const std::string& arguments, const std::string& signal, const std::string& file,
           int64_t bytes) {
  const std::string script = TemporaryPath("script");
  std::ofstream(script) << "(exec " LONGPLAY_PROGRAM " collect " << arguments << " 2>'"
                        << TemporaryPath("error") << "' >/dev/null) & p=$!\n"
                        << "while kill -0 $p 2>/dev/null && [ $(stat -c %s '" << file
                        << "' 2>/dev/null || echo 0) -lt " << bytes << " ]; do sleep 0.01; done\n"
                        << "kill -" << signal << " $p 2>/dev/null; wait $p\n";
  // A job in the background of a shell without job control ignores SIGINT: -m has it.
  return WEXITSTATUS(std::system(("bash -m " + script + " 2>/dev/null").c_str()));
}

struct Task {
  std::string name, options, journal;
};

const Task kTasks[] = {
    {"random", "--env Hopper-v5 --steps 30000 --algorithm random", "histories.journal"},
    {"goal", "--env family/point-goal-v0 --steps 60000", "histories.journal"},
    {"velocity",
     "--env family/cheetah-velocity-v0 --steps 6000 --learning-steps 1200 --max-episode-steps 20 "
     "--episodes-per-history 2",
     "running_0.journal"},
    {"q_learning",
     "--config " LONGPLAY_SOURCE_DIR
     "/configs/literature/collect/dark_room.yaml --steps 600000 --episodes-per-history 40",
     "histories.journal"},
    {"sac", "--env Hopper-v5 --steps 3000 --learners 2", "learner_1.journal"}};

class CollectTest : public testing::TestWithParam<Task> {};

TEST_P(CollectTest, KilledAndResumedItEndsWithTheBytesOfAnUndisturbedRun) {
  const Task& task = GetParam();
  const std::string whole = TemporaryPath("whole"), cut = TemporaryPath("cut");
  fs::create_directories(whole);
  fs::create_directories(cut);
  ASSERT_EQ(RunProgram("collect " + task.options + " --out " + whole + "/data.hdf5").code, 0);
  const std::string arguments = task.options + " --out " + cut + "/data.hdf5";
  const std::string journal = cut + "/data.hdf5.unfinished/" + task.journal;
  EXPECT_EQ(KillAt(arguments, "KILL", journal, 1), 137);
  for (const int64_t more : {20000, 60000}) {
    const auto size = fs::exists(journal) ? static_cast<int64_t>(fs::file_size(journal)) : 0;
    EXPECT_EQ(KillAt(arguments + " --resume", "KILL", journal, size + more), 137) << more;
  }
  const Outcome resumed = RunProgram("collect " + arguments + " --resume");
  EXPECT_EQ(resumed.code, 0) << resumed.error;
  EXPECT_TRUE(Text(whole + "/data.hdf5") == Text(cut + "/data.hdf5"));
  EXPECT_EQ(std::distance(fs::directory_iterator(cut), fs::directory_iterator()), 1);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CollectTest, testing::ValuesIn(kTasks),
                         [](const auto& task) { return task.param.name; });

TEST(CollectSignalTest, ASignalEndsItWithTheLineThatGoesOn) {
  const std::string out = TemporaryPath("data.hdf5");
  const std::string arguments = "--env Hopper-v5 --steps 1000000 --algorithm random --seed 3";
  std::string resume;
  for (const char* signal : {"INT", "TERM", "USR1"}) {
    const std::string journal = out + ".unfinished/histories.journal";
    const auto size = fs::exists(journal) ? static_cast<int64_t>(fs::file_size(journal)) : 0;
    EXPECT_EQ(KillAt(arguments + " --out " + out + resume, signal, journal, size + 1), 75);
    resume = " --resume";
    EXPECT_THAT(Text(TemporaryPath("error")),
                AllOf(HasSubstr("stopped by SIG" + std::string(signal) + " after "),
                      HasSubstr("all of them are saved in " + out +
                                ".unfinished; go on with: "
                                "longplay collect --env Hopper-v5 --steps 1000000 --out " +
                                out + " --algorithm random --seed 3 --resume\n")));
  }
  const Outcome again = RunProgram("collect " + arguments + " --out " + out);
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.error, HasSubstr("--resume goes on with it, --overwrite starts anew"));
}

TEST(CollectSignalTest, TwoThatWriteOneDataSetAreRefused) {
  const std::string data = TemporaryPath("data.hdf5"), out = TemporaryPath("out.hdf5");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 20 --out " + data)
          .code,
      0);
  const std::string commands[] = {
      "data convert " + data + " " + out,
      "collect --env InvertedPendulum-v5 --algorithm random --steps 20 --out " + out};
  for (const std::string& command : commands) {
    // flock holds the lock while the program runs.
    const std::string script = TemporaryPath("script");
    std::ofstream(script) << "flock " << out << ".claim " LONGPLAY_PROGRAM " " << command << " 2>"
                          << TemporaryPath("error") << " >/dev/null";
    EXPECT_EQ(WEXITSTATUS(std::system(("sh " + script).c_str())), 1);
    EXPECT_THAT(Text(TemporaryPath("error")),
                HasSubstr(out + ": expected no other process to write it, got "));
    EXPECT_FALSE(fs::exists(out));
    EXPECT_EQ(RunProgram(command).code, 0);
    EXPECT_FALSE(fs::exists(out + ".claim"));
    fs::remove(out);
  }
}

}  // namespace
}  // namespace longplay
