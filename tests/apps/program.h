// SPDX-License-Identifier: MIT
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/temporary_folder.h"

namespace longplay {

/// All of a file; empty if it is not there.
inline std::string Text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a run of the program gave back.
struct Outcome {
  int code = 0;
  std::string out, error;
};

/// Runs `longplay ARGUMENTS` through the shell, in that folder.
inline Outcome RunProgram(const std::string& arguments, const std::string& folder = ".") {
  const std::string error_file = TemporaryPath("stderr");
  const std::string command =
      "cd '" + folder + "' && " LONGPLAY_PROGRAM " " + arguments + " 2>'" + error_file + "'";
  Outcome outcome;
  std::FILE* pipe = popen(command.c_str(), "r");
  char text[4096];
  for (size_t size = 0; (size = std::fread(text, 1, sizeof text, pipe)) > 0;) {
    outcome.out.append(text, size);
  }
  outcome.code = WEXITSTATUS(pclose(pipe));
  outcome.error = Text(error_file);
  return outcome;
}

}  // namespace longplay
