// SPDX-License-Identifier: MIT
#include "agent/training/metrics_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// metrics.csv after it was opened behind step 50.
std::string Reopened(const std::string& text) {
  const std::string run = TemporaryPath("run"), path = run + "/metrics.csv";
  std::filesystem::create_directories(run);
  std::ofstream(path) << text;
  const MetricsLog log(run, 50);
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(MetricsLogTest, RowsBehindTheCheckpointAreDropped) {
  const std::string header = Reopened("");
  EXPECT_EQ(Reopened(header + "50,1,2,3,4,5,6,7\n100,1,2,3,4,5,6,7\n"),
            header + "50,1,2,3,4,5,6,7\n");
}

// Of step 100 a kill left "10", which came back as a row of step 10.
TEST(MetricsLogTest, ARowThatAKillCutShortIsNone) {
  const std::string header = Reopened("");
  for (const char* torn : {"10", "1", "50,1", "50,1,2,3,4,5,6,7"}) {
    EXPECT_EQ(Reopened(header + "25,1,2,3,4,5,6,7\n" + torn), header + "25,1,2,3,4,5,6,7\n");
  }
}

}  // namespace
}  // namespace longplay
