// Any bytes as ncu's CSV or as metadata of kernels end in checked data or in one line; any bytes as a cell come back
// from the CSV that is written.
#include "analysis/csv.hpp"
#include "analysis/flat.hpp"
#include "analysis/ncu.hpp"
#include "model/text.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

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
    const auto kernels = parse_ncu_csv(text);
    for (const auto& kernel : kernels)
      if (kernel.launches < 1) std::abort();
    aisp::model::VariantProfile profile;
    add_measured(kernels, 2, profile);
    if (profile.measured.size() != kernels.size()) std::abort();
  });
  parse([&] {
    const std::string cell(text.substr(0, 1000));
    const auto read = parse_csv(csv_line({"x", cell}));
    if (read.size() != 1 || read[0].size() != 2 || !read[0][1].ends_with(aisp::model::printable(cell))) std::abort();
  });
  parse([&] {
    for (const auto& work : parse_kernel_work(text))
      if (work.name.empty() || !(work.flops >= 0) || !std::isfinite(work.bytes)) std::abort();
  });
  return 0;
}
