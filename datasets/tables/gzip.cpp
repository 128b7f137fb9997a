// SPDX-License-Identifier: MIT
#include "datasets/tables/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace longplay {
namespace {

/// zlib's state, freed with this object.
struct GzipStream {
  GzipStream() {
    // 15 bits of window; 16 more mean gzip's header, and that alone.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~GzipStream() { inflateEnd(&stream); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  z_stream stream = {};
};

}  // namespace

bool IsGzip(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{0x1f} && file[1] == std::byte{0x8b};
}

std::string Gunzip(std::span<const std::byte> file, int64_t most_bytes) {
  constexpr size_t kMostIn = size_t{1} << 30;  // zlib counts in 32 bits
  const auto fail = [](const std::string& reason) {
    throw std::runtime_error("expected a whole gzip file, got a damaged one" + reason);
  };
  GzipStream gzip;
  z_stream& stream = gzip.stream;
  std::string text;
  std::array<char, 1 << 16> chunk{};
  for (size_t at = 0; at < file.size();) {
    // One member of the file may stand behind another.
    const size_t in = std::min(file.size() - at, kMostIn);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(file.data() + at));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    const int status = inflate(&stream, Z_NO_FLUSH);
    const size_t made = chunk.size() - stream.avail_out;
    at += in - stream.avail_in;
    text.append(chunk.data(), made);
    if (text.size() > static_cast<size_t>(most_bytes)) {
      throw std::runtime_error("expected at most " + std::to_string(most_bytes) +
                               " unpacked bytes, got more");
    }
    if (status == Z_STREAM_END) {
      if (at == file.size()) return text;
      inflateReset(&stream);
    } else if (status != Z_OK) {
      fail(stream.msg == nullptr ? "" : std::string(": ") + stream.msg);
    }
  }
  // What is in the window may be more than one chunk: take the rest.
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    const int status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk.data(), chunk.size() - stream.avail_out);
    if (status == Z_STREAM_END) return text;
    if (status != Z_OK || stream.avail_out == chunk.size()) break;
  }
  fail(": its end is missing");
  return text;
}

}  // namespace longplay
