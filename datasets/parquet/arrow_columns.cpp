// SPDX-License-Identifier: MIT
#include "datasets/parquet/arrow_columns.h"

#include <arrow/util/float16.h>
#include <arrow/util/key_value_metadata.h>

#include <limits>
#include <sstream>

#include "datasets/data_error.h"

namespace longplay {
namespace {

/// Types of numbers as numpy and Arrow call them.
struct NamedType {
  const char* name;
  arrow::Type::type id;
};
constexpr NamedType kNumberTypes[] = {
    {"bool", arrow::Type::BOOL},     {"int8", arrow::Type::INT8},
    {"int16", arrow::Type::INT16},   {"int32", arrow::Type::INT32},
    {"int64", arrow::Type::INT64},   {"uint8", arrow::Type::UINT8},
    {"uint16", arrow::Type::UINT16}, {"uint32", arrow::Type::UINT32},
    {"uint64", arrow::Type::UINT64}, {"float16", arrow::Type::HALF_FLOAT},
    {"float32", arrow::Type::FLOAT}, {"float64", arrow::Type::DOUBLE},
};

bool IsText(arrow::Type::type id) {
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING ||
         id == arrow::Type::STRING_VIEW;
}

/// The element type of a list; nullptr of anything else.
const arrow::DataType* ElementOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
      return type.field(0)->type().get();
    default:
      return nullptr;
  }
}

/// "2,3" as Minari notes it.
std::vector<int64_t> ParseShape(const std::string& text) {
  std::vector<int64_t> shape;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (part.empty() || part.size() > 9 || part.find_first_not_of("0123456789") != part.npos) {
      return {-1};
    }
    shape.push_back(std::stoll(part));
  }
  return shape;
}

[[noreturn]] void FailRow(const ArrayRows& rows, int64_t row, const std::string& expected,
                          const std::string& got) {
  throw DataError(rows.where + "[" + std::to_string(rows.shown_first + row) + "]",
                  "expected " + expected + ", got " + got);
}

std::string NumbersText(int64_t row_size) {
  return std::to_string(row_size) + (row_size == 1 ? " number a row" : " numbers a row");
}

/// The values of lists [first, first + count): where they begin in the array of all values.
struct ListValues {
  std::shared_ptr<arrow::Array> array;
  int64_t first = 0;
};

/// Lists of an array, all of which must have `length` values (-1: that of the first).
template <typename List>
ListValues OpenLists(const arrow::Array& array, int64_t first, int64_t count, int64_t& length,
                     int64_t& odd) {
  const auto& lists = static_cast<const List&>(array);
  if (length < 0) length = count == 0 ? 0 : lists.value_length(first);
  for (odd = 0; odd < count; ++odd) {
    if (lists.value_length(first + odd) != length) break;
  }
  return {lists.values(), count == 0 ? 0 : lists.value_offset(first)};
}

/// `odd` becomes the first list of another length, or `count`.
ListValues Lists(const arrow::Array& array, int64_t first, int64_t count, int64_t& length,
                 int64_t& odd) {
  switch (array.type_id()) {
    case arrow::Type::LIST:
      return OpenLists<arrow::ListArray>(array, first, count, length, odd);
    case arrow::Type::LARGE_LIST:
      return OpenLists<arrow::LargeListArray>(array, first, count, length, odd);
    default:
      return OpenLists<arrow::FixedSizeListArray>(array, first, count, length, odd);
  }
}

template <typename Typed, typename Value>
void Widen(const arrow::Array& array, int64_t first, int64_t count, Value* out) {
  const auto& typed = static_cast<const Typed&>(array);
  for (int64_t k = 0; k < count; ++k) out[k] = static_cast<Value>(+typed.Value(first + k));
}

