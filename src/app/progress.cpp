#include "app/progress.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "app/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace aisp::app {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);

}  // namespace

ProgressBar::ProgressBar(int targets, bool announce)
    : targets_(targets), announce_(announce), terminal_(stderr_is_terminal()), colour_(stderr_wants_colour()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::begin(const std::string& target) {
  ++current_;
  target_ = target;
  phase_.clear();
  fraction_ = 0;
  if (!terminal_) {
    if (announce_) print_err("[{}/{}] {}\n", current_, targets_, target_);
    return;
  }
  last_draw_ = {};
  draw();
}

void ProgressBar::update(const judge::Event& event) {
  if (event.kind == judge::Event::Kind::phase) phase_ = one_line(event.text);
  if (event.kind == judge::Event::Kind::round && event.total > 0)
    fraction_ = std::clamp(static_cast<double>(event.done) / event.total, 0.0, 1.0);
  if (terminal_) draw();
}

void ProgressBar::draw() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_draw_ < kRedraw) return;
  last_draw_ = now;
  constexpr int kCells = 20;
  const double suite = targets_ > 0 ? (current_ - 1 + fraction_) / targets_ : 0;
  const int full = static_cast<int>(suite * kCells);
  std::string bar(static_cast<std::size_t>(full), '#');
  bar.resize(kCells, '.');
  std::string text = fmt::format("[{}/{}] {}  {}", current_, targets_, target_, phase_);
  const auto columns = static_cast<std::size_t>(stderr_columns());
  const std::size_t room = columns - std::min<std::size_t>(columns - 1, kCells + 4);
  if (text.size() > room) text.resize(room);
  if (colour_) bar = "\x1b[32m" + bar + "\x1b[0m";
  print_err("\r\x1b[K[{}] {}", bar, text);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  print_err("\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace aisp::app
