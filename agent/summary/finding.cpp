// SPDX-License-Identifier: MIT
#include "agent/summary/finding.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "agent/charts/shown_text.h"
#include "agent/summary/digits.h"

namespace longplay {
namespace {

using Entry = Contest::Entry;

bool IsPlural(const std::string& name) {
  const std::string noun = " episodes";
  return name.ends_with(noun) && std::ranges::all_of(name.substr(0, name.size() - noun.size()),
                                                     [](unsigned char c) { return isdigit(c); });
}

/// "a context of 4 episodes is", "“attention, width 64” is".
std::string Is(const Contest& contest, const Entry& entry) {
  const bool length = entry.name.ends_with(" episode") || IsPlural(entry.name);
  if (contest.lengths && length) return "a context of " + entry.name + " is";
  return ShownName(entry.name) + (IsPlural(entry.name) ? " are" : " is");
}

/// "4 episodes have", "1 episode has".
std::string Has(const Entry& entry) {
  return ShownName(entry.name) + (IsPlural(entry.name) ? " have" : " has");
}

std::string Noun(const Contest& contest) { return contest.lengths ? "length" : contest.noun; }

bool IsBetter(const Contest& contest, double x, double y) {
  return contest.less_is_better ? x < y : x > y;
}

double LargestOf(const Contest& contest) {
  double largest = 0;
  for (const Entry& entry : contest.entries) {
    if (std::isfinite(entry.value)) largest = std::max(largest, std::abs(entry.value));
  }
  return largest;
}

Digits DigitsOf(const Contest& contest) { return Digits(LargestOf(contest)); }

/// So many that a small difference has two that count, within reason.
Digits DigitsFor(const Contest& contest, double difference) {
  const double largest = LargestOf(contest);
  return Digits(std::min(largest, std::max(10 * std::abs(difference), largest / 100)));
}

const Entry* Find(const Contest& contest, size_t row) {
  const auto found = std::ranges::find(contest.entries, row, &Entry::row);
  return found == contest.entries.end() ? nullptr : &*found;
}

/// The best of those that `accepted` takes, or none.
template <typename Accepted>
const Entry* Best(const Contest& contest, const Accepted& accepted) {
  const Entry* best = nullptr;
  for (const Entry& entry : contest.entries) {
    if (!accepted(entry)) continue;
    if (best == nullptr || IsBetter(contest, entry.value, best->value)) best = &entry;
  }
  return best;
}

/// Whether x is better than y by more than the runs differ.
bool Beats(const Contest& contest, size_t x, size_t y) {
  const auto compared = contest.compare(x, y);
  return compared && compared->runs > 1 && IsClear(compared->difference) &&
         IsBetter(contest, compared->x, compared->y);
}

/// "a difference of +56 (95 % interval 40 to 72, 5 training seeds each)".
std::string Difference(const Digits& digits, const RowComparison& compared) {
  const Estimate& difference = compared.difference;
  const std::string bounds = digits.Of(difference.low) + " to " + digits.Of(difference.high);
  const std::string seeds = std::to_string(compared.runs) + " training seeds";
  std::string text = "a difference of " + digits.Signed(difference.value);
  switch (difference.spread) {
    case Spread::kNone:
      return text + " (" + seeds + " each)";
    case Spread::kRange:
      return text + " (" + bounds + " over " + seeds + ", too few for an interval)";
    case Spread::kInterval:
      return text + " (95 % interval " + bounds + ", " + seeds + " each)";
  }
  return text;
}

/// "return 176 against 120 with 1 episode, a difference of ...".
std::string Against(const Contest& contest, const RowComparison& compared,
                    const std::string& other) {
  const Digits digits = DigitsFor(contest, compared.difference.value);
  return contest.measure + " " + digits.Of(compared.x) + " against " + digits.Of(compared.y) +
         " with " + ShownName(other) + ", " + Difference(digits, compared);
}

/// Those that the winner does not beat.
std::string NotToldApart(const Contest& contest, size_t winner) {
  const Digits digits = DigitsOf(contest);
  std::vector<std::string> names;
  for (const Entry& entry : contest.entries) {
    if (entry.row == winner || entry.row == contest.reference) continue;
    if (Beats(contest, winner, entry.row)) continue;
    names.push_back(ShownName(entry.name) + " (" + digits.Of(entry.value) + ")");
  }
  if (names.empty()) return "";
  return " These seeds do not tell it apart from " + Listed(names) + ".";
}

std::string AloneText(const Contest& contest, const Entry& entry) {
  const std::string value = contest.measure + " " + DigitsOf(contest).Of(entry.value);
  if (contest.rows == 1) {
    return "there is one " + Noun(contest) +
           ", and nothing to compare it with: " + ShownName(entry.name) + ", " + value + ".";
  }
  return "no statement yet: " + ShownName(entry.name) + " alone is done, " + value + ".";
}

/// With one training run each nothing is known of how runs differ.
std::string OneRunText(const Contest& contest, const Entry& best, const Entry& next) {
  const Digits digits = DigitsOf(contest);
  const std::string which = "cannot tell which " + Noun(contest) + " is best. ";
  return (contest.seeds == 1 ? "one training seed " + which
                             : "the one training seed that is done so far " + which) +
         Capitalised(Has(best)) + (contest.less_is_better ? " the least " : " the largest ") +
         contest.measure + ", " + digits.Of(best.value) + "; " + Has(next) + " " +
         digits.Of(next.value) + ".";
}

/// None is clearly better than the reference; `other` is the best beside it.
std::string NoneIsBetter(const Contest& contest, const Entry& reference, const Entry& other) {
  // The reference may be clearly better; else nothing is told apart.
  const auto compared = contest.compare(reference.row, other.row);
  if (compared && Beats(contest, reference.row, other.row)) {
    return Is(contest, reference) + " best: " + Against(contest, *compared, other.name) + ".";
  }
  const bool two = contest.entries.size() == 2;
  std::string text = two ? "no difference that these seeds can tell"
                         : "no " + Noun(contest) + " is better than " + ShownName(reference.name) +
                               " by a difference that these seeds can tell";
  const auto back = contest.compare(other.row, reference.row);
  if (!back) return text + ".";
  text += two ? ": with " + ShownName(other.name) + " "
              : ". " + Capitalised(Is(contest, other)) + " the best of the others: ";
  return text + Against(contest, *back, reference.name) + ".";
}

}  // namespace

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

std::string ShownName(const std::string& name) {
  const bool plain = !name.empty() && isdigit(static_cast<unsigned char>(name[0])) != 0 &&
                     name.find(',') == std::string::npos;
  return plain ? name : "“" + name + "”";
}

std::optional<size_t> RowInQuestion(const Contest& contest) {
  const auto other = [&](const Entry& entry) { return entry.row != contest.reference; };
  // What is clearly better goes before what has the higher mean.
  const Entry* winner = Best(contest, [&](const Entry& entry) {
    return other(entry) && Beats(contest, entry.row, contest.reference);
  });
  if (winner == nullptr) winner = Best(contest, other);
  return winner == nullptr ? std::nullopt : std::optional(winner->row);
}

std::string FindingOf(const Contest& contest) {
  // From nothing known to a clear answer: the first case that fits.
  const Entry* best = Best(contest, [](const Entry&) { return true; });
  if (best == nullptr) return "";
  if (contest.entries.size() == 1) return AloneText(contest, *best);
  const Entry* reference = Find(contest, contest.reference);
  if (reference == nullptr) {
    return "no statement yet: " + ShownName(contest.reference_name) +
           ", which the others are compared with, is not done.";
  }
  // Two entries or more, one of them the reference: there is another.
  const Entry& other = *Find(contest, *RowInQuestion(contest));
  const auto compared = contest.compare(other.row, reference->row);
  if (contest.seeds == 1 || !compared || compared->runs < 2) {
    return OneRunText(contest, *best, best == reference ? other : *reference);
  }
  if (!Beats(contest, other.row, reference->row)) return NoneIsBetter(contest, *reference, other);
  // The largest mean may be that of runs which differ too much to say so.
  return Is(contest, other) + (best == &other ? " best: " : " better: ") +
         Against(contest, *compared, reference->name) + "." + NotToldApart(contest, other.row);
}

}  // namespace longplay
