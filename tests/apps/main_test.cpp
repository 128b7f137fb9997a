// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A variable of the environment, set (or unset: empty) while this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    Set(value.empty() ? std::nullopt : std::optional(value));
  }
  ~Variable() { Set(before_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void Set(const std::optional<std::string>& value) {
    value ? setenv(name_, value->c_str(), 1) : unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

// The library of OpenMP prints what it has read when it is loaded.
TEST(MainTest, ThreadsWithoutWorkFallAsleepSoonUnlessTheUserSaysHowLong) {
  const Variable shows("OMP_DISPLAY_ENV", "verbose");
  const Variable policy("OMP_WAIT_POLICY", "");
  const auto spins = [](const char* threads, const char* count, const char* command) {
    const Variable of_threads("OMP_NUM_THREADS", threads);
    const Variable of_spins("GOMP_SPINCOUNT", count);
    return RunProgram(command).error;
  };
  const char* computes = "train no_such.yaml";
  EXPECT_THAT(spins("2", "", computes), HasSubstr("GOMP_SPINCOUNT = '1000'"));
  EXPECT_THAT(spins("", "", computes), HasSubstr("GOMP_SPINCOUNT = '1000'"));
  EXPECT_THAT(spins("1", "", computes), Not(HasSubstr("GOMP_SPINCOUNT = '1000'")));
  EXPECT_THAT(spins("2", "77", computes), Not(HasSubstr("GOMP_SPINCOUNT = '1000'")));
  EXPECT_THAT(spins("2", "77", computes), HasSubstr("GOMP_SPINCOUNT = '77'"));
  EXPECT_THAT(spins("2", "", "env list"), Not(HasSubstr("GOMP_SPINCOUNT = '1000'")));
}

TEST(MainTest, MistypedWordsNameTheClosestOnesAndTheirHelp) {
  const auto refused = [](const char* arguments, const char* line) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_EQ(outcome.error, std::string("error: usage: ") + line + "\n");
  };
  refused("trian", "unknown command trian (closest: train, plan, data; all: longplay --help)");
  refused("data inf x",
          "unknown command inf (closest: info, import, convert; all: longplay data --help)");
  refused("train --dta x",
          "unknown option --dta (closest: --data, --out, --help; all: longplay train --help)");
  refused("data info a b", "unknown argument b (all: longplay data info --help)");
  refused("data", "A subcommand is required (see longplay data --help)");
}

// CLI11 printed the largest double in full.
TEST(MainTest, NumbersThatAnOptionDoesNotTakeAreRefusedWithWhatItTakes) {
  const auto refused = [](const char* arguments, const char* line) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_EQ(outcome.error, std::string("error: usage: ") + line + "\n");
  };
  refused("compare --data a.hdf5 --episodes 1,x",
          "--episodes: expected a number above 0, got x (see longplay compare --help)");
  refused("eval run --seeds 0",
          "--seeds: expected a number above 0, got 0 (see longplay eval --help)");
  refused("import folder --out run --window -1",
          "--window: expected 0 or a number above 0, got -1 (see longplay import --help)");
}

// CLI11 read these as 8, 18446744073709551611 and 9223372036854775807.
TEST(MainTest, WholeNumbersAreWhatIsWritten) {
  const auto refused = [](const std::string& option, const std::string& value,
                          const std::string& expected) {
    const Outcome outcome = RunProgram("collect --env x --out y " + option + " " + value);
    EXPECT_EQ(outcome.code, 2) << value;
    EXPECT_EQ(outcome.error, "error: usage: " + option + ": expected " + expected + ", got " +
                                 value + " (see longplay collect --help)\n");
  };
  for (const char* value : {"010", "0x10", "1e3", "2.0", "99999999999999999999"}) {
    refused("--steps", value, "a whole number");
  }
  for (const char* value : {"-5", "18446744073709551616", "01"}) {
    refused("--seed", value, "a whole number from 0");
  }
}

TEST(MainTest, AMissingRunIsNoConfigFile) {
  const Outcome outcome = RunProgram("train --resume no/such");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.error,
            "error: training: --resume no/such: expected a run folder, got none: there is no such "
            "folder\n");
}

}  // namespace
}  // namespace longplay
