// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/program.h"

namespace longplay {
namespace {

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

TEST(MainTest, AMissingRunIsNoConfigFile) {
  const Outcome outcome = RunProgram("train --resume no/such");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.error,
            "error: training: --resume no/such: expected a run folder, got none: there is no such "
            "folder\n");
}

}  // namespace
}  // namespace longplay
