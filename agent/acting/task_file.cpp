// SPDX-License-Identifier: MIT
#include "agent/acting/task_file.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> ParseNumber(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  const std::string& text = node.Scalar();
  if (text == "inf" || text == ".inf") return kInfinity;
  if (text == "-inf" || text == "-.inf") return -kInfinity;
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (!whole || std::isnan(value)) return std::nullopt;
  return value;
}

/// A map of the file: each key is read once, by what is registered for it.
class Section {
 public:
  Section(const std::string& file, std::string key, const YAML::Node& node)
      : file_(file), key_(std::move(key)), node_(node) {
    if (!node.IsMap()) Fail(key_, node, "keys with values");
  }

  /// "file:line: key", for messages that come later.
  std::string where() const { return At(node_) + (key_.empty() ? "" : ": " + key_); }

  /// The same of a key, if it is there.
  std::string where(const std::string& key) const {
    for (const auto& item : node_) {
      if (item.first.IsScalar() && item.first.Scalar() == key) {
        return At(item.first) + ": " + Path(key);
      }
    }
    return where();
  }

  void Number(const std::string& key, double low, double high, double* value) {
    Add(key, [=, this](const YAML::Node& node) {
      const auto number = ParseNumber(node);
      if (!number || *number < low || *number > high) {
        Fail(Path(key), node, "a number" + Bounds(low, high));
      }
      *value = *number;
    });
  }

  void Integer(const std::string& key, double low, double high, int64_t* value) {
    Add(key, [=, this](const YAML::Node& node) {
      const auto number = ParseNumber(node);
      if (!number || *number != std::floor(*number) || *number < low || *number > high) {
        Fail(Path(key), node, "a whole number" + Bounds(low, high));
      }
      *value = static_cast<int64_t>(*number);
    });
  }

  void Text(const std::string& key, std::string* value) {
    Add(key, [=, this](const YAML::Node& node) {
      if (!node.IsScalar() || node.Scalar().empty()) Fail(Path(key), node, "text");
      *value = node.Scalar();
    });
  }

  template <typename T>
  void Choice(const std::string& key, const std::vector<std::pair<std::string, T>>& choices,
              T* value) {
    Add(key, [=, this](const YAML::Node& node) {
      std::string names;
      for (const auto& [name, choice] : choices) {
        if (node.IsScalar() && node.Scalar() == name) {
          *value = choice;
          return;
        }
        names += (names.empty() ? "" : ", ") + name;
      }
      Fail(Path(key), node, "one of " + names);
    });
  }

  /// A list of maps, each handed to `read`.
  void List(const std::string& key, const std::function<void(Section&&)>& read) {
    Add(key, [=, this](const YAML::Node& node) {
      if (!node.IsSequence()) Fail(Path(key), node, "a list (lines that begin with -)");
      for (size_t i = 0; i < node.size(); ++i) {
        read(Section(file_, Path(key) + "[" + std::to_string(i) + "]", node[i]));
      }
    });
  }

  void Map(const std::string& key, const std::function<void(Section&&)>& read) {
    Add(key, [=, this](const YAML::Node& node) { read(Section(file_, Path(key), node)); });
  }

  [[noreturn]] void Refuse(const std::string& key, const std::string& expected,
                           const std::string& got) const {
    throw Error(At(node_), Path(key), expected, got);
  }

  /// Reads every key; throws for one that is not registered or that comes twice.
  void Read(const std::vector<std::string>& required) {
    // In the file's order, so that the first mistake in it is the one that is told.
    std::map<std::string, bool> seen;
    for (const auto& item : node_) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
      const auto reader = readers_.find(key);
      if (reader == readers_.end()) {
        throw Error(At(item.first), Path(key), "one of " + keys_, "an unknown key");
      }
      if (seen[key]) throw Error(At(item.first), Path(key), "it once", "it again");
      seen[key] = true;
      reader->second(item.second);
    }
    for (const std::string& key : required) {
      if (!seen[key]) throw Error(At(node_), Path(key), "a value", "none");
    }
  }

 private:
  static std::invalid_argument Error(const std::string& where, const std::string& key,
                                     const std::string& expected, const std::string& got) {
    return std::invalid_argument("reading task: " + where + ": " + key + ": expected " + expected +
                                 ", got " + got);
  }

  [[noreturn]] void Fail(const std::string& key, const YAML::Node& node,
                         const std::string& expected) const {
    std::string got = "nothing";
    if (node.IsMap()) got = "keys";
    if (node.IsSequence()) got = "a list";
    if (node.IsScalar()) got = "\"" + node.Scalar() + "\"";
    throw Error(At(node), key.empty() ? "file" : key, expected, got);
  }

  static std::string Bounds(double low, double high) {
    const auto number = [](double x) {
      char text[32];
      return std::string(text, std::to_chars(text, text + sizeof text, x).ptr);
    };
    if (low == -kInfinity && high == kInfinity) return "";
    return " from " + number(low) + (high == kInfinity ? "" : " to " + number(high));
  }

  void Add(const std::string& key, std::function<void(const YAML::Node&)> read) {
    // Readers fill options through pointers: these must outlive the section.
    readers_[key] = std::move(read);
    keys_ += (keys_.empty() ? "" : ", ") + key;
  }

  std::string Path(const std::string& key) const { return key_.empty() ? key : key_ + "." + key; }
  std::string At(const YAML::Node& node) const {
    return node.Mark().is_null() ? file_ : file_ + ":" + std::to_string(node.Mark().line + 1);
  }

  const std::string& file_;
  std::string key_;
  YAML::Node node_;
  std::map<std::string, std::function<void(const YAML::Node&)>> readers_;
  std::string keys_;
};

