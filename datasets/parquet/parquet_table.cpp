// SPDX-License-Identifier: MIT
#include "datasets/parquet/parquet_table.h"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/parquet/arrow_call.h"
#include "datasets/parquet/arrow_columns.h"

namespace longplay {
namespace {

constexpr int kDeepestStruct = 16;  // structs in structs
constexpr char kReadable[] = "a readable table";

enum class TableFormat { kParquet, kArrow };

/// Recognises the format by a file's first bytes, and whether its end was written by its last ones.
TableFormat RecogniseTable(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path, std::string("expected a file, got ") + std::strerror(errno));
  std::array<char, 6> first{}, last{};
  file.read(first.data(), first.size());
  const auto is = [](const std::array<char, 6>& bytes, const char* magic, size_t at) {
    return std::memcmp(bytes.data() + at, magic, std::strlen(magic)) == 0;
  };
  const bool parquet = is(first, "PAR1", 0), arrow = is(first, "ARROW1", 0);
  if (!parquet && !arrow) throw DataError(path, "expected a Parquet or Arrow file, got another");
  file.clear();
  file.seekg(-6, std::ios::end);
  file.read(last.data(), last.size());
  if (parquet ? !is(last, "PAR1", 2) : !is(last, "ARROW1", 0)) {
    throw DataError(path,
                    "expected a whole file, got one without its end: it was cut off, or its writer "
                    "was killed before it closed the file");
  }
  return parquet ? TableFormat::kParquet : TableFormat::kArrow;
}

}  // namespace

bool HasParquet() { return true; }
void RequireParquet(const std::string& /*path*/) {}

struct ParquetTable::Impl {
  /// How a column's arrays are found in what is read of a row group.
  struct Way {
    std::vector<int> fields;  // from the top: of a schema, then of structs
    int parquet_column = -1;  // of the file's flat columns
  };
  struct Unpacked {
    int group = -1;
    std::shared_ptr<arrow::ChunkedArray> array;
  };

  Impl(const std::string& path, const TableLimits& limits)
      : path(path),
        pool(arrow::system_memory_pool(), limits.memory_bytes),
        missing(limits.missing) {}

  void OpenParquet();
  void OpenArrow();
  void AddColumns(const std::string& name, const arrow::Field& field, const Way& way,
                  const parquet::arrow::SchemaField* parquet_field);
  std::string Where(size_t column) const { return path + ":" + columns[column].name; }
  std::shared_ptr<arrow::ChunkedArray> Unpack(size_t column, int group) const;
  std::shared_ptr<arrow::ChunkedArray> UnpackParquet(size_t column, int group) const;
  std::shared_ptr<arrow::ChunkedArray> UnpackArrow(size_t column, int group) const;
  size_t IndexOf(const std::string& name) const;
  using Visit = std::function<void(const arrow::Array& array, const ArrayRows& rows)>;
  /// Rows [first, first + count) of a column, some at a time.
  void VisitRows(size_t column, int64_t first, int64_t count, const Visit& visit) const;

  std::string path;
  mutable arrow::CappedMemoryPool pool;
  MissingValues missing;
  std::unique_ptr<parquet::arrow::FileReader> parquet;       // or
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> arrow;  // one of both
  std::vector<ParquetColumn> columns;
  std::vector<Way> ways;                              // of the columns
  std::vector<int64_t> starts;                        // [groups + 1] first row of each row group
  mutable std::map<size_t, Unpacked> unpacked;        // last row group, by column
  mutable std::shared_ptr<arrow::RecordBatch> batch;  // of an Arrow file
  mutable int batch_group = -1;
};

void ParquetTable::Impl::OpenParquet() {
  const auto file =
      TakeResult<DataError>(arrow::io::ReadableFile::Open(path, &pool), path, kReadable);
  // No threads, and nothing read ahead: this runs in a child process.
  parquet::ArrowReaderProperties properties(false);
  properties.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  CheckCall<DataError>(builder.Open(file, parquet::ReaderProperties(&pool)), path, kReadable);
  builder.memory_pool(&pool)->properties(properties);
  parquet = TakeResult<DataError>(builder.Build(), path, kReadable);
  // Columns in the order of the file, and where row groups begin.
  int index = 0;
  for (const parquet::arrow::SchemaField& field : parquet->manifest().schema_fields) {
    AddColumns(field.field->name(), *field.field, {.fields = {index++}}, &field);
  }
  const auto metadata = parquet->parquet_reader()->metadata();
  for (int group = 0; group < metadata->num_row_groups(); ++group) {
    const int64_t rows = metadata->RowGroup(group)->num_rows();
    if (rows < 0) throw DataError(path, "expected rows, got a negative number of them");
    starts.push_back(starts.back() + rows);
  }
}

