// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longplay {

/// A tensor's place in a safetensors file.
struct SafetensorsEntry {
  std::string name;
  std::string type;  // "F32", "F64", "F16", "BF16", "I64", "I32", "U8" or "BOOL"
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // [bytes] after the header
};

/// Parses a file's header, trusting nothing: every tensor lies inside the `data_size` bytes after
/// it, fits its shape and type, and overlaps no other. `path` stands in messages.
/// Throws std::runtime_error "reading weights: <path>: expected X, got Y".
std::vector<SafetensorsEntry> ParseSafetensorsHeader(const std::string& text, uint64_t data_size,
                                                     const std::string& path);

/// Throws that std::runtime_error.
[[noreturn]] void FailReadingWeights(const std::string& path, const std::string& expected,
                                     const std::string& got);

}  // namespace longplay
