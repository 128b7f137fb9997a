// SPDX-License-Identifier: MIT
#include "datasets/tables/load_table.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "datasets/data_error.h"
#include "datasets/files/mapped_file.h"
#include "datasets/tables/csv_table.h"
#include "datasets/tables/gzip.h"
#include "datasets/tables/npz_table.h"
#include "datasets/tables/parquet_steps.h"

namespace longplay {
namespace {

enum class TableKind { kText, kGzip, kArchive, kHdf5, kParquet };

/// By the first bytes.
TableKind KindOf(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (IsGzip(file)) return TableKind::kGzip;
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return TableKind::kArchive;
  if (text.starts_with("\x89HDF\r\n")) return TableKind::kHdf5;
  if (text.starts_with("PAR1") || text.starts_with("ARROW1")) return TableKind::kParquet;
  return TableKind::kText;
}

std::string Unpacked(std::span<const std::byte> file, const std::string& path) {
  try {
    return Gunzip(file);
  } catch (const std::exception& error) {
    throw DataError(path, error.what());
  }
}

}  // namespace

StepTable LoadTable(const std::string& path, const TableOptions& options) {
  constexpr char kTables[] = "expected a table (.csv, .tsv, .csv.gz, .npz, .parquet), got ";
  if (!std::filesystem::is_regular_file(path)) {
    const bool is_there = std::filesystem::exists(path);
    throw DataError(path,
                    std::string(kTables) + (is_there ? "a folder" : "none: there is no such file"));
  }
  const MappedFile file(path, std::filesystem::file_size(path));
  const std::span<const char> text = file.as<char>();
  switch (KindOf(file.as<std::byte>())) {
    case TableKind::kArchive:
      return LoadNpzTable(path, options);
    case TableKind::kGzip:
      return ParseCsvTable(Unpacked(file.as<std::byte>(), path), path);
    case TableKind::kHdf5:
      throw DataError(path,
                      std::string(kTables) + "an HDF5 file: `longplay data convert` reads it");
    case TableKind::kParquet:
      return LoadParquetSteps(path, options);
    case TableKind::kText:
      break;
  }
  return ParseCsvTable({text.data(), text.size()}, path);
}

}  // namespace longplay
