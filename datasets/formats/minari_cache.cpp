// SPDX-License-Identifier: MIT
#include "datasets/formats/minari_cache.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "datasets/data_error.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMinariScheme = "minari:";
constexpr int kDeepestNamespace = 8;   // namespaces in namespaces
constexpr size_t kMostNamesShown = 6;  // of a cache that holds others

fs::path MinariCache() {
  const char* folder = std::getenv("MINARI_DATASETS_PATH");
  if (folder != nullptr && *folder != '\0') return folder;
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "" : home) / ".minari" / "datasets";
}

bool IsCached(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "data" / "metadata.json", ignored) ||
         fs::exists(folder / "data" / "main_data.hdf5", ignored);
}

/// Names of the data sets below a folder, which is a namespace.
void AddCached(const fs::path& folder, const std::string& name_space, int depth,
               std::vector<std::string>& names) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (!entry.is_directory(ignored)) continue;
    const std::string name = name_space + entry.path().filename().string();
    if (IsCached(entry.path())) {
      names.push_back(name);
    } else if (depth < kDeepestNamespace) {
      AddCached(entry.path(), name + "/", depth + 1, names);
    }
  }
}

/// How many characters have to be added, removed or replaced.
size_t EditsBetween(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The same, where the namespace, or the first of several, may have been left out.
size_t EditsTo(const std::string& name, const std::string& cached) {
  size_t least = EditsBetween(name, cached);
  for (size_t slash = cached.find('/'); slash != cached.npos; slash = cached.find('/', slash + 1)) {
    least = std::min(least, EditsBetween(name, std::string_view(cached).substr(slash + 1)));
  }
  return least;
}

/// Whether it ends with -v and a number; Minari downloads no other.
bool HasVersion(const std::string& name) {
  const size_t dash = name.rfind("-v");
  return dash != name.npos && dash + 2 < name.size() &&
         name.find_first_not_of("0123456789", dash + 2) == name.npos;
}

/// "a-v0, b-v0 and 3 more", the closest first.
std::string ShownNames(const std::string& name, std::vector<std::string> names) {
  std::ranges::sort(names);
  std::ranges::stable_sort(names, {}, [&](const std::string& each) { return EditsTo(name, each); });
  std::string text;
  for (size_t k = 0; k < std::min(names.size(), kMostNamesShown); ++k) {
    text += (k == 0 ? "" : ", ") + names[k];
  }
  if (names.size() > kMostNamesShown) {
    text += " and " + std::to_string(names.size() - kMostNamesShown) + " more";
  }
  return text.empty() ? "no data set" : text;
}

}  // namespace

bool IsMinariName(const std::string& path) { return path.starts_with(kMinariScheme); }

std::string FindInMinariCache(const std::string& path) {
  const std::string name = path.substr(kMinariScheme.size());
  // A name stays below the cache.
  const fs::path relative(name);
  const bool is_name = !name.empty() && !relative.is_absolute() &&
                       std::ranges::none_of(relative, [](const fs::path& part) {
                         return part.empty() || part == "." || part == "..";
                       });
  if (!is_name) {
    throw DataError(path, "expected minari:NAMESPACE/NAME-v0 or minari:NAME-v0, got another name");
  }
  const fs::path cache = MinariCache();
  if (IsCached(cache / relative)) return cache / relative;
  std::vector<std::string> names;
  AddCached(cache, "", 0, names);
  throw DataError(path, "expected a data set of Minari's cache, got none of this name in " +
                            cache.string() + ", which holds " + ShownNames(name, names) +
                            (HasVersion(name) ? "; to download it: minari download " + name
                                              : "; names end with a version, as -v0"));
}

}  // namespace longplay
