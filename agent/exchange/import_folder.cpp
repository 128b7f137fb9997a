// SPDX-License-Identifier: MIT
#include "agent/exchange/import_folder.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kMostOfAnything = int64_t{1} << 31;  // sizes beyond are damage

[[noreturn]] void Fail(const std::string& where, const std::string& expected,
                       const std::string& got) {
  throw std::runtime_error("importing: " + where + ": expected " + expected + ", got " + got);
}

/// Python writes infinity as a bare word, which is no JSON: the largest number stands for it.
void ReplaceInfinity(std::string& text) {
  constexpr std::string_view kWord = "Infinity";
  for (size_t at = text.find(kWord, 1); at != std::string::npos; at = text.find(kWord, at + 1)) {
    if (text[at - 1] != '"') text.replace(at, kWord.size(), "1e308");
  }
}

nlohmann::json ReadJson(const fs::path& path) {
  std::ifstream file(path);
  if (!fs::exists(path)) Fail(path.string(), "a file", "none: there is no such file");
  if (!file || fs::is_directory(path)) Fail(path.string(), "a readable file", "none");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  ReplaceInfinity(text);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) Fail(path.string(), "a JSON object", "something else");
  return json;
}

/// Lists and objects are not shown: nobody has checked how deep they are.
std::string Shown(const nlohmann::json* value) {
  if (value == nullptr) return "nothing";
  return value->is_structured() ? "a list or an object" : value->dump();
}

TensorMap ReadShards(const fs::path& folder) {
  const fs::path index = folder / "model.safetensors.index.json";
  const nlohmann::json json = ReadJson(index);
  const auto map = json.find("weight_map");
  if (map == json.end() || !map->is_object()) Fail(index, "a weight_map", Shown(nullptr));
  // Each shard once, however many tensors it holds.
  std::set<std::string> files;
  for (const auto& [name, file] : map->items()) {
    if (!file.is_string()) Fail(index.string() + ": " + name, "a file name", Shown(&file));
    files.insert(file.get<std::string>());
  }
  TensorMap all;
  for (const std::string& file : files) {
    // Only files beside the index: a name must not lead elsewhere.
    if (fs::path(file).filename() != file) Fail(index, "names of files beside it", file);
    all.merge(ReadSafetensors(folder / file));
  }
  return all;
}

TensorMap ReadWeights(const fs::path& folder) {
  const fs::path whole = folder / "model.safetensors";
  if (fs::exists(whole)) return ReadSafetensors(whole);
  if (fs::exists(folder / "model.safetensors.index.json")) return ReadShards(folder);
  Fail(whole, "a file of weights in safetensors",
       fs::exists(folder / "pytorch_model.bin") ? "pytorch_model.bin alone" : "none");
}

}  // namespace

ImportFolder::ImportFolder(const std::string& folder) : folder_(folder) {
  if (!fs::is_directory(folder)) {
    Fail(folder, "a folder with config.json and model.safetensors",
         fs::exists(folder) ? "a file" : "none: there is no such folder");
  }
  config_ = ReadJson(config_path());
  weights_ = ReadWeights(folder);
}

std::string ImportFolder::config_path() const { return fs::path(folder_) / "config.json"; }
std::string ImportFolder::weights_path() const { return fs::path(folder_) / "model.safetensors"; }

const nlohmann::json* ImportFolder::Find(const std::string& key) const {
  const auto found = config_.find(key);
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

void ImportFolder::FailConfig(const std::string& key, const std::string& expected) const {
  Fail(config_path() + ": " + key, expected, Shown(Find(key)));
}

int64_t ImportFolder::Size(const std::string& key) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr || !value->is_number_integer() || *value < 1 || *value > kMostOfAnything) {
    FailConfig(key, "an integer from 1");
  }
  return value->get<int64_t>();
}

int64_t ImportFolder::Size(const std::string& key, int64_t fallback) const {
  return Find(key) == nullptr ? fallback : Size(key);
}

double ImportFolder::Number(const std::string& key, double fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_number() || !std::isfinite(value->get<double>())) FailConfig(key, "a number");
  return value->get<double>();
}

std::string ImportFolder::Text(const std::string& key, const std::string& fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) FailConfig(key, "text");
  return value->get<std::string>();
}

bool ImportFolder::Flag(const std::string& key, bool fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) FailConfig(key, "true or false");
  return value->get<bool>();
}

void ImportFolder::Require(const std::string& key, const nlohmann::json& wanted) const {
  const nlohmann::json* value = Find(key);
  if (value != nullptr && *value != wanted) FailConfig(key, wanted.dump());
}

torch::Tensor ImportFolder::Take(const std::string& name, std::vector<int64_t> sizes) {
  const auto found = weights_.find(name);
  std::ostringstream wanted, got;
  wanted << "shape " << torch::IntArrayRef(sizes);
  if (found == weights_.end()) Fail(weights_path() + ": " + name, wanted.str(), "no such tensor");
  torch::Tensor tensor = found->second;
  got << "shape " << tensor.sizes();
  if (tensor.sizes() != torch::IntArrayRef(sizes)) {
    Fail(weights_path() + ": " + name, wanted.str(), got.str());
  }
  if (!tensor.is_floating_point() || !tensor.isfinite().all().item<bool>()) {
    Fail(weights_path() + ": " + name, "finite floating-point numbers", "others");
  }
  // Taken: what nobody takes is of another architecture, see CheckAllTaken.
  weights_.erase(found);
  // Half precision is widened; ours has float32 and float64.
  return tensor.scalar_type() == torch::kFloat64 ? tensor : tensor.to(torch::kFloat32);
}

void ImportFolder::StripPrefix(std::string_view prefix) {
  TensorMap stripped;
  for (auto& [name, tensor] : weights_) {
    stripped[name.starts_with(prefix) ? name.substr(prefix.size()) : name] = tensor;
  }
  weights_ = std::move(stripped);
}

void ImportFolder::Drop(std::string_view suffix) {
  std::erase_if(weights_, [&](const auto& item) { return item.first.ends_with(suffix); });
}

void ImportFolder::CheckAllTaken() const {
  if (weights_.empty()) return;
  Fail(weights_path() + ": " + weights_.begin()->first, "only tensors of the architecture",
       std::to_string(weights_.size()) + " more");
}

}  // namespace longplay
