// SPDX-License-Identifier: MIT
#include <exception>
#include <span>
#include <string_view>

#include "datasets/tables/csv_table.h"
#include "datasets/tables/episode_rows.h"
#include "datasets/tables/gzip.h"
#include "datasets/tables/step_columns.h"
#include "tests/fuzz/fuzz.h"

// A table as text, its columns chosen and its rows cut; and the same bytes as a gzip file.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace longplay;
  try {
    const StepTable table = ParseCsvTable({reinterpret_cast<const char*>(data), size}, "fuzz.csv");
    const TableOptions options;
    CutEpisodes(table, ChooseColumns(table, options), options);
  } catch (const std::exception&) {
  }
  try {
    Gunzip({reinterpret_cast<const std::byte*>(data), size}, 1 << 20);
  } catch (const std::exception&) {
  }
  return 0;
}