void ParquetTable::Impl::OpenArrow() {
  // Mapped: only what is used is read. Batches say how many rows they have.
  const auto file = TakeResult<DataError>(
      arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ), path, kReadable);
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = &pool;
  options.use_threads = false;
  arrow = TakeResult<DataError>(arrow::ipc::RecordBatchFileReader::Open(file, options), path,
                                kReadable);
  int index = 0;
  for (const auto& field : arrow->schema()->fields()) {
    AddColumns(field->name(), *field, {.fields = {index++}}, nullptr);
  }
  for (int group = 0; group < arrow->num_record_batches(); ++group) {
    const auto rows =
        TakeResult<DataError>(arrow->ReadRecordBatch(group), path, kReadable)->num_rows();
    starts.push_back(starts.back() + rows);
  }
}

void ParquetTable::Impl::AddColumns(const std::string& name, const arrow::Field& field,
                                    const Way& way,
                                    const parquet::arrow::SchemaField* parquet_field) {
  // A struct's fields are columns; what is deeper than is sensible is none.
  if (field.type()->id() == arrow::Type::STRUCT) {
    if (way.fields.size() > kDeepestStruct) return;
    for (int child = 0; child < field.type()->num_fields(); ++child) {
      Way further = way;
      further.fields.push_back(child);
      AddColumns(name + "/" + field.type()->field(child)->name(), *field.type()->field(child),
                 further, parquet_field == nullptr ? nullptr : &parquet_field->children[child]);
    }
    return;
  }
  Way own = way;
  // Below lists there is one flat column, but in a list of structs.
  while (parquet_field != nullptr && !parquet_field->is_leaf() &&
         parquet_field->children.size() == 1) {
    parquet_field = &parquet_field->children[0];
  }
  if (parquet_field != nullptr) own.parquet_column = parquet_field->column_index;
  columns.push_back(DescribeColumn(name, field));
  ways.push_back(std::move(own));
}

size_t ParquetTable::Impl::IndexOf(const std::string& name) const {
  const auto column = std::ranges::find(columns, name, &ParquetColumn::name);
  if (column == columns.end()) {
    throw DataError(path + ":" + name, "expected a column, got none of that name");
  }
  return column - columns.begin();
}

std::shared_ptr<arrow::ChunkedArray> ParquetTable::Impl::UnpackParquet(size_t column,
                                                                       int group) const {
  const Way& way = ways[column];
  if (way.parquet_column < 0) throw DataError(Where(column), "expected numbers, got another type");
  const auto table = TakeResult<DataError>(parquet->ReadRowGroup(group, {way.parquet_column}),
                                           Where(column), "readable values");
  if (table->num_columns() != 1) throw DataError(Where(column), "expected one column, got others");
  std::shared_ptr<arrow::ChunkedArray> array = table->column(0);
  // Of the structs around it only the way to this column was read.
  for (size_t depth = 1; depth < way.fields.size(); ++depth) {
    arrow::ArrayVector chunks;
    for (const auto& chunk : array->chunks()) {
      if (chunk->type_id() != arrow::Type::STRUCT || chunk->num_fields() != 1 ||
          chunk->null_count() > 0) {
        throw DataError(Where(column), "expected a value in every row, got a struct that is null");
      }
      chunks.push_back(static_cast<const arrow::StructArray&>(*chunk).field(0));
    }
    const auto type = array->type()->field(0)->type();
    array = std::make_shared<arrow::ChunkedArray>(std::move(chunks), type);
  }
  return array;
}

std::shared_ptr<arrow::ChunkedArray> ParquetTable::Impl::UnpackArrow(size_t column,
                                                                     int group) const {
  if (batch_group != group) {
    batch_group = -1;  // none, until it is found to be sound
    batch = TakeResult<DataError>(arrow->ReadRecordBatch(group), path, "readable values");
    // The format trusts its offsets; a damaged file's may lead anywhere.
    CheckCall<DataError>(batch->ValidateFull(), path, "a sound batch of rows");
    batch_group = group;
  }
  const std::vector<int>& fields = ways[column].fields;
  std::shared_ptr<arrow::Array> array = batch->column(fields.front());
  for (size_t depth = 1; depth < fields.size(); ++depth) {
    if (array->null_count() > 0) {
      throw DataError(Where(column), "expected a value in every row, got a struct that is null");
    }
    array = static_cast<const arrow::StructArray&>(*array).field(fields[depth]);
  }
  return std::make_shared<arrow::ChunkedArray>(array);
}

std::shared_ptr<arrow::ChunkedArray> ParquetTable::Impl::Unpack(size_t column, int group) const {
  Unpacked& last = unpacked[column];
  if (last.group == group) return last.array;
  last = {};  // its memory is free for what comes
  auto array = parquet != nullptr ? UnpackParquet(column, group) : UnpackArrow(column, group);
  if (array->length() != starts[group + 1] - starts[group]) {
    throw DataError(Where(column), "expected " + std::to_string(starts[group + 1] - starts[group]) +
                                       " rows in a group, got " + std::to_string(array->length()));
  }
  last = {group, array};
  return array;
}

