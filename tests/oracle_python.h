// SPDX-License-Identifier: MIT
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace longplay {

/// Whether `./dev setup --oracles` has installed the Python packages that tests compare with.
inline bool HasOracles() {
  return std::filesystem::exists(LONGPLAY_SOURCE_DIR "/.deps/oracles/.stamp");
}
constexpr char kNoOracles[] = "no oracle packages here: ./dev setup --oracles installs them";

/// Runs Python code with those packages; what it prints, or "failed: ..." with its errors.
inline std::string RunPython(const std::string& code, const std::string& argument) {
  const std::string command = "PYTHONPATH='" LONGPLAY_SOURCE_DIR
                              "/.deps/oracles' python3 -W ignore -c '" +
                              code + "' '" + argument + "' 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char text[4096];
  for (size_t size = 0; (size = std::fread(text, 1, sizeof text, pipe)) > 0;)
    output.append(text, size);
  return pclose(pipe) == 0 ? output : "failed: " + output;
}

}  // namespace longplay
