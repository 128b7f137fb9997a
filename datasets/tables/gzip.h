// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace longplay {

/// Whether bytes begin as gzip's do.
bool IsGzip(std::span<const std::byte> file);

/// What a gzip file holds (of several members, as `cat a.gz b.gz` makes them, all).
/// Throws std::runtime_error, "expected X, got Y", where it is damaged or unpacks to more bytes than
/// `most_bytes`. Source: RFC 1952.
std::string Gunzip(std::span<const std::byte> file, int64_t most_bytes = int64_t{4} << 30);

}  // namespace longplay
