// The judge's look into a worker: its code and constants before and after the plugin ran, and its executable memory.
// The worker, while it is still trusted, opens its own /proc/self/maps and /proc/self/mem and hands them over; the
// kernel checks permission when they are opened, so no privilege is needed to read them later.
#pragma once

#include "judge/memory.hpp"
#include "model/evidence.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::judge {

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  bool readable = false, writable = false, executable = false;
  std::string file;  // "" = anonymous; "[vdso]"
};
// /proc/PID/maps; lines that make no sense are passed over.
std::vector<Mapping> parse_maps(std::string_view text);

class Observer {
 public:
  Observer() = default;  // sees nothing
  // Takes the state to compare with: everything read-only or executable that comes from a file. The worker waits.
  Observer(Fd maps, Fd memory);

  model::CodeCheck compare() const;       // now, with what was found at first
  std::int64_t executable_bytes() const;  // now, of memory that comes from no file

 private:
  std::string maps_text() const;
  std::vector<std::uint64_t> hash(const Mapping&) const;  // of each page; 0 = cannot be read

  struct Part {
    Mapping mapping;
    std::vector<std::uint64_t> pages;
  };
  Fd maps_, memory_;
  std::vector<Part> parts_;
};

}  // namespace aisp::judge
