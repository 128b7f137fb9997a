// SPDX-License-Identifier: MIT
#include "agent/files/tensorboard_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(TensorBoardWriterTest, TensorBoardsOwnReaderReadsOurEvents) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  {
    TensorBoardWriter writer(TemporaryPath(""), 0);
    writer.Write("loss", 10, 0.5);
    writer.Write("loss", 300, -2.25);
    writer.Write("tokens_per_second", 300, 1e6);
    writer.Flush();
  }
  const std::string output = RunPython(R"(
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    print(tag, [(e.step, e.value) for e in events.Scalars(tag)])
)",
                                       TemporaryPath(""));
  EXPECT_EQ(output, "loss [(10, 0.5), (300, -2.25)]\ntokens_per_second [(300, 1000000.0)]\n");
}

TEST(TensorBoardWriterTest, ARunThatGoesOnShowsNoStepTwice) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  {
    TensorBoardWriter writer(TemporaryPath(""), 0);
    for (const int64_t step : {10, 200, 300}) writer.Write("loss", step, 1);
    writer.Flush();
  }
  // Killed in the middle of a record, after the checkpoint of step 200.
  for (const auto& entry : std::filesystem::directory_iterator(TemporaryPath(""))) {
    std::ofstream(entry.path(), std::ios::binary | std::ios::app) << "half a record";
  }
  {
    TensorBoardWriter writer(TemporaryPath(""), 200);
    writer.Write("loss", 300, 2);
    writer.Flush();
  }
  const std::string output = RunPython(R"(
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print([(e.step, e.value) for e in events.Scalars("loss")])
)",
                                       TemporaryPath(""));
  EXPECT_EQ(output, "[(10, 1.0), (200, 1.0), (300, 2.0)]\n");
}

}  // namespace
}  // namespace longplay
