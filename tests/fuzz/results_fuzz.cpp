// Any bytes as results of another program end in results that can be shown and compared, or in one line.
#include "import/compare_results.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp;
  try {
    const auto all = import::parse_results({reinterpret_cast<const char*>(data), size});
    if (all.results.empty()) std::abort();
    for (const auto& r : all.results) {
      if (r.name.empty() || r.quantity.empty() || (r.unit != "s" && r.unit != "B/s")) std::abort();
      if (r.values.empty() && r.failed.empty()) std::abort();
      for (const double v : r.values)
        if (!std::isfinite(v) || v < 0) std::abort();
      if (import::repetitions_text(r).empty()) std::abort();
    }
    const auto same = import::compare_results(all, all);  // with itself nothing is slower
    if (same.count(analysis::ChangeKind::regressed) || same.count(analysis::ChangeKind::improved)) std::abort();
  } catch (const tools::LineError& error) {
    if (error.line < 1 || std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
