// SPDX-License-Identifier: MIT
#include "datasets/parquet/parquet_writer.h"

#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include <utility>

#include "datasets/data_error.h"
#include "datasets/parquet/arrow_call.h"
#include "datasets/parquet/arrow_columns.h"

namespace longplay {
namespace {

constexpr char kRoom[] = "room to write";

std::shared_ptr<arrow::DataType> TypeOf(const ParquetColumn& column) {
  if (column.row_shape.empty()) return ArrowType(column.type);
  // The name that Hugging Face's data sets and pyarrow give to what is in a list.
  const auto field = arrow::field("element", ArrowType(column.type));
  return column.row_shape[0] < 0
             ? arrow::list(field)
             : arrow::fixed_size_list(field, static_cast<int32_t>(column.row_shape[0]));
}

template <typename Builder, typename Value>
arrow::Status AppendAs(arrow::ArrayBuilder& builder, const std::vector<Value>& values) {
  auto& typed = static_cast<Builder&>(builder);
  ARROW_RETURN_NOT_OK(typed.Reserve(static_cast<int64_t>(values.size())));
  using Stored = typename Builder::value_type;
  for (const Value value : values) typed.UnsafeAppend(static_cast<Stored>(value));
  return arrow::Status::OK();
}

template <typename Value>
arrow::Status AppendNumbersAs(arrow::ArrayBuilder& builder, const std::vector<Value>& values) {
  switch (builder.type()->id()) {
    case arrow::Type::BOOL: {
      auto& flags = static_cast<arrow::BooleanBuilder&>(builder);
      for (const Value value : values) ARROW_RETURN_NOT_OK(flags.Append(value != 0));
      return arrow::Status::OK();
    }
    case arrow::Type::INT8:
      return AppendAs<arrow::Int8Builder>(builder, values);
    case arrow::Type::INT16:
      return AppendAs<arrow::Int16Builder>(builder, values);
    case arrow::Type::INT32:
      return AppendAs<arrow::Int32Builder>(builder, values);
    case arrow::Type::INT64:
      return AppendAs<arrow::Int64Builder>(builder, values);
    case arrow::Type::UINT8:
      return AppendAs<arrow::UInt8Builder>(builder, values);
    case arrow::Type::UINT16:
      return AppendAs<arrow::UInt16Builder>(builder, values);
    case arrow::Type::UINT32:
      return AppendAs<arrow::UInt32Builder>(builder, values);
    case arrow::Type::UINT64:
      return AppendAs<arrow::UInt64Builder>(builder, values);
    case arrow::Type::FLOAT:
      return AppendAs<arrow::FloatBuilder>(builder, values);
    default:
      return AppendAs<arrow::DoubleBuilder>(builder, values);
  }
}

/// One value after another, whatever lists they are in.
arrow::Status AppendValues(arrow::ArrayBuilder& builder, const ColumnRows& rows) {
  if (builder.type()->id() == arrow::Type::STRING) {
    return static_cast<arrow::StringBuilder&>(builder).AppendValues(rows.texts);
  }
  return rows.whole.empty() ? AppendNumbersAs(builder, rows.numbers)
                            : AppendNumbersAs(builder, rows.whole);
}

arrow::Result<std::shared_ptr<arrow::Array>> MakeArray(const ParquetColumn& column, int64_t rows,
                                                       const ColumnRows& values) {
  arrow::MemoryPool* pool = arrow::system_memory_pool();
  std::unique_ptr<arrow::ArrayBuilder> builder;
  ARROW_RETURN_NOT_OK(arrow::MakeBuilder(pool, ArrowType(column.type), &builder));
  ARROW_RETURN_NOT_OK(AppendValues(*builder, values));
  std::shared_ptr<arrow::Array> flat;
  ARROW_RETURN_NOT_OK(builder->Finish(&flat));
  // Into lists: of a fixed size, or as long as was said.
  std::shared_ptr<arrow::Array> array = flat;
  if (!column.row_shape.empty() && column.row_shape[0] >= 0) {
    ARROW_ASSIGN_OR_RAISE(array, arrow::FixedSizeListArray::FromArrays(flat, TypeOf(column)));
  } else if (!column.row_shape.empty()) {
    arrow::Int32Builder offsets(pool);
    int64_t offset = 0;
    ARROW_RETURN_NOT_OK(offsets.Append(0));
    for (int64_t row = 0; row < rows; ++row) {
      offset += values.lengths.empty() ? flat->length() / rows : values.lengths[row];
      ARROW_RETURN_NOT_OK(offsets.Append(static_cast<int32_t>(offset)));
    }
    ARROW_ASSIGN_OR_RAISE(auto ends, offsets.Finish());
    ARROW_ASSIGN_OR_RAISE(array, arrow::ListArray::FromArrays(TypeOf(column), *ends, *flat, pool));
  }
  if (array->length() != rows) {
    return arrow::Status::Invalid(std::to_string(array->length()) + " rows of " + column.name);
  }
  return array;
}

}  // namespace

struct ParquetWriter::Impl {
  std::string path;
  std::vector<ParquetColumn> columns;
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::io::FileOutputStream> file;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
};

ParquetWriter::ParquetWriter(const std::string& path, std::vector<ParquetColumn> columns,
                             const std::map<std::string, std::string>& metadata,
                             ParquetStatistics statistics)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  impl_->columns = std::move(columns);
  // The schema as Arrow has it, kept in the file: Parquet alone knows no fixed sizes.
  arrow::FieldVector fields;
  for (const ParquetColumn& column : impl_->columns) {
    fields.push_back(arrow::field(column.name, TypeOf(column)));
  }
  std::unordered_map<std::string, std::string> notes(metadata.begin(), metadata.end());
  impl_->schema = arrow::schema(
      fields, notes.empty() ? nullptr : std::make_shared<arrow::KeyValueMetadata>(notes));
  parquet::WriterProperties::Builder properties;
  properties.compression(parquet::Compression::SNAPPY);
  if (statistics == ParquetStatistics::kNone) properties.disable_statistics();
  // Decimal numbers rarely repeat: a dictionary of them takes half as much again.
  properties.disable_dictionary();
  for (const ParquetColumn& column : impl_->columns) {
    if (column.row_shape.empty() && !column.type.starts_with("float")) {
      properties.enable_dictionary(column.name);
    }
  }
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  impl_->file = TakeResult<WriteError>(arrow::io::FileOutputStream::Open(path), path, kRoom);
  GuardCall<WriteError>(path, kRoom, [&] {
    impl_->writer = TakeResult<WriteError>(
        parquet::arrow::FileWriter::Open(*impl_->schema, arrow::system_memory_pool(), impl_->file,
                                         properties.build(), arrow_properties),
        path, kRoom);
  });
}

