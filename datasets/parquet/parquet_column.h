// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longplay {

/// A column of a table, known without reading it. A struct's fields are columns of their own.
struct ParquetColumn {
  std::string name;  // "action"; of a struct's field "observations/velocity"
  std::string type;  // of its numbers, as numpy calls it ("float32", "bool"); "text"; "" = neither
  std::vector<int64_t> row_shape;  // {} = one number a row; -1 = a list, as long as each row has it

  bool is_number() const { return !type.empty() && type != "text"; }
};

/// What a row without a value (null) is.
enum class MissingValues {
  kRefused,
  kNan  // of one number a row; of texts "". Lists must have all of theirs
};

}  // namespace longplay
