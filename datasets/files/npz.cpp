// SPDX-License-Identifier: MIT
#include "datasets/files/npz.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace longplay {
namespace {

using Bytes = std::span<const std::byte>;

constexpr int64_t kMostEntries = 10000;
constexpr uint64_t kDeflateRatio = 1032;  // no deflated stream unpacks to more than this many times
constexpr size_t kMostDimensions = 32;    // numpy's own limit

[[noreturn]] void Fail(const std::string& expected, const std::string& got) {
  throw std::runtime_error("expected " + expected + ", got " + got);
}

/// A little-endian number of `size` bytes.
uint64_t Number(Bytes bytes, size_t at, size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) Fail("a whole file", "a truncated one");
  uint64_t value = 0;
  for (size_t k = 0; k < size; ++k) value |= std::to_integer<uint64_t>(bytes[at + k]) << (8 * k);
  return value;
}

Bytes Part(Bytes bytes, uint64_t at, uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) Fail("a whole file", "a truncated one");
  return bytes.subspan(at, size);
}

std::string Text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// ---- zip ------------------------------------------------------------------------------------

/// A file in the archive.
struct ZipEntry {
  std::string name;
  uint64_t method = 0, packed = 0, unpacked = 0, header = 0;
};

struct ZipDirectory {
  uint64_t entries = 0, at = 0;
};

ZipDirectory FindDirectory(Bytes file) {
  // The end record (APPNOTE 4.3.16) is 22 bytes and a comment: searched for from the back.
  constexpr size_t kEnd = 22, kComment = 65535;
  if (file.size() < kEnd) Fail("a zip archive (.npz)", "something shorter");
  const size_t last = file.size() - kEnd;
  for (size_t back = 0; back <= std::min(last, kComment); ++back) {
    const size_t at = last - back;
    if (Number(file, at, 4) != 0x06054b50) continue;
    ZipDirectory directory{Number(file, at + 10, 2), Number(file, at + 16, 4)};
    // Fields full of ones: the zip64 locator, 20 bytes before, knows where the real ones are.
    const bool is_64 = directory.entries == 0xffff || directory.at == 0xffffffff;
    if (is_64 && at >= 20 && Number(file, at - 20, 4) == 0x07064b50) {
      const uint64_t end_64 = Number(file, at - 12, 8);
      if (Number(file, end_64, 4) != 0x06064b50) Fail("a zip64 directory", "something else");
      directory = {Number(file, end_64 + 32, 8), Number(file, end_64 + 48, 8)};
    }
    return directory;
  }
  Fail("a zip archive (.npz)", "something else, or a truncated one");
}

// Sizes beyond 32 bits are in extra field 1, in this order, each only where it is needed
// (APPNOTE 4.5.3).
void ReadZip64(Bytes extra, ZipEntry* entry) {
  for (size_t at = 0; at + 4 <= extra.size();) {
    const uint64_t kind = Number(extra, at, 2), size = Number(extra, at + 2, 2);
    const Bytes field = Part(extra, at + 4, size);
    at += 4 + size;
    if (kind != 1) continue;
    size_t next = 0;
    for (uint64_t* value : {&entry->unpacked, &entry->packed, &entry->header}) {
      if (*value != 0xffffffff) continue;
      *value = Number(field, next, 8);
      next += 8;
    }
  }
}

std::vector<ZipEntry> ReadDirectory(Bytes file) {
  const ZipDirectory directory = FindDirectory(file);
  if (directory.entries > static_cast<uint64_t>(kMostEntries)) {
    Fail("at most " + std::to_string(kMostEntries) + " arrays", std::to_string(directory.entries));
  }
  // Headers of the central directory (APPNOTE 4.3.12); bit 0 of its flags means encrypted.
  std::vector<ZipEntry> entries;
  uint64_t at = directory.at;
  for (uint64_t k = 0; k < directory.entries; ++k) {
    if (Number(file, at, 4) != 0x02014b50) Fail("a zip directory", "something else");
    if ((Number(file, at + 8, 2) & 1) != 0) Fail("an archive without a password", "one with");
    ZipEntry entry{.name = {},
                   .method = Number(file, at + 10, 2),
                   .packed = Number(file, at + 20, 4),
                   .unpacked = Number(file, at + 24, 4),
                   .header = Number(file, at + 42, 4)};
    const uint64_t name = Number(file, at + 28, 2), extra = Number(file, at + 30, 2);
    entry.name = Text(Part(file, at + 46, name));
    ReadZip64(Part(file, at + 46 + name, extra), &entry);
    entries.push_back(std::move(entry));
    at += 46 + name + extra + Number(file, at + 32, 2);
  }
  return entries;
}

