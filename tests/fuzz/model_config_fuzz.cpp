// Any bytes as a config.json end in layers of finite size, whose cache can be added up, or in one line.
#include "tools/json_tree.hpp"
#include "tools/kv_cache.hpp"

#include <cmath>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp::tools;
  try {
    const auto model = parse_model_config({reinterpret_cast<const char*>(data), size});
    KvCacheInput in;
    in.groups = grouped(model.layers);
    in.storage = *find_kv_storage("bf16");
    in.tokens = 1'000'000'000, in.batch = 1'000'000, in.page_size = 16, in.tensor_parallel = 7, in.gpu_bytes = 1e12;
    const auto r = kv_cache(in);
    std::int64_t layers = 0;
    for (const auto& group : in.groups) layers += group.layers;
    if (layers < 1 || std::size_t(layers) != model.layers.size()) std::abort();
    if (!std::isfinite(r.total_bytes) || r.total_bytes < 0 || r.max_tokens < 0 || r.max_batch < 0) std::abort();
  } catch (const LineError& error) {
    if (error.line < 1 || std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
  }
  return 0;
}
