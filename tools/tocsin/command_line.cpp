#include "tools/tocsin/command_line.hpp"

#include "config/json_text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace tocsin {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "0080" is 80, and "000" is 0.
std::string without_leading_zeros(std::string_view digits) {
  const auto first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return std::string(digits.substr(first));
}

std::optional<std::string> whole_number(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+'))
    text.remove_prefix(1);
  if (!all_digits(text))
    return std::nullopt;
  return (minus ? "-" : "") + without_leading_zeros(text);
}

std::optional<std::string> decimal_number(std::string_view text) {
  const std::string copy(text);
  if (copy.find_first_not_of("0123456789+-.eE") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const auto value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || !std::isfinite(value))
    return std::nullopt;
  return copy;
}

class word_reader {
public:
  word_reader(const CLI::App& app, std::vector<std::string>& words) : app_(&app), words_(words) {}

  status run() {
    while (at_ < words_.size()) {
      const std::string_view word = words_[at_];
      if (word == "--")
        return done{};
      const bool is_long = word.size() > 2 && word.starts_with("--");
      const bool is_short =
          !is_long && word.size() > 1 && word[0] == '-' && !all_digits(word.substr(1, 1));
      if (auto taken = is_long ? take_long() : is_short ? take_short() : take_plain(); !taken)
        return taken;
      ++at_;
    }
    return done{};
  }

private:
  // Options of the command before may stand behind the next.
  const CLI::Option* find(const std::string& name) const {
    for (const auto* app = app_; app != nullptr; app = app->get_parent())
      if (const auto* option = app->get_option_no_throw(name))
        return option;
    return nullptr;
  }

  static bool takes_value(const CLI::Option& option) { return option.get_items_expected_min() > 0; }

  status take_long() {
    const auto equals = words_[at_].find('=');
    const auto name = words_[at_].substr(0, equals);
    const auto* option = find(name);
    if (option == nullptr)
      return done{};
    if (!takes_value(*option))
      return equals == std::string::npos
                 ? status(done{})
                 : error{fmt::format("{} takes no value: write it alone", name)};
    if (equals == std::string::npos)
      return take_next(*option, name);
    auto value = words_[at_].substr(equals + 1);
    if (auto fine = settle(*option, name, value); !fine)
      return fine;
    words_[at_] = name + '=' + value;
    return done{};
  }

  // -n 5, -n5, -n=5; and flags before it, -fn5.
  status take_short() {
    for (std::size_t i = 1; i < words_[at_].size(); ++i) {
      const auto name = std::string("-") + words_[at_][i];
      const auto* option = find(name);
      if (option == nullptr)
        return done{};
      if (!takes_value(*option))
        continue;
      if (i + 1 == words_[at_].size())
        return take_next(*option, name);
      auto value = words_[at_].substr(i + 1);
      if (value.starts_with('='))
        value.erase(0, 1);
      if (auto fine = settle(*option, name, value); !fine)
        return fine;
      words_[at_] = words_[at_].substr(0, i + 1) + value;
      return done{};
    }
    return done{};
  }

  status take_next(const CLI::Option& option, const std::string& name) {
    if (at_ + 1 == words_.size())
      return error{fmt::format("{}: its value is missing", name)};
    auto& value = words_[++at_];
    const auto bare = value.substr(0, value.find('='));
    if (value.starts_with('-') && find(bare) != nullptr)
      return error{fmt::format("{0}: its value is missing, for {1} is an option itself (a value "
                               "that looks like one is written {0}={1})",
                               name, quote_for_people(value))};
    return settle(option, name, value);
  }

  // A command, or what stands without a name.
  status take_plain() {
    const auto commands =
        app_->get_subcommands([&](const CLI::App* c) { return c->check_name(words_[at_]); });
    if (!commands.empty()) {
      app_ = commands.front();
      return done{};
    }
    const auto unnamed =
        app_->get_options([](const CLI::Option* o) { return o->get_positional(); });
    return unnamed.empty() ? status(done{})
                           : settle(*unnamed.front(), unnamed.front()->get_name(true), words_[at_]);
  }

  static status settle(const CLI::Option& option, const std::string& name, std::string& value) {
    if (value.empty())
      return error{fmt::format("{}: the value is empty: give one, or leave {} out", name, name)};
    const auto type = option.get_type_name();
    const bool whole = type.starts_with("UINT") || type.starts_with("INT");
    if (!whole && !type.starts_with("FLOAT"))
      return done{};
    auto number = whole ? whole_number(value) : decimal_number(value);
    if (!number)
      return error{fmt::format("{}: {} is no {}: write it in decimal digits, such as {}", name,
                               quote_for_people(value), whole ? "whole number" : "number",
                               whole ? "20" : "0.5")};
    value = std::move(*number);
    return done{};
  }

  const CLI::App* app_;
  std::vector<std::string>& words_;
  std::size_t at_ = 0;
};

} // namespace

status settle_words(const CLI::App& app, std::vector<std::string>& words) {
  return word_reader(app, words).run();
}

} // namespace tocsin