/// All of a stream that unpacks to `size` bytes, or the first `size` bytes of a longer one.
enum class Unpack { kWhole, kBeginning };
std::vector<std::byte> Inflate(Bytes packed, uint64_t size, Unpack what = Unpack::kWhole) {
  std::vector<std::byte> unpacked(size);
  z_stream stream = {};
  // -15: a bare deflate stream, without zlib's header, is what zip holds.
  const int made = inflateInit2(&stream, -15);
  if (made != Z_OK) Fail("room to unpack", zError(made));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
  uint64_t in_left = packed.size(), out_left = size;
  int status = Z_OK;
  while (status == Z_OK) {  // zlib counts in 32 bits
    constexpr uint64_t kMost = uint64_t{1} << 30;
    const auto in = static_cast<uInt>(std::min(in_left, kMost));
    const auto out = static_cast<uInt>(std::min(out_left, kMost));
    stream.avail_in = in;
    stream.avail_out = out;
    status = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= out - stream.avail_out;
    if (stream.avail_in == in && stream.avail_out == out) break;  // no progress
  }
  const std::string reason = stream.msg != nullptr ? std::string(": ") + stream.msg : "";
  inflateEnd(&stream);
  if (status == Z_MEM_ERROR) Fail("room to unpack", "none");
  if (what == Unpack::kBeginning && out_left == 0) return unpacked;
  if (status != Z_STREAM_END || out_left != 0) {
    Fail(std::to_string(size) + " unpacked bytes", "a damaged stream" + reason);
  }
  return unpacked;
}

constexpr std::string_view kNpyEnding = ".npy";

std::string ArrayName(const ZipEntry& entry) {
  return entry.name.substr(0, entry.name.size() - kNpyEnding.size());
}

/// A file's bytes as they are in the archive.
Bytes PackedBytes(Bytes file, const ZipEntry& entry) {
  if (Number(file, entry.header, 4) != 0x04034b50) Fail("a zip entry for " + entry.name, "none");
  // The local header (APPNOTE 4.3.7) has lengths of its own for name and extra field.
  const uint64_t start =
      entry.header + 30 + Number(file, entry.header + 26, 2) + Number(file, entry.header + 28, 2);
  return Part(file, start, entry.packed);
}

// ---- npy ------------------------------------------------------------------------------------

/// What stands before an array's numbers.
struct NpyHeader {
  std::string type;
  bool fortran_order = false;
  std::vector<int64_t> shape;
  size_t values = 0;  // [bytes] where they begin
};

/// The text after 'key': in a Python dictionary.
std::string_view After(std::string_view text, const std::string& key) {
  const size_t at = text.find("'" + key + "'");
  if (at == std::string_view::npos) Fail("an npy header with " + key, "none");
  size_t value = text.find(':', at + key.size() + 2);
  if (value == std::string_view::npos) Fail("an npy header with " + key, "none");
  ++value;
  while (value < text.size() && text[value] == ' ') ++value;
  return text.substr(value);
}

/// "(3, 4)", "(3,)" or "()"; numpy under Python 2 wrote 3L.
std::vector<int64_t> ParseShape(std::string_view text) {
  if (text.empty() || text.front() != '(') Fail("a shape", "none");
  std::vector<int64_t> shape;
  size_t at = 1;
  while (at < text.size() && text[at] != ')') {
    if (text[at] == ',' || text[at] == ' ' || text[at] == 'L') {
      ++at;
      continue;
    }
    int64_t size = -1;
    const auto parsed = std::from_chars(text.data() + at, text.data() + text.size(), size);
    if (parsed.ec != std::errc() || size < 0 || shape.size() == kMostDimensions) {
      Fail("a shape", "something else");
    }
    shape.push_back(size);
    at = static_cast<size_t>(parsed.ptr - text.data());
  }
  if (at >= text.size()) Fail("a shape", "half of one");
  return shape;
}

