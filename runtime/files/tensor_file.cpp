// SPDX-License-Identifier: MIT
#include "runtime/files/tensor_file.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/files/failure.h"
#include "runtime/files/json_value.h"
#include "runtime/longplay.h"

namespace longplay::runtime {
namespace {

constexpr size_t kLargestFile = size_t{4} << 30;    // a policy of a billion parameters
constexpr size_t kLargestHeader = size_t{8} << 20;  // a hundred thousand tensors
constexpr int64_t kMostNumbers = int64_t{1} << 31;  // products of sizes stay far from overflow

/// A whole number from 0 that a double holds exactly; -1 for anything else.
int64_t WholeNumber(const JsonValue& value) {
  if (value.kind != JsonValue::Kind::kNumber || !(value.number >= 0) || value.number > 1e15)
    return -1;
  const auto whole = static_cast<int64_t>(value.number);
  return static_cast<double>(whole) == value.number ? whole : -1;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

uint64_t HashOf(const char* bytes, size_t count) {
  // FNV-1a, eight bytes at a time.
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; i += 8) {
    uint64_t word = count - i;  // how many are left counts where it is no whole word
    std::memcpy(&word, bytes + i, count - i < 8 ? count - i : 8);
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  return hash;
}

std::string ReadWholeFile(const std::string& path, size_t most) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) Fail(LONGPLAY_NO_FILE, "reading " + path + ": expected a file, got none");
  std::string bytes;
  // In parts: a size that the system tells may be that of a device or a folder.
  constexpr size_t kPart = size_t{1} << 20;
  for (size_t got = kPart; got == kPart;) {
    const size_t before = bytes.size();
    bytes.resize(before + kPart);
    got = std::fread(bytes.data() + before, 1, kPart, file.get());
    bytes.resize(before + got);
    if (bytes.size() > most) {
      Fail(LONGPLAY_DAMAGED,
           "reading " + path + ": expected at most " + std::to_string(most) + " bytes, got more");
    }
  }
  if (std::ferror(file.get()) != 0) {
    Fail(LONGPLAY_NO_FILE, "reading " + path + ": expected a file that can be read, got none");
  }
  return bytes;
}

double StoredTensor::at(int64_t index) const {
  if (wide) {
    double number = 0;
    std::memcpy(&number, bytes + index * 8, 8);
    return number;
  }
  float number = 0;
  std::memcpy(&number, bytes + index * 4, 4);
  return number;
}

TensorFile::TensorFile(const std::string& path)
    : path_(path), bytes_(ReadWholeFile(path, kLargestFile)) {
  // 8 bytes: the header's length; the header, JSON; the tensors' bytes.
  uint64_t length = 0;
  if (bytes_.size() >= 8) std::memcpy(&length, bytes_.data(), 8);
  if (length < 2 || length > kLargestHeader || length > bytes_.size() - 8) {
    Fail(LONGPLAY_DAMAGED,
         "reading " + path + ": expected a safetensors file, got another or a " + "part of one");
  }
  ReadHeader(bytes_.substr(8, length), 8 + length);
}

void TensorFile::ReadHeader(const std::string& header, size_t data_begin) {
  const JsonValue json = ParseJson(header, path_);
  const auto size = static_cast<int64_t>(bytes_.size() - data_begin);
  for (size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    const JsonValue& entry = json.items[i];
    if (name == "__metadata__") continue;
    const auto wrong = [&](const char* expected) {
      Fail(LONGPLAY_DAMAGED, "reading " + path_ + ": " + name + ": expected " + expected);
    };
    const JsonValue* type = entry.Find("dtype");
    const JsonValue* shape = entry.Find("shape");
    const JsonValue* offsets = entry.Find("data_offsets");
    if (type == nullptr || shape == nullptr || offsets == nullptr || offsets->items.size() != 2)
      wrong("dtype, shape and data_offsets");
    if (type->text != "F32" && type->text != "F64") {
      Fail(LONGPLAY_NOT_SUPPORTED,
           "reading " + path_ + ": " + name + ": expected F32 or F64, got " + type->text);
    }
    StoredTensor tensor{.name = name, .shape = {}, .count = 1, .wide = type->text == "F64"};
    for (const JsonValue& item : shape->items) {
      tensor.shape.push_back(WholeNumber(item));
      if (tensor.shape.back() < 1 || tensor.shape.back() > kMostNumbers / tensor.count)
        wrong("a shape of sizes from 1");
      tensor.count *= tensor.shape.back();
    }
    const int64_t first = WholeNumber(offsets->items[0]), last = WholeNumber(offsets->items[1]);
    if (first < 0 || last > size || last - first != tensor.count * (tensor.wide ? 8 : 4))
      wrong("a place inside the file as large as the shape");
    tensor.bytes = bytes_.data() + data_begin + first;
    for (int64_t k = 0; k < tensor.count; ++k) {
      if (!std::isfinite(tensor.at(k))) wrong("finite numbers");
    }
    numbers_ += tensor.count;
    tensors_.push_back(std::move(tensor));
  }
}

const StoredTensor* TensorFile::Find(const std::string& name) const {
  for (const StoredTensor& tensor : tensors_) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

uint64_t TensorFile::hash() const { return HashOf(bytes_.data(), bytes_.size()); }

const StoredTensor& TensorFile::Take(const std::string& name,
                                     const std::vector<int64_t>& shape) const {
  const StoredTensor* tensor = Find(name);
  if (tensor == nullptr || tensor->shape != shape) {
    Fail(LONGPLAY_DAMAGED, "reading " + path_ + ": " + name + ": expected shape " +
                               ShapeText(shape) + ", got " +
                               (tensor == nullptr ? "none" : ShapeText(tensor->shape)));
  }
  return *tensor;
}

}  // namespace longplay::runtime
