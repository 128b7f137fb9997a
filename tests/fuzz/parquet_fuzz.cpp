// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_table.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace longplay;
  // A file that is nowhere: a table is opened by its path.
  static const int file = memfd_create("fuzz", 0);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    return 0;
  std::vector<double> values;
  // By its length, one of both ways to take what is missing.
  const MissingValues missing = size % 2 == 0 ? MissingValues::kRefused : MissingValues::kNan;
  try {
    const ParquetTable table("/proc/self/fd/" + std::to_string(file),
                             {.memory_bytes = 64 << 20, .missing = missing});
    for (const ParquetColumn& column : table.columns()) {
      try {
        if (column.type == "text") table.ReadTexts(column.name);
        if (column.is_number()) table.ReadNumbers(column.name, table.RowSize(column.name), values);
      } catch (const std::exception&) {
      }
    }
  } catch (const std::exception&) {
  }
  return 0;
}