/// Arrays of records have a list where others name a type.
enum class StructuredType { kRefused, kNamed };

NpyHeader ParseHeader(Bytes file, StructuredType structured = StructuredType::kRefused) {
  if (file.size() < 10 || Text(file.first(6)) != "\x93NUMPY") Fail("an npy array", "another file");
  const uint64_t version = Number(file, 6, 1);
  if (version < 1 || version > 3) Fail("npy version 1 to 3", std::to_string(version));
  // The header's length has 2 bytes in version 1, 4 later.
  const size_t wide = version == 1 ? 2 : 4, start = 8 + wide;
  const uint64_t size = Number(file, 8, wide);
  const std::string text = Text(Part(file, start, size));
  NpyHeader header;
  // 'descr' is a quoted text such as '<f4'; of a structured array it is a list.
  std::string_view type = After(text, "descr");
  const bool is_plain = type.starts_with('\'');
  if (!is_plain && structured == StructuredType::kRefused) {
    Fail("an array of numbers", "a structured one");
  }
  if (is_plain) header.type = type.substr(1, type.find('\'', 1) - 1);
  header.fortran_order = After(text, "fortran_order").starts_with("True");
  header.shape = ParseShape(After(text, "shape"));
  header.values = start + size;
  return header;
}

/// Number of values; throws when they take more bytes than the limit.
uint64_t Count(const NpyHeader& header, uint64_t item, const NpzLimits& limits) {
  uint64_t count = 1;
  const auto most = static_cast<uint64_t>(limits.array_bytes) / item;
  for (const int64_t size : header.shape) {
    if (size == 0) return 0;
    if (count > most / static_cast<uint64_t>(size)) {
      Fail("an array of at most " + std::to_string(limits.array_bytes) + " bytes", "a larger one");
    }
    count *= static_cast<uint64_t>(size);
  }
  return count;
}

template <typename T>
void Widen(Bytes bytes, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
}

/// numpy's f2: 1 bit of sign, 5 of exponent, 10 of fraction.
double Half(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  return exponent == 0 ? sign * std::ldexp(fraction, -24)
                       : sign * std::ldexp(1024 + fraction, exponent - 25);
}

struct NumberType {
  const char* name;
  uint64_t bytes;
  void (*widen)(Bytes, std::vector<double>&);
};