/// What chooses a quantity, in an observation, a reward and a termination alike.
void AddQuantity(Section& section, QuantityOptions* options) {
  options->where = section.where();
  section.Choice("quantity", QuantityKinds(), &options->kind);
  section.Text("name", &options->name);
  section.Text("to", &options->to);
  section.Integer("from", 0, 1e6, &options->from);
  section.Choice<int>("axis", {{"x", 0}, {"y", 1}, {"z", 2}}, &options->axis);
  section.Number("clip", 0, kInfinity, &options->clip);
}

void ReadRewardTerm(Section& section, RewardTerm* term) {
  using Measure = RewardTerm::Measure;
  AddQuantity(section, &term->quantity);
  section.Number("weight", -kInfinity, kInfinity, &term->weight);
  section.Choice<Measure>("measure",
                          {{"value", Measure::kValue},
                           {"absolute", Measure::kAbsolute},
                           {"squares", Measure::kSquares},
                           {"norm", Measure::kNorm},
                           {"tolerance", Measure::kTolerance}},
                          &term->measure);
  ToleranceOptions* tolerance = &term->tolerance;
  section.Number("lower", -kInfinity, kInfinity, &tolerance->lower);
  section.Number("upper", -kInfinity, kInfinity, &tolerance->upper);
  section.Number("margin", 0, kInfinity, &tolerance->margin);
  section.Number("value_at_margin", 0, 1, &tolerance->value_at_margin);
  section.Choice<Sigmoid>("sigmoid",
                          {{"gaussian", Sigmoid::kGaussian},
                           {"hyperbolic", Sigmoid::kHyperbolic},
                           {"long_tail", Sigmoid::kLongTail},
                           {"linear", Sigmoid::kLinear},
                           {"quadratic", Sigmoid::kQuadratic},
                           {"tanh_squared", Sigmoid::kTanhSquared},
                           {"cosine", Sigmoid::kCosine}},
                          &tolerance->sigmoid);
  section.Read({"quantity"});
  // What must fit together is checked once all keys are read.
  if (term->measure != Measure::kTolerance) return;
  // Only these reach zero; the others come near it.
  const bool may_be_zero = tolerance->sigmoid == Sigmoid::kLinear ||
                           tolerance->sigmoid == Sigmoid::kQuadratic ||
                           tolerance->sigmoid == Sigmoid::kCosine;
  if (tolerance->lower > tolerance->upper) section.Refuse("upper", "at least lower", "less");
  if (tolerance->value_at_margin == 0 && !may_be_zero) {
    section.Refuse("value_at_margin", "more than 0 with this sigmoid", "0");
  }
}

void ReadStart(Section& section, StartOptions* start) {
  start->where = section.where();
  section.Text("keyframe", &start->keyframe);
  section.Number("position_noise", 0, 1e6, &start->position_noise);
  section.Number("velocity_noise", 0, 1e6, &start->velocity_noise);
  section.Choice<bool>("velocity_distribution", {{"uniform", false}, {"normal", true}},
                       &start->normal_velocity);
  section.Read({});
}

YAML::Node Load(const std::string& text, const std::string& name) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw std::invalid_argument("reading task: " + name + ":" +
                                std::to_string(error.mark.line + 1) + ": expected YAML, got " +
                                error.msg);
  }
}

}  // namespace

UserTaskOptions ParseTask(const std::string& text, const std::string& name) {
  UserTaskOptions task;
  task.where = name;
  Section file(name, "", Load(text, name));
  // Phase 1: what each key fills; nothing is read yet.
  file.Text("model", &task.model);
  file.Number("control_step", 0, 3600, &task.control_step);
  file.Integer("max_episode_steps", 1, 1e9, &task.max_episode_steps);
  file.List("observation", [&](Section&& section) {
    AddQuantity(section, &task.observation.emplace_back());
    section.Read({"quantity"});
  });
  file.List("reward",
            [&](Section&& section) { ReadRewardTerm(section, &task.reward.emplace_back()); });
  file.List("termination", [&](Section&& section) {
    TerminationRule& rule = task.termination.emplace_back();
    AddQuantity(section, &rule.quantity);
    section.Number("below", -kInfinity, kInfinity, &rule.lowest);
    section.Number("above", -kInfinity, kInfinity, &rule.highest);
    section.Read({"quantity"});
  });
  file.Map("start", [&](Section&& section) { ReadStart(section, &task.start); });
  // Phase 2: reads the file, lists and maps in their turn.
  file.Read({"model", "observation", "reward"});
  task.where_model = file.where("model");
  task.where_control_step = file.where("control_step");
  // Beside the task file, wherever the command runs.
  task.model = (std::filesystem::path(name).parent_path() / task.model).string();
  return task;
}

UserTaskOptions ReadTaskFile(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const bool is_there = std::filesystem::exists(path);
  if (!file.is_open() || std::filesystem::is_directory(path)) {
    throw std::invalid_argument(
        "reading task: " + path + ": expected a task file, got " +
        (is_there ? "none that can be read" : "none: there is no such file"));
  }
  return ParseTask(text, path);
}

}  // namespace longplay
