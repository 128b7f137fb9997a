// SPDX-License-Identifier: MIT
// Converting as a user meets it when something is in the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The library crashed at its own exit after a file that did not fit (HDF5 1.10.8): exit code 139.
TEST(ConvertTest, AFullDiskIsOneLineAndExitCodeOne) {
  const std::string data = TemporaryPath("data.hdf5"), error = TemporaryPath("error");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 20000 --out " + data)
          .code,
      0);
  const std::string script = TemporaryPath("script");
  // Files of at most 100 KiB, and a write that fails in place of a signal: as on a full disk.
  std::ofstream(script) << "trap '' XFSZ; ulimit -f 100; " LONGPLAY_PROGRAM " data convert " << data
                        << " " << TemporaryPath("out.hdf5") << " --format d4rl 2>" << error;
  EXPECT_EQ(WEXITSTATUS(std::system(("bash " + script).c_str())), 1);
  std::string text = Text(error);
  ASSERT_THAT(text, HasSubstr("error: "));
  text.erase(0, text.find("error: "));  // a progress bar comes before
  EXPECT_THAT(text, StartsWith("error: writing data: "));
  EXPECT_THAT(text, HasSubstr("File too large"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  EXPECT_FALSE(std::filesystem::exists(TemporaryPath("out.hdf5")));
}

// Two that write one place: the one whose claim was taken over ends before it puts its own there.
TEST(ConvertTest, AClaimThatWasTakenOverEndsTheConversion) {
  const std::string data = TemporaryPath("data.hdf5"), out = TemporaryPath("out");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 20000 --out " + data)
          .code,
      0);
  const std::string script = TemporaryPath("script");
  // Each is stopped as soon as its name is in the claim; the first one loses it and goes on.
  std::ofstream(script) << "data=" << data << " out=" << out << " program=" LONGPLAY_PROGRAM R"(
    begin() {
      $program data convert $data $out >/dev/null 2>$out.$1 & process=$!
      until [ -s $out.claim ]; do kill -0 $process || exit 9; done
      kill -STOP $process
    }
    begin first; first=$process; rm $out.claim
    begin second; second=$process
    kill -CONT $first; wait $first; echo $? >$out.codes
    kill -CONT $second; wait $second; echo $? >>$out.codes
  )";
  ASSERT_EQ(WEXITSTATUS(std::system(("bash " + script).c_str())), 0);
  EXPECT_EQ(Text(out + ".codes"), "1\n0\n") << Text(out + ".first") << Text(out + ".second");
  EXPECT_THAT(Text(out + ".first"),
              HasSubstr("error: writing data: " + out +
                        ": expected no other process to write it, got process"));
  EXPECT_EQ(RunProgram("data validate " + out).code, 0);
}

}  // namespace
}  // namespace longplay
