// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

namespace longplay {

/// What a function of a C interface gives back; longplay_data.h and longplay_environments.h name the
/// same numbers.
enum class CCode : int { kOk = 0, kUsage = 1, kFailed = 2, kMemory = 3 };

/// Runs the body of a C function: nothing is thrown across the edge. What went wrong becomes a code,
/// and its message `error`, which is the calling thread's.
///   std::invalid_argument, std::out_of_range  kUsage: the caller is wrong
///   std::bad_alloc                            kMemory
///   everything else                           kFailed: the world is (a file, the simulator)
template <typename Body>
int CCall(std::string& error, const Body& body) noexcept {
  try {
    body();
    return static_cast<int>(CCode::kOk);
  } catch (const std::bad_alloc&) {
    error.assign("out of memory");  // short enough to need none
    return static_cast<int>(CCode::kMemory);
  } catch (const std::exception& problem) {
    const bool caller = dynamic_cast<const std::invalid_argument*>(&problem) != nullptr ||
                        dynamic_cast<const std::out_of_range*>(&problem) != nullptr;
    try {
      error = problem.what();
    } catch (...) {
      return static_cast<int>(CCode::kMemory);
    }
    return static_cast<int>(caller ? CCode::kUsage : CCode::kFailed);
  } catch (...) {
    return static_cast<int>(CCode::kFailed);
  }
}

/// Throws std::invalid_argument "<what>: expected <name>, got NULL".
inline void RequirePointer(const void* pointer, const char* what, const char* name) {
  if (pointer != nullptr) return;
  throw std::invalid_argument(std::string(what) + ": expected " + name + ", got NULL");
}

}  // namespace longplay
