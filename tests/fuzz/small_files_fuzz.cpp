// The small formats that aisp reads: the quarantine, golden digests, data splits, /proc/PID/maps, --target-extra-arg.
// The first byte says which; each is read or refused with a reason of one line, and what was read is written as it was
// read.
#include "judge/observer.hpp"
#include "record/extra_args.hpp"
#include "record/quarantine.hpp"
#include "validity/overlap.hpp"
#include "verify/golden.hpp"

#include <cstdlib>
#include <string>

using namespace aisp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (static_cast<std::uint8_t>(data[0] - '0') % 5) {
      case 0: {
        const auto written = record::to_json(record::parse_quarantine(text));
        if (record::to_json(record::parse_quarantine(written)) != written) std::abort();
        break;
      }
      case 1: verify::parse_golden(text); break;
      case 2: {
        const auto middle = text.size() / 2;
        if (validity::overlap({text.substr(0, middle)}, {text.substr(middle)}).text().empty()) std::abort();
        break;
      }
      case 3:
        for (const auto& [name, value] : record::parse_extra_args(text).values)
          if (name.empty() || value < 1) std::abort();
        break;
      default:
        for (const auto& m : judge::parse_maps(text))
          if (m.end <= m.begin) std::abort();
    }
  } catch (const std::runtime_error& error) {
    if (std::string(error.what()).find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
