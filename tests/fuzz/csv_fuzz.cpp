// Any bytes as ncu's CSV or as metadata of kernels end in checked data or in one line; any bytes as a cell come back
// from the CSV that is written.
#include "analysis/csv.hpp"
#include "analysis/flat.hpp"
#include "analysis/ncu.hpp"
#include "analysis/written_number.hpp"
#include "model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
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

// A number comes back from each style that a locale writes it in.
void written_in_every_style(const std::uint8_t* data, std::size_t size) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, data, std::min(size, sizeof bits));
  const double value = static_cast<double>(bits % 100'000'000'000) / 100;
  const auto plain = fmt::format("{:.2f}", value);
  for (const char point : {'.', ','}) {
    std::string text = plain;
    text[text.size() - 3] = point;
    for (auto at = text.size() - 3; at > 3;) text.insert(at -= 3, 1, point == '.' ? ',' : '.');
    aisp::analysis::NumberStyle style;
    style.learn(text);
    if (style.read(text) != std::stod(plain)) std::abort();
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
    const std::string cell(text.substr(0, 60));
    NumberStyle style;
    style.learn(cell);
    if (const auto value = style.read(cell); value && !std::isfinite(*value)) std::abort();
  });
  written_in_every_style(data, size);
  parse([&] {
    for (const auto& work : parse_kernel_work(text))
      if (work.name.empty() || !(work.flops >= 0) || !std::isfinite(work.bytes)) std::abort();
  });
  return 0;
}
