// SPDX-License-Identifier: MIT
#include "agent/runs/run_claim.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "agent/files/process_name.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

/// The exit code of a process that runs `body` and then ends at once, as if it was killed.
template <typename Body>
int InAnotherProcess(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

/// The lease of a claim as a process wrote or renewed it so long ago.
void WriteLease(const std::string& file, const std::string& who, int seconds_ago) {
  const std::string lease = file + ".lease";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(lease) << who;
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = time(nullptr) - seconds_ago;
  EXPECT_EQ(utimensat(AT_FDCWD, lease.c_str(), times, 0), 0);
}

class RunClaimTest : public testing::TestWithParam<ClaimBy> {};

TEST_P(RunClaimTest, OneAtATimeHasIt) {
  const std::string file = TemporaryPath("run") + "/.claim";
  auto claim = RunClaim::Try(file, GetParam());
  ASSERT_TRUE(claim);
  EXPECT_FALSE(RunClaim::Try(file, GetParam()));
  EXPECT_EQ(InAnotherProcess([&] { return RunClaim::Try(file, GetParam()) ? 1 : 0; }), 0);
  claim.reset();
  EXPECT_TRUE(RunClaim::Try(file, GetParam()));
}

TEST_P(RunClaimTest, AProcessThatDiesGivesItBack) {
  const std::string file = TemporaryPath("run") + "/.claim";
  EXPECT_EQ(InAnotherProcess([&] {
              auto* forever = new std::optional(RunClaim::Try(file, GetParam()));
              return *forever ? 7 : 0;
            }),
            7);
  EXPECT_TRUE(RunClaim::Try(file, GetParam()));
}

TEST_P(RunClaimTest, OneThatIsRemovedLeavesNothingAndCanBeHadAgain) {
  const std::string folder = TemporaryPath("run");
  auto claim = RunClaim::Try(folder + "/.claim", GetParam());
  ASSERT_TRUE(claim);
  claim->Remove();
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  EXPECT_TRUE(RunClaim::Try(folder + "/.claim", GetParam()));
}

/// As another machine takes a claim over: its file goes, and one of its own comes.
void TakeOver(const std::string& file) {
  std::filesystem::rename(file, file + ".old");
  std::ofstream(file) << "process 17 on another-machine";
}

TEST_P(RunClaimTest, WhoseClaimWasTakenOverIsToldByWhomAndLeavesItAlone) {
  const std::string file = TemporaryPath("run") + "/.claim";
  const std::string taken = GetParam() == ClaimBy::kLease ? file + ".lease" : file;
  auto claim = RunClaim::Try(file, GetParam());
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->TakenBy(), "");
  claim->Check("training", "runs/a");
  // Gone, but nobody else's.
  std::filesystem::rename(taken, taken + ".old");
  claim->Check("training", "runs/a");
  std::filesystem::rename(taken + ".old", taken);
  TakeOver(taken);
  EXPECT_EQ(claim->TakenBy(), "process 17 on another-machine");
  try {
    claim->Check("training", "runs/a");
    ADD_FAILURE() << "expected an error";
  } catch (const ClaimLost& lost) {
    EXPECT_EQ(std::string(lost.what()),
              "training: runs/a: expected no other process to write it, got process 17 on "
              "another-machine, which took it over from this one; what was saved is kept");
  }
  claim->Remove();
  EXPECT_TRUE(std::filesystem::exists(taken));
}

INSTANTIATE_TEST_SUITE_P(, RunClaimTest,
                         testing::Values(ClaimBy::kAuto, ClaimBy::kLock, ClaimBy::kLease),
                         [](const auto& info) {
                           switch (info.param) {
                             case ClaimBy::kAuto:
                               return "Auto";
                             case ClaimBy::kLock:
                               return "Lock";
                             case ClaimBy::kLease:
                               return "Lease";
                           }
                           return "";
                         });

// A lock is not always seen by other machines: two of them had one claim.
TEST(RunLeaseTest, OneThatWasNotRenewedForAMinuteCountsNoMoreWhateverTheLock) {
  const std::string file = TemporaryPath("run") + "/.claim";
  for (const ClaimBy by : {ClaimBy::kLease, ClaimBy::kAuto}) {
    WriteLease(file, "process 17 on another-machine", 20);
    EXPECT_FALSE(RunClaim::Try(file, by));
    WriteLease(file, "process 17 on another-machine", 90);
    EXPECT_TRUE(RunClaim::Try(file, by));
    EXPECT_FALSE(std::filesystem::exists(file + ".lease"));  // given back
  }
}

// The number of a process that is gone may be another's, as in a container that starts again.
TEST(RunLeaseTest, WhoHasTheLockKnowsThatNoNeighbourHasTheLease) {
  const std::string file = TemporaryPath("run") + "/.claim";
  WriteLease(file, "process " + std::to_string(getpid()) + " on " + HostName(), 20);
  EXPECT_FALSE(RunClaim::Try(file, ClaimBy::kLease));
  EXPECT_TRUE(RunClaim::Try(file, ClaimBy::kAuto));
}

TEST(TakenRunClaimTest, OneOfAMachineThatIsGoneIsHadOnceItIsOldEnough) {
  const std::string file = TemporaryPath("run") + "/.claim";
  WriteLease(file, "process 17 on another-machine", 59);
  testing::internal::CaptureStderr();
  RunClaim::Take(file, "training", "runs/a");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "note: process 17 on another-machine writes runs/a, or is gone; waiting for up to a "
            "minute to see which\n");
}

TEST(TakenRunClaimTest, OneOfAnotherMachineThatIsRenewedIsRefused) {
  const std::string file = TemporaryPath("run") + "/.claim";
  WriteLease(file, "process 17 on another-machine", 20);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    utimensat(AT_FDCWD, (file + ".lease").c_str(), nullptr, 0);
  });
  try {
    RunClaim::Take(file, "training", "runs/a");
    ADD_FAILURE() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("write it, got process 17 on another-machine"));
  }
  other.join();
}

// Two machines that count processes by themselves wrote one file, and each took the other's claim
// for its own.
TEST(RunLeaseTest, TheNameOfItsTemporaryFileHasTheMachineInIt) {
  const std::string file = TemporaryPath("run") + "/.claim", lease = file + ".lease";
  // Where a name of the process number alone would be: nothing can be written there.
  std::filesystem::create_directories(lease + "." + std::to_string(getpid()));
  EXPECT_TRUE(RunClaim::Try(file, ClaimBy::kLease));
}

TEST(TakenRunClaimTest, WhoHasItIsNamed) {
  const std::string run = TemporaryPath("run");
  const auto claim = RunClaim::Try(ClaimFile(run));
  ASSERT_TRUE(claim);
  try {
    RunClaim::Take(ClaimFile(run), "training", run);
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("training: " + run + ": expected no other process to "));
    EXPECT_THAT(error.what(), HasSubstr("got process " + std::to_string(getpid()) + " on "));
  }
}

TEST(TakenRunClaimTest, AFolderThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(RunClaim::Try("/proc/no/claim"), std::runtime_error);
}

}  // namespace
}  // namespace longplay
