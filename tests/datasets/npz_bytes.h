// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace longplay {

/// A little-endian number of `size` bytes.
inline std::string LittleEndian(uint64_t value, int size) {
  std::string bytes;
  for (int k = 0; k < size; ++k) bytes += static_cast<char>(value >> (8 * k));
  return bytes;
}

/// What numbers are in memory.
template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// An .npy file of version 1: `header` is the text of a Python dictionary.
inline std::string NpyFile(const std::string& header, const std::string& values) {
  return std::string("\x93NUMPY\x01\x00", 8) + LittleEndian(header.size(), 2) + header + values;
}

/// The same of numbers; `descr` and `shape` as numpy writes them, "<f4", "(2, 3)".
inline std::string NpyFile(const std::string& descr, const std::string& shape,
                           const std::string& values) {
  return NpyFile("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n",
                 values);
}

/// A zip archive of files as they are, by name.
inline std::string ZipFile(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes, directory;
  for (const auto& [name, content] : files) {
    const std::string sizes = LittleEndian(content.size(), 4) + LittleEndian(content.size(), 4);
    const std::string lengths = LittleEndian(name.size(), 2) + LittleEndian(0, 2);
    directory += LittleEndian(0x02014b50, 4) + std::string(16, '\0') + sizes + lengths +
                 std::string(10, '\0') + LittleEndian(bytes.size(), 4) + name;
    bytes += LittleEndian(0x04034b50, 4) + std::string(14, '\0') + sizes + lengths + name + content;
  }
  return bytes + directory + LittleEndian(0x06054b50, 4) + std::string(4, '\0') +
         LittleEndian(files.size(), 2) + LittleEndian(files.size(), 2) +
         LittleEndian(directory.size(), 4) + LittleEndian(bytes.size(), 4) + std::string(2, '\0');
}

/// One array of an .npz file: its type and shape as numpy writes them, and its values.
struct NpzColumn {
  std::string descr, shape, values;
};
using NpzColumns = std::vector<std::pair<std::string, NpzColumn>>;

/// Writes an .npz file; returns its path.
inline std::string WriteNpz(const std::string& path, const NpzColumns& columns) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, array] : columns) {
    files.emplace_back(name + ".npy", NpyFile(array.descr, array.shape, array.values));
  }
  std::ofstream(path, std::ios::binary) << ZipFile(files);
  return path;
}

}  // namespace longplay
