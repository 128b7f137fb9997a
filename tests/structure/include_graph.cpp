// SPDX-License-Identifier: MIT
#include "tests/structure/include_graph.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <regex>
#include <utility>

namespace longplay::structure {
namespace {

namespace fs = std::filesystem;

SourceFile ReadSource(const fs::path& path) {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  static const std::regex part(R"(^// The parts? of (\S+)\.h that )");
  SourceFile file;
  std::ifstream stream(path);
  std::smatch match;
  int number = 0;
  for (std::string line; std::getline(stream, line); ++number) {
    if (std::regex_search(line, match, include)) {
      file.includes.push_back(match[1]);
    } else if (number < 3 && std::regex_search(line, match, part)) {
      file.part_of = match[1];
    }
  }
  return file;
}

/// Tarjan's strongly connected components of more than one node.
class Components {
 public:
  using Edges = std::map<std::string, std::set<std::string>>;

  explicit Components(const Edges& edges) : edges_(edges) {
    for (const auto& [node, targets] : edges_) {
      if (!place_.contains(node)) Visit(node);
    }
    std::sort(found_.begin(), found_.end());
  }
  std::vector<std::vector<std::string>> take() { return std::move(found_); }

 private:
  size_t Visit(const std::string& node) {
    const size_t place = place_.size() + 1;
    size_t lowest = place_[node] = place;
    const size_t height = stack_.size();
    stack_.push_back(node);
    for (const std::string& target : edges_.at(node)) {
      if (!place_.contains(target)) {
        lowest = std::min(lowest, Visit(target));
      } else if (std::find(stack_.begin(), stack_.end(), target) != stack_.end()) {
        lowest = std::min(lowest, place_[target]);
      }
    }
    if (lowest == place) Take(height);
    return lowest;
  }

  // All above `height` on the stack reach each other.
  void Take(size_t height) {
    std::vector<std::string> circle(stack_.begin() + static_cast<std::ptrdiff_t>(height),
                                    stack_.end());
    stack_.resize(height);
    if (circle.size() < 2) return;
    std::sort(circle.begin(), circle.end());
    found_.push_back(std::move(circle));
  }

  const Edges& edges_;
  std::map<std::string, size_t> place_;  // in the order of the search, from 1
  std::vector<std::string> stack_;
  std::vector<std::vector<std::string>> found_;
};

}  // namespace

IncludeGraph::IncludeGraph(const fs::path& root, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto ending = entry.path().extension();
      if (ending != ".h" && ending != ".cpp") continue;
      files_[fs::relative(entry.path(), root).generic_string()] = ReadSource(entry.path());
    }
  }
}

std::map<std::string, std::string> IncludeGraph::Externals(const std::string& path) const {
  std::map<std::string, std::string> externals;
  std::set<std::string> seen = {path};
  std::vector<std::string> open = {path};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    for (const std::string& include : files_.at(at).includes) {
      if (!Holds(include)) {
        externals.emplace(include, at);
      } else if (seen.insert(include).second) {
        open.push_back(include);
      }
    }
  }
  return externals;
}

std::string IncludeGraph::Unit(const std::string& path) const {
  const std::string stem = path.substr(0, path.rfind('.'));
  const std::string& whole = files_.at(path).part_of;
  return Holds(stem + ".h") || whole.empty() ? stem : whole;
}

std::vector<std::vector<std::string>> IncludeGraph::Circles() const {
  Components::Edges edges;
  for (const auto& [path, file] : files_) {
    const std::string unit = Unit(path);
    auto& targets = edges[unit];
    for (const std::string& include : file.includes) {
      if (Holds(include) && Unit(include) != unit) targets.insert(Unit(include));
    }
  }
  return Components(edges).take();
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool IsInside(const std::string& path, const std::string& place) {
  return path == place || path.starts_with(place + "/");
}

}  // namespace longplay::structure
