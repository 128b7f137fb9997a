// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/apps/program.h"

namespace longplay {
namespace {

TEST(DocsTest, TheCommandLinePageIsWhatTheProgramDeclares) {
  const std::string folder = TemporaryPath("pages");
  ASSERT_EQ(RunProgram("docs " + folder).code, 0);
  const std::string page = Text(LONGPLAY_SOURCE_DIR "/docs/reference/command_line.md");
  EXPECT_EQ(page, Text(folder + "/command_line.md")) << "run: ./dev docs";
  EXPECT_NE(Text(folder + "/configuration.md"), "");
}

TEST(DocsTest, TheCommandThatMakesThePagesIsNotOneOfThem) {
  const std::string page = Text(LONGPLAY_SOURCE_DIR "/docs/reference/command_line.md");
  EXPECT_NE(page.find("\n## longplay train\n"), std::string::npos);
  EXPECT_EQ(page.find("\n## longplay docs\n"), std::string::npos);
}

}  // namespace
}  // namespace longplay
