// SPDX-License-Identifier: MIT
#include "datasets/columnar/space_columns.h"

#include <algorithm>
#include <sstream>

namespace longplay {
namespace {

std::vector<std::string> SplitPath(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream stream(path);
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  return parts;
}

}  // namespace

bool IsDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool DigitsLess(const std::string& a, const std::string& b) {
  const std::string x = a.substr(std::min(a.find_first_not_of('0'), a.size()));
  const std::string y = b.substr(std::min(b.find_first_not_of('0'), b.size()));
  if (x.size() != y.size()) return x.size() < y.size();
  return x != y ? x < y : a < b;  // of 01 and 1 the text decides
}

const Space* SpaceOfColumn(const Space& space, const std::string& column) {
  const std::vector<std::string> names = SplitPath(column);
  const Space* part = &space;
  for (size_t k = 1; k < names.size() && part != nullptr; ++k) {
    part = part->Find(part->type == "Tuple" ? "_index_" + names[k] : names[k]);
  }
  return part;
}

std::vector<std::string> SpaceColumns(const ParquetTable& table, const std::string& name,
                                      const Space& space) {
  std::vector<std::string> names;
  for (const ParquetColumn& column : table.columns()) {
    if (column.name == name || column.name.starts_with(name + "/")) names.push_back(column.name);
  }
  const auto before = [&](const std::string& a, const std::string& b) {
    const auto x = SplitPath(a), y = SplitPath(b);
    std::string parent = name;
    for (size_t k = 1; k < std::min(x.size(), y.size()); ++k) {
      if (x[k] == y[k]) {
        parent += "/" + x[k];
        continue;
      }
      const Space* part = SpaceOfColumn(space, parent);
      const bool keys = part != nullptr && part->type == "Dict";
      if (keys) return x[k] < y[k];
      // Numbers first, in their order.
      if (IsDigits(x[k]) != IsDigits(y[k])) return IsDigits(x[k]);
      return IsDigits(x[k]) ? DigitsLess(x[k], y[k]) : x[k] < y[k];
    }
    return x.size() < y.size();
  };
  std::ranges::stable_sort(names, before);
  return names;
}

}  // namespace longplay
