// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace longplay {

/// Writes under a temporary name beside `path`, then renames: a reader sees the old file or the new
/// one, never a part. Missing folders are made. Throws std::runtime_error, prefixed with `doing`
/// ("writing the report"), and leaves no temporary file behind.
void WriteAtomically(const std::string& path, std::string_view contents, const std::string& doing);

}  // namespace longplay
