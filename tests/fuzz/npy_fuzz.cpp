// Any bytes as a .npy file or as an archive of them end in an array that is what its shape says, or in one line.
#include "tools/npy.hpp"
#include "tools/zip.hpp"

#include <cstdlib>
#include <stdexcept>

namespace {

template <class Parse> void parse(const Parse& action) {
  try {
    const aisp::tools::NpyArray array = action();
    std::uint64_t count = 1;
    for (const auto n : array.shape) count *= static_cast<std::uint64_t>(n);
    if (count != array.values.size()) std::abort();
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp::tools;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto fp8 : {Fp8::unsaid, Fp8::e4m3, Fp8::e5m2}) {
    parse([&] { return parse_numpy(bytes, {fp8, ""}); });
    parse([&] { return parse_numpy(bytes, {fp8, "x"}); });
  }
  try {  // whatever an entry holds
    for (const auto& entry : zip_entries(bytes))
      if (zip_content(bytes, entry, 1 << 20).size() != entry.size) std::abort();
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
