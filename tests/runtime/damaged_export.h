// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace longplay {

/// The files of an exported policy, and edits of them that bytes describe: damage that a fuzzer can
/// steer. Needs neither LibTorch nor a test framework.
class DamagedExport {
 public:
  explicit DamagedExport(const std::string& folder) {
    for (const char* name : kNames) {
      std::ifstream file(folder + "/" + name, std::ios::binary);
      files_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }

  /// Writes the files to `folder` with the edits, six bytes each.
  void Write(const std::string& folder, const uint8_t* edits, size_t size) const {
    std::vector<std::string> files = files_;
    for (; size >= 6; edits += 6, size -= 6) {
      uint32_t place = 0;
      std::memcpy(&place, edits + 2, 4);
      Edit(files[edits[0] % files.size()], edits[0] / 16, edits[1], place);
    }
    std::filesystem::create_directories(folder);
    for (size_t i = 0; i < files.size(); ++i) {
      std::filesystem::remove(folder + "/" + kNames[i]);
      if (files[i].empty()) continue;
      std::ofstream(folder + "/" + kNames[i], std::ios::binary) << files[i];
    }
  }

 private:
  static constexpr const char* kNames[] = {"config.json", "model.safetensors", "probe.safetensors"};
  static constexpr const char* kNumbers[] = {"0",    "1",     "-1",    "2",          "7",
                                             "1e99", "65536", "0.5",   "1000000000", "null",
                                             "[]",   "{}",    "\"x\"", "2147483648", "true"};

  static void Edit(std::string& file, int kind, uint8_t value, uint32_t place) {
    if (file.empty()) return;
    const size_t text = TextSize(file);
    switch (kind) {
      case 0:  // a byte anywhere
        file[place % file.size()] = static_cast<char>(value);
        break;
      case 1:
      case 2: {  // a number of the text becomes another
        const size_t first = file.find_first_of("0123456789", place % text);
        if (first >= text) return;
        const size_t last = file.find_first_not_of("0123456789.e-", first);
        file.replace(first, last - first, kNumbers[value % std::size(kNumbers)]);
        break;
      }
      case 3:  // the end is gone
        file.resize(place % file.size());
        break;
      case 4:  // some bytes are gone
        file.erase(place % file.size(), 1 + value % 32);
        break;
      case 5:  // some bytes stand there twice
        file.insert(place % file.size(), file.substr(place % file.size(), 1 + value % 32));
        break;
      default:  // a byte of the text
        file[place % text] = static_cast<char>(value);
    }
  }
  /// JSON: all of it, or a safetensors header.
  static size_t TextSize(const std::string& file) {
    uint64_t length = 0;
    if (file.size() < 16 || file[0] == '{') return file.size();
    std::memcpy(&length, file.data(), 8);
    return length < file.size() - 8 ? static_cast<size_t>(length) + 8 : file.size();
  }

  std::vector<std::string> files_;
};

}  // namespace longplay
