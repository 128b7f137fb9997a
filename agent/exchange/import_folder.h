// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/files/safetensors.h"

namespace longplay {

/// A folder in Hugging Face's layout, read once and trusted nowhere: config.json beside
/// model.safetensors, or beside the shards that model.safetensors.index.json names.
///
/// Every error is a std::runtime_error "importing: <file>: <key>: expected X, got Y".
class ImportFolder {
 public:
  explicit ImportFolder(const std::string& folder);

  const nlohmann::json& config() const { return config_; }
  std::string config_path() const;   // for messages
  std::string weights_path() const;  // likewise

  // Values of config.json. Those with a fallback may be missing or null.
  int64_t Size(const std::string& key) const;  // from 1
  int64_t Size(const std::string& key, int64_t fallback) const;
  double Number(const std::string& key, double fallback) const;  // finite
  std::string Text(const std::string& key, const std::string& fallback) const;
  bool Flag(const std::string& key, bool fallback) const;
  /// Throws unless the value is `wanted`, which is also what a missing one means.
  void Require(const std::string& key, const nlohmann::json& wanted) const;
  [[noreturn]] void FailConfig(const std::string& key, const std::string& expected) const;

  /// The tensor in float32, or float64 if it is that; no longer in the folder.
  torch::Tensor Take(const std::string& name, std::vector<int64_t> sizes);
  bool Has(const std::string& name) const { return weights_.contains(name); }
  /// Names that begin so, lose it.
  void StripPrefix(std::string_view prefix);
  /// Forgets the tensors whose names end so.
  void Drop(std::string_view suffix);
  /// Throws unless every tensor was taken or dropped.
  void CheckAllTaken() const;

 private:
  const nlohmann::json* Find(const std::string& key) const;

  std::string folder_;
  nlohmann::json config_;
  TensorMap weights_;
};

}  // namespace longplay
