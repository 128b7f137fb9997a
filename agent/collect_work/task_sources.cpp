// SPDX-License-Identifier: MIT
#include "agent/collect_work/task_sources.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "agent/acting/task_file.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// name="value" of every element of an XML file, in the order of the text.
std::vector<std::pair<std::string, std::string>> Attributes(const std::string& xml) {
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  std::vector<std::pair<std::string, std::string>> attributes;
  for (size_t at = xml.find('='); at != std::string::npos; at = xml.find('=', at + 1)) {
    // Back over the name, then on to the quote and to its other end.
    size_t end = at, quote = at + 1;
    while (end > 0 && is_space(xml[end - 1])) --end;
    size_t begin = end;
    while (begin > 0 && in_name(xml[begin - 1])) --begin;
    while (quote < xml.size() && is_space(xml[quote])) ++quote;
    if (quote == xml.size() || (xml[quote] != '"' && xml[quote] != '\'')) continue;
    const size_t last = xml.find(xml[quote], quote + 1);
    if (last == std::string::npos) break;
    attributes.emplace_back(xml.substr(begin, end - begin),
                            xml.substr(quote + 1, last - quote - 1));
    at = last;
  }
  return attributes;
}

/// Adds an MJCF file, and what it names, to `files`.
///   folder   of the whole model: file names are relative to it
///   folders  where its assets may lie, as far as is known; grows
void AddSources(const fs::path& file, const fs::path& folder, std::vector<fs::path>& folders,
                std::vector<std::string>& files) {
  std::error_code ignored;
  const std::string name = file.lexically_normal();
  if (!fs::is_regular_file(file, ignored) || std::ranges::find(files, name) != files.end()) return;
  files.push_back(name);
  if (file.extension() != ".xml" && file.extension() != ".mjcf") return;
  std::ifstream stream(file, std::ios::binary);
  const std::string xml{std::istreambuf_iterator<char>(stream), {}};
  const auto attributes = Attributes(xml);
  for (const auto& [attribute, value] : attributes) {
    if (attribute == "meshdir" || attribute == "texturedir" || attribute == "assetdir") {
      folders.push_back(folder / value);
    }
  }
  // file, and of a cube's six pictures fileright, fileup ...
  for (const auto& [attribute, value] : attributes) {
    if (!attribute.starts_with("file") || value.empty()) continue;
    AddSources(file.parent_path() / value, folder, folders, files);
    for (size_t k = 0; k < folders.size(); ++k) {
      AddSources(folders[k] / value, folder, folders, files);
    }
  }
}

}  // namespace

std::vector<std::string> ModelSources(const std::string& task_file) {
  const fs::path model = ReadTaskFile(task_file).model;
  std::vector<fs::path> folders = {model.parent_path()};
  std::vector<std::string> files;
  AddSources(model, model.parent_path(), folders, files);
  return files;
}

}  // namespace longplay
