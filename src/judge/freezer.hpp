// A cgroup (version 2) that holds one worker, where this process may make one: what is frozen in it stands still,
// whoever sends it SIGCONT.
#pragma once

#include "judge/memory.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace aisp::judge {

class Freezer {
 public:
  // Puts the process into a cgroup of its own. Nothing where there is no hierarchy of version 2, or it may not be
  // written.
  static std::optional<Freezer> of(pid_t);

  Freezer(Freezer&&) = default;
  Freezer& operator=(Freezer&&) = default;
  ~Freezer();  // removes the cgroup, which must be empty by then

  void freeze() const;
  void thaw() const;
  bool frozen() const;  // all threads stand

 private:
  Freezer() = default;
  std::string folder_;  // empty once moved from
  Fd freeze_, events_;
};

}  // namespace aisp::judge
