// SPDX-License-Identifier: MIT
// scripts/to_hdf5.py, whose files must open here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "datasets/episode_reader.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

/// Exit status; what it printed goes to `output`.
int Convert(const std::string& arguments, std::string& output) {
  const std::string log = TemporaryPath("log");
  const int status =
      std::system(("PYTHONPATH='" LONGPLAY_SOURCE_DIR
                   "/.deps/oracles' python3 '" LONGPLAY_SOURCE_DIR "/scripts/to_hdf5.py' " +
                   arguments + " >'" + log + "' 2>&1")
                      .c_str());
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  output = text.str();
  return status;
}

std::string WriteCsv() {
  const std::string path = TemporaryPath("steps.csv");
  std::ofstream(path) << "x,y,push,earned,run,fell\n"
                         "0,1,0.5,1,7,0\n"
                         "2,3,-0.5,2,7,0\n"
                         "4,5,0.25,3,8,1\n"
                         "6,7,0.25,4,9,0\n";
  return path;
}

TEST(ToHdf5Test, CsvBecomesEpisodes) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  std::string output;
  const std::string out = TemporaryPath("out.hdf5");
  ASSERT_EQ(Convert("'" + WriteCsv() + "' '" + out +
                        "' --observations x,y --actions push --rewards earned --episodes run "
                        "--terminals fell --env-id Toy-v0",
                    output),
            0)
      << output;
  const auto reader = OpenDataset(out);
  ASSERT_EQ(reader->info().episodes, 3);
  EXPECT_EQ(reader->info().environment, "Toy-v0");
  const Episode first = reader->Read(0), second = reader->Read(1), third = reader->Read(2);
  EXPECT_EQ(first.observations, (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(first.actions, (std::vector<double>{0.5, -0.5}));
  EXPECT_EQ(first.rewards, (std::vector<double>{1, 2}));
  EXPECT_TRUE(first.truncated && !first.terminated);
  EXPECT_TRUE(second.terminated && !second.truncated);
  EXPECT_TRUE(third.truncated);
}

TEST(ToHdf5Test, AMissingColumnIsNamed) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  std::string output;
  EXPECT_NE(Convert("'" + WriteCsv() + "' '" + TemporaryPath("out.hdf5") +
                        "' --observations x,z --actions push",
                    output),
            0);
  EXPECT_THAT(output, HasSubstr("expected a column z, got x, y, push, earned, run, fell"));
}

}  // namespace
}  // namespace longplay
