// Any bytes as ncu's CSV or as metadata of kernels end in checked data or in one line.
#include "analysis/csv.hpp"
#include "analysis/ncu.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace {

template <class Parse> void parse(const Parse& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp::analysis;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parse([&] {
    for (const auto& record : parse_csv(text))
      if (record.empty()) std::abort();
  });
  parse([&] {
    for (const auto& kernel : parse_ncu_csv(text))
      if (kernel.launches < 1) std::abort();
  });
  parse([&] {
    for (const auto& work : parse_kernel_work(text))
      if (work.name.empty() || !(work.flops >= 0) || !std::isfinite(work.bytes)) std::abort();
  });
  return 0;
}
