// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace longplay {

/// An array as numpy saves it, its numbers widened to double, row-major.
struct NpyArray {
  std::vector<int64_t> shape;
  std::string type;  // numpy's: "f4", "i8", "b1" ...
  std::vector<double> values;

  int64_t rows() const { return shape.empty() ? 1 : shape.front(); }
  int64_t row_size() const;  // product of the other dimensions
};

struct NpzLimits {
  int64_t array_bytes = int64_t{1} << 30;  // of one array, unpacked; more is refused
};

/// An array in an .npz file, without its numbers.
struct NpzEntry {
  std::string name;
  std::string
      type;  // "f4"; others than numbers: "O" (Python objects), "U9" (texts), "" (structured)
  std::vector<int64_t> shape;
  std::string refused;  // why ParseNpz would not read it: "Python objects"; "" = it would
};

/// What an .npz file holds, in the order of the file: only the beginning of each array is unpacked.
/// Throws std::runtime_error, "expected X, got Y", where the archive or an array's header is damaged.
std::vector<NpzEntry> ListNpz(std::span<const std::byte> file);

/// The arrays of an .npz file (a zip archive of .npy files, stored or deflated) for which `wanted`
/// is true, by name. Touches nothing but `file`; allocates no more than the limits say.
/// Throws std::runtime_error, "expected X, got Y", for everything that is not such a file.
/// Source: APPNOTE.TXT 6.3.10 (zip), numpy/lib/format.py 2.4 (npy 1.0 to 3.0).
std::map<std::string, NpyArray> ParseNpz(std::span<const std::byte> file,
                                         const std::function<bool(const std::string&)>& wanted,
                                         const NpzLimits& limits = {});

/// One .npy file.
NpyArray ParseNpy(std::span<const std::byte> file, const NpzLimits& limits = {});

}  // namespace longplay
