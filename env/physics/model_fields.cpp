// SPDX-License-Identifier: MIT
#include "env/physics/model_fields.h"

#include <algorithm>
#include <stdexcept>

namespace longplay {

ModelFields::ModelFields(mjBatch* batch, const std::vector<std::string>& names) : names_(names) {
  for (const std::string& name : names_) {
    int size = 0, element = 0;
    // From here on each simulation has values of its own, in the batch's memory.
    void* values = mjb_expand(batch, name.c_str(), &size, &element);
    if (values == nullptr || element != sizeof(double)) {
      throw std::invalid_argument("making an environment: model field: expected an array of " +
                                  std::string("numbers of mjModel, got ") + name);
    }
    storage_.push_back(static_cast<double*>(values));
    sizes_.push_back(size);
    // The first simulation's are still the model's own.
    originals_.emplace_back(storage_.back(), storage_.back() + size);
  }
}

std::vector<std::span<double>> ModelFields::rows(int64_t i) const {
  std::vector<std::span<double>> all;
  for (size_t k = 0; k < names_.size(); ++k) all.push_back(row(k, i));
  return all;
}

void ModelFields::Restore(int64_t i) const {
  for (size_t k = 0; k < names_.size(); ++k) {
    std::copy(originals_[k].begin(), originals_[k].end(), row(k, i).begin());
  }
}

size_t ModelFields::Index(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return static_cast<size_t>(found - names_.begin());
  std::string known = names_.empty() ? "none" : "";
  for (const std::string& field : names_) known += (known.empty() ? "" : ", ") + field;
  throw std::invalid_argument("using a simulation's model: field: expected one that the task " +
                              ("draws (" + known + "), got ") + name);
}

}  // namespace longplay
