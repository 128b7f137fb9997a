// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

/// `text` as sh takes it for one word, in single quotes where it must be: in every command that is
/// printed for a user to run.
std::string ShellWord(const std::string& text);

/// The words of a command, each as ShellWord has it, with a space between two.
std::string ShellCommand(const std::vector<std::string>& words);

}  // namespace longplay