const NumberType* FindType(const std::string& name) {
  static constexpr NumberType kTypes[] = {
      {"f4", 4, Widen<float>},
      {"f8", 8, Widen<double>},
      {"i1", 1, Widen<int8_t>},
      {"i2", 2, Widen<int16_t>},
      {"i4", 4, Widen<int32_t>},
      {"i8", 8, Widen<int64_t>},
      {"u1", 1, Widen<uint8_t>},
      {"u2", 2, Widen<uint16_t>},
      {"u4", 4, Widen<uint32_t>},
      {"u8", 8, Widen<uint64_t>},
      {"b1", 1, Widen<uint8_t>},
      {"f2", 2, [](Bytes bytes, std::vector<double>& values) {
         for (size_t i = 0; i < values.size(); ++i) {
           values[i] = Half(static_cast<uint16_t>(Number(bytes, 2 * i, 2)));
         }
       }}};
  const auto* found = std::ranges::find(kTypes, name, &NumberType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

/// Type and shape by an array's header, and whether its numbers could be read.
void Describe(Bytes file, NpzEntry& array) {
  const NpyHeader header = ParseHeader(file, StructuredType::kNamed);
  array.shape = header.shape;
  const char order = header.type.empty() ? ' ' : header.type.front();
  array.type = header.type.substr(std::min<size_t>(1, header.type.size()));
  if (header.type.empty()) {
    array.refused = "a structured array";
  } else if (array.type.starts_with('O')) {
    array.refused = "Python objects";
  } else if (array.type.starts_with('U') || array.type.starts_with('S')) {
    array.refused = "texts";
  } else if (FindType(array.type) == nullptr || order == '>') {
    array.refused = "numbers of type " + header.type;
  }
}

/// From column-major to row-major.
void Transpose(const std::vector<int64_t>& shape, std::vector<double>& values) {
  // `index` counts in row-major order; column-major has the first dimension fastest.
  std::vector<double> rows(values.size());
  std::vector<int64_t> index(shape.size(), 0);
  for (double& value : rows) {
    size_t from = 0;
    for (size_t d = shape.size(); d-- > 0;) from = from * shape[d] + index[d];
    value = values[from];
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  values = std::move(rows);
}

}  // namespace

int64_t NpyArray::row_size() const {
  int64_t size = 1;
  for (size_t d = 1; d < shape.size(); ++d) size *= shape[d];
  return size;
}

std::vector<NpzEntry> ListNpz(Bytes file) {
  constexpr uint64_t kMostHeader = 1 << 16;  // [bytes]
  std::vector<NpzEntry> arrays;
  for (const ZipEntry& entry : ReadDirectory(file)) {
    if (!entry.name.ends_with(kNpyEnding)) continue;
    NpzEntry array{.name = ArrayName(entry)};
    Bytes bytes = PackedBytes(file, entry);
    std::vector<std::byte> unpacked;
    if (entry.method == 8) {
      unpacked = Inflate(bytes, std::min(entry.unpacked, kMostHeader), Unpack::kBeginning);
      bytes = unpacked;
    } else if (entry.method != 0) {
      array.refused = "packed by method " + std::to_string(entry.method);
    }
    if (array.refused.empty()) Describe(bytes, array);
    arrays.push_back(std::move(array));
  }
  return arrays;
}

NpyArray ParseNpy(Bytes file, const NpzLimits& limits) {
  const NpyHeader header = ParseHeader(file);
  const char order = header.type.empty() ? ' ' : header.type.front();
  const NumberType* type = FindType(header.type.substr(std::min<size_t>(1, header.type.size())));
  // '|' is numpy's order of single bytes, '=' the machine's own.
  if (type == nullptr || (order != '<' && order != '|' && order != '=')) {
    Fail("numbers in little-endian order", "type " + header.type);
  }
  const uint64_t count = Count(header, type->bytes, limits);
  const Bytes bytes = Part(file, header.values, count * type->bytes);
  NpyArray array{.shape = header.shape, .type = type->name, .values = std::vector<double>(count)};
  type->widen(bytes, array.values);
  if (header.fortran_order && header.shape.size() > 1) Transpose(header.shape, array.values);
  return array;
}

std::map<std::string, NpyArray> ParseNpz(Bytes file,
                                         const std::function<bool(const std::string&)>& wanted,
                                         const NpzLimits& limits) {
  std::map<std::string, NpyArray> arrays;
  for (const ZipEntry& entry : ReadDirectory(file)) {
    if (!entry.name.ends_with(kNpyEnding)) continue;
    const std::string name = ArrayName(entry);
    if (!wanted(name)) continue;
    const Bytes packed = PackedBytes(file, entry);
    const auto most = static_cast<uint64_t>(limits.array_bytes) + (1 << 16);  // with the header
    if (entry.unpacked > most) {
      Fail(name + " of at most " + std::to_string(most) + " bytes", std::to_string(entry.unpacked));
    }
    // 0 stored (numpy.savez), 8 deflated (savez_compressed).
    if (entry.method == 0) {
      arrays[name] = ParseNpy(packed, limits);
    } else if (entry.method == 8) {
      // Refused before its memory is taken.
      if (entry.unpacked / kDeflateRatio > entry.packed + 64) {
        Fail(name + " of a size that its packed bytes can have", std::to_string(entry.unpacked));
      }
      arrays[name] = ParseNpy(Inflate(packed, entry.unpacked), limits);
    } else {
      Fail(name + " stored or deflated", "method " + std::to_string(entry.method));
    }
  }
  return arrays;
}

}  // namespace longplay
