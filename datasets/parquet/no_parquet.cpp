// SPDX-License-Identifier: MIT
// The tables of a build without Arrow: all are refused.
#include "datasets/data_error.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/parquet/parquet_writer.h"

namespace longplay {
namespace {

constexpr char kExpected[] =
    "expected a longplay with Parquet, got one without: run `./dev setup`, which fetches Arrow, "
    "and "
    "configure with -DLONGPLAY_PARQUET=ON";

}  // namespace

bool HasParquet() { return false; }

void RequireParquet(const std::string& path) { throw DataError(path, kExpected); }

struct ParquetTable::Impl {};

ParquetTable::ParquetTable(const std::string& path, const TableLimits& /*limits*/) {
  RequireParquet(path);
}
ParquetTable::~ParquetTable() = default;
ParquetTable::ParquetTable(ParquetTable&& other) noexcept = default;
ParquetTable& ParquetTable::operator=(ParquetTable&& other) noexcept = default;

// None of these is ever called: there is no table.
const std::string& ParquetTable::path() const { throw DataError("", kExpected); }
int64_t ParquetTable::rows() const { return 0; }
const std::vector<ParquetColumn>& ParquetTable::columns() const { throw DataError("", kExpected); }
const ParquetColumn* ParquetTable::Find(const std::string& /*name*/) const { return nullptr; }
const ParquetColumn& ParquetTable::Column(const std::string& name) const {
  throw DataError(name, kExpected);
}
int64_t ParquetTable::RowSize(const std::string& /*name*/) const { return 0; }
void ParquetTable::ReadNumbers(const std::string& /*name*/, int64_t /*row_size*/,
                               std::vector<double>& /*values*/, int64_t /*first*/,
                               int64_t /*count*/) const {}
std::vector<int64_t> ParquetTable::ReadWholeNumbers(const std::string& /*name*/) const {
  return {};
}
std::vector<std::string> ParquetTable::ReadTexts(const std::string& /*name*/) const { return {}; }
void ParquetTable::Fail(const std::string& place, const std::string& /*expected*/,
                        const std::string& /*got*/) const {
  throw DataError(place, kExpected);
}

struct ParquetWriter::Impl {};

ParquetWriter::ParquetWriter(const std::string& path, std::vector<ParquetColumn> /*columns*/,
                             const std::map<std::string, std::string>& /*metadata*/,
                             ParquetStatistics /*statistics*/) {
  throw WriteError(path, kExpected);
}
ParquetWriter::~ParquetWriter() = default;
void ParquetWriter::AppendGroup(int64_t /*rows*/, const std::vector<ColumnRows>& /*columns*/) {}
int64_t ParquetWriter::bytes() const { return 0; }
void ParquetWriter::Close() {}

}  // namespace longplay
