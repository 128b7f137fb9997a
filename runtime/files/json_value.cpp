// SPDX-License-Identifier: MIT
#include "runtime/files/json_value.h"

#include <charconv>
#include <cmath>

#include "runtime/files/failure.h"
#include "runtime/longplay.h"

namespace longplay::runtime {
namespace {

constexpr int kDeepest = 16;          // an export has five levels; a limit keeps the stack small
constexpr int kMostValues = 1000000;  // and one keeps the memory in bounds

class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  JsonValue Document() {
    JsonValue value = Value(0);
    SkipSpace();
    if (at_ != text_.size()) Wrong("nothing behind the document");
    return value;
  }

 private:
  [[noreturn]] void Wrong(const char* expected) const {
    Fail(LONGPLAY_DAMAGED,
         "reading " + path_ + ": byte " + std::to_string(at_) + ": expected " + expected);
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(char expected) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  JsonValue Value(int depth) {
    if (depth > kDeepest) Wrong("at most 16 levels");
    if (++values_ > kMostValues) Wrong("at most a million values");
    SkipSpace();
    JsonValue value;
    if (Take('{')) {
      value.kind = JsonValue::Kind::kObject;
      ReadMembers(value, depth);
    } else if (Take('[')) {
      value.kind = JsonValue::Kind::kList;
      ReadItems(value, depth);
    } else if (Take('"')) {
      value.kind = JsonValue::Kind::kText;
      value.text = Text();
    } else if (TakeWord("true") || TakeWord("false")) {
      value.kind = JsonValue::Kind::kSwitch;
      value.number = text_[at_ - 2] == 'u' ? 1 : 0;
    } else if (!TakeWord("null")) {
      value.kind = JsonValue::Kind::kNumber;
      value.number = Number();
    }
    return value;
  }

  void ReadMembers(JsonValue& object, int depth) {
    if (Take('}')) return;
    do {
      if (!Take('"')) Wrong("a member's name");
      object.names.push_back(Text());
      if (!Take(':')) Wrong("a colon");
      object.items.push_back(Value(depth + 1));
    } while (Take(','));
    if (!Take('}')) Wrong("a comma or the end of the object");
  }

  void ReadItems(JsonValue& list, int depth) {
    if (Take(']')) return;
    do {
      list.items.push_back(Value(depth + 1));
    } while (Take(','));
    if (!Take(']')) Wrong("a comma or the end of the list");
  }

  /// Behind the opening quote. Escaped characters above 127 become '?': no name that is looked up
  /// holds one.
  std::string Text() {
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      char next = text_[at_++];
      if (static_cast<unsigned char>(next) < 0x20) Wrong("no control character in a text");
      if (next == '\\') next = Escaped();
      text.push_back(next);
    }
    if (at_ >= text_.size()) Wrong("the end of a text");
    ++at_;
    return text;
  }

  char Escaped() {
    if (at_ >= text_.size()) Wrong("an escaped character");
    switch (const char which = text_[at_++]) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case '"':
      case '\\':
      case '/':
        return which;
      case 'u': {
        unsigned code = 0;
        const char* first = text_.data() + at_;
        if (text_.size() - at_ < 4 || std::from_chars(first, first + 4, code, 16).ptr != first + 4)
          Wrong("four hexadecimal digits");
        at_ += 4;
        return code < 128 ? static_cast<char>(code) : '?';
      }
      default:
        Wrong("an escaped character");
    }
  }

  double Number() {
    double number = 0;
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(first, last, number);
    if (error != std::errc() || !std::isfinite(number)) Wrong("a value");
    at_ += static_cast<size_t>(end - first);
    return number;
  }

  std::string_view text_;
  const std::string& path_;
  size_t at_ = 0;
  int values_ = 0;
};

}  // namespace

const JsonValue* JsonValue::Find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return &items[i];
  }
  return nullptr;
}

JsonValue ParseJson(std::string_view text, const std::string& path) {
  return JsonReader(text, path).Document();
}

}  // namespace longplay::runtime