void ParquetTable::Impl::VisitRows(size_t column, int64_t first, int64_t count,
                                   const Visit& visit) const {
  const int64_t all = starts.back();
  const int64_t end = count < 0 ? all : first + count;
  if (first < 0 || first > end || end > all) {
    throw DataError(Where(column),
                    "expected rows up to " + std::to_string(end) + ", got " + std::to_string(all));
  }
  const auto group_of = std::ranges::upper_bound(starts, first) - starts.begin() - 1;
  for (int group = static_cast<int>(group_of); first < end; ++group) {
    const auto array = Unpack(column, group);
    // A group may come in several chunks.
    int64_t start = starts[group];
    for (const auto& chunk : array->chunks()) {
      const int64_t from = std::max(first, start), to = std::min(end, start + chunk->length());
      if (from < to) {
        visit(*chunk, {.first = from - start,
                       .count = to - from,
                       .shown_first = from,
                       .where = Where(column)});
        first = to;
      }
      start += chunk->length();
    }
  }
}

ParquetTable::ParquetTable(const std::string& path, const TableLimits& limits)
    : impl_(std::make_unique<Impl>(path, limits)) {
  if (std::filesystem::is_directory(path)) throw DataError(path, "expected a file, got a folder");
  const TableFormat format = RecogniseTable(path);
  impl_->starts = {0};
  GuardCall<DataError>(path, kReadable, [&] {
    format == TableFormat::kParquet ? impl_->OpenParquet() : impl_->OpenArrow();
  });
}

ParquetTable::~ParquetTable() = default;
ParquetTable::ParquetTable(ParquetTable&& other) noexcept = default;
ParquetTable& ParquetTable::operator=(ParquetTable&& other) noexcept = default;

const std::string& ParquetTable::path() const { return impl_->path; }
int64_t ParquetTable::rows() const { return impl_->starts.back(); }
const std::vector<ParquetColumn>& ParquetTable::columns() const { return impl_->columns; }

const ParquetColumn* ParquetTable::Find(const std::string& name) const {
  const auto column = std::ranges::find(impl_->columns, name, &ParquetColumn::name);
  return column == impl_->columns.end() ? nullptr : &*column;
}

const ParquetColumn& ParquetTable::Column(const std::string& name) const {
  return impl_->columns[impl_->IndexOf(name)];
}

int64_t ParquetTable::RowSize(const std::string& name) const {
  const size_t column = impl_->IndexOf(name);
  // Where the type does not tell it, the first row does.
  int64_t size = 1;
  for (const int64_t part : impl_->columns[column].row_shape) size = part < 0 ? -1 : size * part;
  if (size >= 0 || rows() == 0) return std::max<int64_t>(size, 0);
  return GuardCall<DataError>(impl_->Where(column), "readable values", [&]() -> int64_t {
    impl_->VisitRows(column, 0, 1, [&](const arrow::Array& array, const ArrayRows& /*rows*/) {
      size = FirstRowSize(array);
    });
    return size;
  });
}

void ParquetTable::ReadNumbers(const std::string& name, int64_t row_size,
                               std::vector<double>& values, int64_t first, int64_t count) const {
  values.clear();
  const size_t column = impl_->IndexOf(name);
  GuardCall<DataError>(impl_->Where(column), "readable values", [&] {
    impl_->VisitRows(column, first, count, [&](const arrow::Array& array, const ArrayRows& rows) {
      AppendNumbers(array, rows, row_size, values, impl_->missing);
    });
  });
}

std::vector<int64_t> ParquetTable::ReadWholeNumbers(const std::string& name) const {
  std::vector<int64_t> values;
  const size_t column = impl_->IndexOf(name);
  GuardCall<DataError>(impl_->Where(column), "readable values", [&] {
    impl_->VisitRows(column, 0, -1, [&](const arrow::Array& array, const ArrayRows& rows) {
      AppendWholeNumbers(array, rows, values);
    });
  });
  return values;
}

std::vector<std::string> ParquetTable::ReadTexts(const std::string& name) const {
  std::vector<std::string> values;
  const size_t column = impl_->IndexOf(name);
  GuardCall<DataError>(impl_->Where(column), "readable values", [&] {
    impl_->VisitRows(column, 0, -1, [&](const arrow::Array& array, const ArrayRows& rows) {
      AppendTexts(array, rows, values, impl_->missing);
    });
  });
  return values;
}

void ParquetTable::Fail(const std::string& place, const std::string& expected,
                        const std::string& got) const {
  throw DataError(path() + (place.empty() ? "" : ":" + place),
                  "expected " + expected + ", got " + got);
}

}  // namespace longplay
