// Progress on stderr: a bar on a terminal, plain lines elsewhere.
#pragma once

#include "judge/judge.hpp"

#include <chrono>
#include <string>

namespace aisp::app {

// One suite of targets. Lines: "[2/6] ch07:transpose  timing 40 %". Without a terminal each target gets one line.
class ProgressBar {
 public:
  // `announce`: one plain line for each target where there is no terminal.
  explicit ProgressBar(int targets, bool announce = true);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void begin(const std::string& target);
  void update(const judge::Event&);
  void clear();  // removes the bar before other output is printed

 private:
  void draw();

  int targets_;
  int current_ = 0;
  bool announce_;
  bool terminal_;
  bool colour_;
  bool drawn_ = false;
  std::string target_, phase_;
  double fraction_ = 0;
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace aisp::app
