// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace longplay {

/// Scalars as TensorBoard event files: length-prefixed protobuf records with masked CRC-32C.
/// Source: tensorflow/core/util/event.proto and lib/io/record_writer.h.
class TensorBoardWriter {
 public:
  /// A new file in `folder`; `first_step` keeps the names of resumed runs apart. What earlier files
  /// there hold of later steps is cut off: no step is shown twice.
  TensorBoardWriter(const std::string& folder, int64_t first_step);
  void Write(const std::string& tag, int64_t step, double value);
  void Flush();

 private:
  void WriteRecord(const std::string& event);
  std::ofstream file_;
};

}  // namespace longplay