/// Numbers [first, first + count) of an array of any number type, as Value. False for other types.
template <typename Value>
bool WidenAny(const arrow::Array& array, int64_t first, int64_t count, Value* out) {
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return Widen<arrow::BooleanArray>(array, first, count, out), true;
    case arrow::Type::INT8:
      return Widen<arrow::Int8Array>(array, first, count, out), true;
    case arrow::Type::INT16:
      return Widen<arrow::Int16Array>(array, first, count, out), true;
    case arrow::Type::INT32:
      return Widen<arrow::Int32Array>(array, first, count, out), true;
    case arrow::Type::INT64:
      return Widen<arrow::Int64Array>(array, first, count, out), true;
    case arrow::Type::UINT8:
      return Widen<arrow::UInt8Array>(array, first, count, out), true;
    case arrow::Type::UINT16:
      return Widen<arrow::UInt16Array>(array, first, count, out), true;
    case arrow::Type::UINT32:
      return Widen<arrow::UInt32Array>(array, first, count, out), true;
    case arrow::Type::UINT64:
      return Widen<arrow::UInt64Array>(array, first, count, out), true;
    case arrow::Type::FLOAT:
      return Widen<arrow::FloatArray>(array, first, count, out), true;
    case arrow::Type::DOUBLE:
      return Widen<arrow::DoubleArray>(array, first, count, out), true;
    case arrow::Type::HALF_FLOAT: {
      const auto& halves = static_cast<const arrow::HalfFloatArray&>(array);
      for (int64_t k = 0; k < count; ++k) {
        out[k] =
            static_cast<Value>(arrow::util::Float16::FromBits(halves.Value(first + k)).ToFloat());
      }
      return true;
    }
    default:
      return false;
  }
}

/// Fails at the first row [first, first + count) that is null; `share` entries make a row of the file.
void RefuseNulls(const arrow::Array& array, int64_t first, int64_t count, int64_t share,
                 const ArrayRows& rows) {
  if (array.null_count() == 0) return;
  for (int64_t k = 0; k < count; ++k) {
    if (array.IsNull(first + k)) FailRow(rows, k / share, "a value", "none (null)");
  }
}

}  // namespace

ParquetColumn DescribeColumn(const std::string& name, const arrow::Field& field) {
  ParquetColumn column{.name = name};
  // Lists are dimensions, from the outermost on.
  const arrow::DataType* type = field.type().get();
  int64_t fixed = 1;
  while (const arrow::DataType* element = ElementOf(*type)) {
    const bool is_fixed = type->id() == arrow::Type::FIXED_SIZE_LIST;
    column.row_shape.push_back(
        is_fixed ? static_cast<const arrow::FixedSizeListType*>(type)->list_size() : -1);
    fixed = is_fixed && fixed >= 0 ? column.row_shape.back() : -1;
    type = element;
  }
  for (const NamedType& number : kNumberTypes) {
    if (type->id() == number.id) column.type = number.name;
  }
  // Texts in lists are read by nobody.
  const bool is_text =
      IsText(type->id()) ||
      (type->id() == arrow::Type::DICTIONARY &&
       IsText(static_cast<const arrow::DictionaryType*>(type)->value_type()->id()));
  if (is_text && column.row_shape.empty()) column.type = "text";
  // A flat list may say how it was shaped.
  const auto metadata = field.metadata();
  if (column.row_shape.size() == 1 && metadata != nullptr && metadata->Contains("shape")) {
    const std::vector<int64_t> shape = ParseShape(metadata->Get("shape").ValueOr(""));
    int64_t size = 1;
    for (const int64_t part : shape) size = size > fixed ? -1 : size * part;
    if (size == fixed) column.row_shape = shape;
  }
  return column;
}

std::shared_ptr<arrow::DataType> ArrowType(const std::string& type) {
  if (type == "text") return arrow::utf8();
  if (type == "bool") return arrow::boolean();
  if (type == "int8") return arrow::int8();
  if (type == "int16") return arrow::int16();
  if (type == "int32") return arrow::int32();
  if (type == "int64") return arrow::int64();
  if (type == "uint8") return arrow::uint8();
  if (type == "uint16") return arrow::uint16();
  if (type == "uint32") return arrow::uint32();
  if (type == "uint64") return arrow::uint64();
  return type == "float32" ? arrow::float32() : arrow::float64();
}