ParquetWriter::~ParquetWriter() = default;

void ParquetWriter::AppendGroup(int64_t rows, const std::vector<ColumnRows>& columns) {
  Impl& impl = *impl_;
  if (columns.size() != impl.columns.size()) {
    throw WriteError(impl.path, "expected " + std::to_string(impl.columns.size()) +
                                    " columns, got " + std::to_string(columns.size()));
  }
  arrow::ArrayVector arrays;
  for (size_t k = 0; k < columns.size(); ++k) {
    arrays.push_back(TakeResult<WriteError>(MakeArray(impl.columns[k], rows, columns[k]), impl.path,
                                            std::to_string(rows) + " rows of every column"));
  }
  GuardCall<WriteError>(impl.path, kRoom, [&] {
    const auto table = arrow::Table::Make(impl.schema, arrays, rows);
    CheckCall<WriteError>(impl.writer->WriteTable(*table, std::max<int64_t>(rows, 1)), impl.path,
                          kRoom);
  });
}

int64_t ParquetWriter::bytes() const {
  return TakeResult<WriteError>(impl_->file->Tell(), impl_->path, kRoom);
}

void ParquetWriter::Close() {
  GuardCall<WriteError>(impl_->path, kRoom, [&] {
    CheckCall<WriteError>(impl_->writer->Close(), impl_->path, kRoom);
    CheckCall<WriteError>(impl_->file->Close(), impl_->path, kRoom);
  });
}

}  // namespace longplay
