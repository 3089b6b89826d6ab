#include "bench/pipeline/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <string_view>

namespace tocsin::bench {

namespace {

constexpr double width = 760;
constexpr double left = 70;
constexpr double right = 130; // for the names of lines
constexpr double panel_height = 190;
constexpr double panel_top = 64;
constexpr double panel_gap = 62;
constexpr int grid_lines = 5;

// The least of 1, 2, 2.5 and 5 times a power of ten that is not below x.
double round_up(double x) {
  if (x <= 0)
    return 1;
  const auto power = std::pow(10.0, std::floor(std::log10(x)));
  for (const double step : {1.0, 2.0, 2.5, 5.0})
    if (step * power >= x * (1 - 1e-9))
      return step * power;
  return 10 * power;
}

std::string text(double x, double y, std::string_view anchor, std::string_view words,
                 std::string_view more = "") {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" {}>{}</text>)"
                     "\n",
                     x, y, anchor, more, words);
}

struct line {
  std::string name;
  std::string color;
  std::vector<double> values; // NaN: none at this tick
};

/// A part of the picture: lines over ticks, with axes.
class panel {
public:
  panel(double top, std::string title, std::vector<line> lines)
      : top_(top), title_(std::move(title)), lines_(std::move(lines)) {
    double most = 0;
    for (const auto& l : lines_)
      for (const double v : l.values)
        most = std::isnan(v) ? most : std::max(most, v);
    step_ = round_up(most / grid_lines);
    ticks_ = lines_.empty() ? 0 : lines_[0].values.size();
  }

  std::string draw() const {
    std::string out = text(left, top_ - 10, "start", title_, R"(font-weight="bold")");
    for (int i = 0; i <= grid_lines; ++i) {
      const double v = step_ * i;
      out += fmt::format(R"(<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" stroke="{}"/>)"
                         "\n",
                         left, y(v), width - right, y(v), i == 0 ? "#444" : "#ddd");
      out += text(left - 8, y(v) + 4, "end", fmt::format("{:g}", v));
    }
    const auto every = std::max<std::size_t>(1, (ticks_ + 19) / 20);
    for (std::size_t i = 0; i < ticks_; i += every)
      out += text(x(i), top_ + panel_height + 17, "middle", fmt::format("{}", i + 1));
    return out + draw_lines();
  }

private:
  double x(std::size_t tick) const {
    const double room = width - right - left - 20;
    return left + 10 +
           (ticks_ < 2 ? room / 2
                       : room * static_cast<double>(tick) / static_cast<double>(ticks_ - 1));
  }
  double y(double v) const { return top_ + panel_height * (1 - v / (step_ * grid_lines)); }

  std::string draw_lines() const {
    std::string out;
    double name_y = top_ + 12;
    for (const auto& l : lines_) {
      std::string points;
      for (std::size_t i = 0; i < l.values.size(); ++i) {
        if (std::isnan(l.values[i]))
          continue;
        points += fmt::format("{:.1f},{:.1f} ", x(i), y(l.values[i]));
        out += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.5" fill="{}"/>)"
                           "\n",
                           x(i), y(l.values[i]), l.color);
      }
      out += fmt::format(R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5"/>)"
                         "\n",
                         points, l.color);
      out += fmt::format(R"(<rect x="{}" y="{:.1f}" width="12" height="4" fill="{}"/>)"
                         "\n",
                         width - right + 12, name_y - 6, l.color);
      out += text(width - right + 30, name_y, "start", l.name);
      name_y += 20;
    }
    return out;
  }

  double top_;
  std::string title_;
  std::vector<line> lines_;
  double step_ = 1;
  std::size_t ticks_ = 0;
};

std::vector<double> by_tick(const pipeline_report& r,
                            const std::function<double(const tick_report&)>& value) {
  std::vector<double> out;
  for (const auto& t : r.ticks)
    out.push_back(value(t));
  return out;
}

std::vector<double> latencies(const pipeline_report& r, double share) {
  return by_tick(r, [share](const tick_report& t) {
    return t.reads.empty() ? std::nan("") : quantile(t.reads, share);
  });
}

} // namespace

std::string draw(const pipeline_report& r) {
  constexpr double second_top = panel_top + panel_height + panel_gap;
  constexpr double height = second_top + panel_height + 48;
  const panel above(panel_top, "due → read, ms",
                    {{"last event", "#c0392b", latencies(r, 1)},
                     {"99 %", "#e08e0b", latencies(r, 0.99)},
                     {"median", "#2471a3", latencies(r, 0.5)}});
  const panel below(second_top, "CPU, s per tick",
                    {{"engine", "#2471a3", by_tick(r, [](auto& t) { return t.engine_cpu_s; })},
                     {"Redis", "#c0392b", by_tick(r, [](auto& t) { return t.redis_cpu_s; })},
                     {"load", "#7f8c8d", by_tick(r, [](auto& t) { return t.load_cpu_s; })}});
  std::string out = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" )"
      R"(font-family="sans-serif" font-size="12" fill="#222">)"
      "\n"
      R"(<rect width="100%" height="100%" fill="white"/>)"
      "\n",
      width, height);
  out += text(left, 26, "start",
              fmt::format("{} hosts × 10 fields, {} rules, every {:g} s", r.options.hosts,
                          r.options.rules, static_cast<double>(r.options.interval_ms) / 1'000),
              R"(font-size="15")");
  out += above.draw() + below.draw();
  out += text((left + width - right) / 2, height - 8, "middle", "measured tick");
  return out + "</svg>\n";
}

} // namespace tocsin::bench
