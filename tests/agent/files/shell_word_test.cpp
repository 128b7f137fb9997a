// SPDX-License-Identifier: MIT
#include "agent/files/shell_word.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace longplay {
namespace {

/// What sh makes of it: its words, a line each.
std::string Words(const std::string& command) {
  std::FILE* pipe = popen(("printf '%s\\n' " + command).c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  return text;
}

TEST(ShellWordTest, WhatNoShellTakesForItsOwnStandsAsItIs) {
  for (const char* word :
       {"runs/point_goal", "--out", "train.steps=20", "Hopper-v5", "a:b,c@d%e+1.5"}) {
    EXPECT_EQ(ShellWord(word), word);
  }
}

TEST(ShellWordTest, EveryOtherWordIsOneAgain) {
  std::string characters;
  for (char c = 1; c < 127; ++c) {
    if (c != '\n') characters += c;
  }
  for (const std::string& word :
       {characters, std::string(), std::string("$HOME"), std::string("a;b"), std::string("~"),
        std::string("it's"), std::string("data[0]"), std::string("ten \"d\" `ls`"),
        std::string("a&b|c<d>e(f)#g\\h!"), std::string("ä*?")}) {
    EXPECT_EQ(Words(ShellWord(word)), word + "\n");
  }
}

TEST(ShellWordTest, ACommandIsItsWords) {
  EXPECT_EQ(ShellCommand({"longplay", "train", "--resume", "my runs/a"}),
            "longplay train --resume 'my runs/a'");
  EXPECT_EQ(Words(ShellCommand({"a b", "c'd", ""})), "a b\nc'd\n\n");
}

}  // namespace
}  // namespace longplay
