// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay::runtime {

/// Why a policy cannot be opened. Thrown while it is, and caught at the C interface, where it
/// becomes a code (runtime/longplay.h) and a line. Nothing is thrown afterwards.
struct Failure {
  int code;
  std::string message;
};

[[noreturn]] inline void Fail(int code, std::string message) {
  throw Failure{code, std::move(message)};
}

}  // namespace longplay::runtime