void AppendNumbers(const arrow::Array& array, const ArrayRows& rows, int64_t row_size,
                   std::vector<double>& values, MissingValues missing) {
  // From the outermost list inwards: `share` entries of an array make a row of the file.
  const arrow::Array* level = &array;
  std::shared_ptr<arrow::Array> held;
  int64_t first = rows.first, count = rows.count, share = 1;
  while (const arrow::DataType* element = ElementOf(*level->type())) {
    RefuseNulls(*level, first, count, share, rows);
    // A list that holds numbers has what is left of the row; one of lists what the first one has.
    const bool innermost = ElementOf(*element) == nullptr;
    int64_t length = innermost && row_size % share == 0 ? row_size / share : -1, odd = 0;
    const ListValues lists = Lists(*level, first, count, length, odd);
    if (odd < count) {
      FailRow(rows, odd / share, NumbersText(row_size), "another number of them");
    }
    held = lists.array;
    level = held.get();
    first = lists.first;
    share *= length;
    count *= length;
    if (share == 0) break;
  }
  if (share != row_size && rows.count > 0) {
    FailRow(rows, 0, NumbersText(row_size), std::to_string(share));
  }
  const bool may_be_missing = missing == MissingValues::kNan && level == &array;
  if (!may_be_missing) RefuseNulls(*level, first, count, share, rows);
  const size_t before = values.size();
  values.resize(before + static_cast<size_t>(count));
  if (!WidenAny(*level, first, count, values.data() + before)) {
    throw DataError(rows.where, "expected numbers, got " + array.type()->ToString());
  }
  if (!may_be_missing || level->null_count() == 0) return;
  for (int64_t k = 0; k < count; ++k) {
    if (level->IsNull(first + k)) values[before + k] = std::numeric_limits<double>::quiet_NaN();
  }
}

void AppendWholeNumbers(const arrow::Array& array, const ArrayRows& rows,
                        std::vector<int64_t>& values) {
  const arrow::Type::type id = array.type_id();
  if (id == arrow::Type::FLOAT || id == arrow::Type::DOUBLE || id == arrow::Type::HALF_FLOAT) {
    throw DataError(rows.where, "expected whole numbers, got " + array.type()->ToString());
  }
  RefuseNulls(array, rows.first, rows.count, 1, rows);
  const size_t before = values.size();
  values.resize(before + static_cast<size_t>(rows.count));
  if (!WidenAny(array, rows.first, rows.count, values.data() + before)) {
    throw DataError(rows.where, "expected one whole number a row, got " + array.type()->ToString());
  }
}

void AppendTexts(const arrow::Array& array, const ArrayRows& rows, std::vector<std::string>& values,
                 MissingValues missing) {
  if (missing == MissingValues::kRefused) RefuseNulls(array, rows.first, rows.count, 1, rows);
  for (int64_t k = rows.first; k < rows.first + rows.count; ++k) {
    if (array.IsNull(k)) {
      values.emplace_back();
      continue;
    }
    switch (array.type_id()) {
      case arrow::Type::DICTIONARY: {
        const auto& categories = static_cast<const arrow::DictionaryArray&>(array);
        const int64_t index = categories.GetValueIndex(k);
        if (index < 0 || index >= categories.dictionary()->length()) {
          FailRow(rows, k - rows.first, "a category that there is", "another");
        }
        AppendTexts(*categories.dictionary(), {index, 1, rows.shown_first, rows.where}, values,
                    missing);
        break;
      }
      case arrow::Type::STRING:
        values.emplace_back(static_cast<const arrow::StringArray&>(array).GetView(k));
        break;
      case arrow::Type::LARGE_STRING:
        values.emplace_back(static_cast<const arrow::LargeStringArray&>(array).GetView(k));
        break;
      case arrow::Type::STRING_VIEW:
        values.emplace_back(static_cast<const arrow::StringViewArray&>(array).GetView(k));
        break;
      default:
        throw DataError(rows.where, "expected texts, got " + array.type()->ToString());
    }
  }
}

int64_t FirstRowSize(const arrow::Array& array) {
  const arrow::Array* level = &array;
  std::shared_ptr<arrow::Array> held;
  int64_t first = 0, size = 1;
  while (ElementOf(*level->type()) != nullptr && size > 0) {
    if (level->length() <= first) return 0;
    int64_t length = -1, odd = 0;
    const ListValues lists = Lists(*level, first, 1, length, odd);
    held = lists.array;
    level = held.get();
    first = lists.first;
    size *= length;
  }
  return size;
}

}  // namespace longplay
