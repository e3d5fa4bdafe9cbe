// aisp utils kv-cache: memory of keys and values, and what fits.
#include "tools/kv_cache.hpp"
#include "app/commands/utils.hpp"
#include "app/names.hpp"
#include "app/quantities.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

struct Options {
  std::int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, mla_rank = 0, mla_rope = 64;
  std::int64_t tokens = 0, batch = 1, page_size = 1, group = 0, scale_bits = 0, tensor_parallel = 1;
  std::string dtype = "bf16";
  double gpu_gb = 0, overhead = 0, reserve_gb = 0, weights_gb = 0;
};

// Elements of a token in one layer, and how many heads there are to share out.
void set_width(const Options& o, tools::KvCacheInput& in) {
  if (o.mla_rank > 0) {
    if (o.kv_heads || o.head_dim || o.hidden || o.heads)
      throw UsageError("--mla-rank describes the whole cache; leave out --hidden, --heads, --kv-heads and --head-dim");
    in.width = tools::mla_width(o.mla_rank, o.mla_rope);
    in.kv_heads = 1;
    return;
  }
  if (o.hidden > 0) {
    if (o.head_dim > 0) throw UsageError("give --hidden, or --kv-heads with --head-dim, not both");
    if ((o.heads > 0) != (o.kv_heads > 0))
      throw UsageError("with --hidden, grouped queries need both --heads and --kv-heads");
    if (o.heads == 0) {
      in.width = 2.0 * static_cast<double>(o.hidden);
      return;
    }
    if (o.hidden % o.heads)
      throw UsageError(fmt::format("--hidden {} is no multiple of --heads {}", o.hidden, o.heads));
    if (o.heads % o.kv_heads)
      throw UsageError(fmt::format("--heads {} is no multiple of --kv-heads {}", o.heads, o.kv_heads));
    in.width = tools::kv_width(o.kv_heads, o.hidden / o.heads);
    in.kv_heads = o.kv_heads;
    return;
  }
  if (o.kv_heads == 0 || o.head_dim == 0)
    throw UsageError("the size of a token is missing: --hidden, or --kv-heads with --head-dim, or --mla-rank");
  in.width = tools::kv_width(o.kv_heads, o.head_dim);
  in.kv_heads = o.kv_heads;
}

tools::KvCacheInput input_of(const Options& o) {
  tools::KvCacheInput in;
  set_width(o, in);
  in.layers = o.layers, in.tokens = o.tokens, in.batch = o.batch, in.page_size = o.page_size;
  in.storage = *tools::find_kv_storage(o.dtype);
  if (o.group > 0) in.storage.group = o.group;
  if (o.scale_bits > 0) in.storage.scale_bits = static_cast<double>(o.scale_bits);
  if (in.storage.group > 0 && in.storage.scale_bits == 0) in.storage.scale_bits = 16;
  if (in.storage.group == 0 && in.storage.scale_bits > 0)
    throw UsageError("--scale-bits needs --group: one scale for how many elements?");
  in.overhead = o.overhead;
  in.tensor_parallel = o.tensor_parallel;
  in.gpu_bytes = o.gpu_gb * 1e9, in.reserve_bytes = o.reserve_gb * 1e9, in.weight_bytes = o.weights_gb * 1e9;
  if (!(o.gpu_gb > 0) && (o.reserve_gb > 0 || o.weights_gb > 0))
    throw UsageError("--reserve-activations-gb and --weights-gb need --gpu-mem-gb: out of how much?");
  return in;
}

int kv_cache(const Context& context, const Options& o) {
  const auto in = input_of(o);
  const auto r = tools::kv_cache(in);
  std::vector<Quantity> q{
      {"bits_per_element", "element", r.bits_per_element, "bit", std::string(in.storage.source)},
      {"bytes_per_token", "one token", r.bytes_per_token, "B",
       fmt::format("{} layers × {:g} elements", o.layers, in.width)},
      {"bytes", "all tokens", r.bytes, "B", fmt::format("{} sequences of {} tokens", o.batch, o.tokens)},
      {"page_bytes", "one page", r.page_bytes, "B",
       fmt::format("{} token{}", o.page_size, o.page_size == 1 ? "" : "s")},
      {"fragmentation_bytes", "ends of last pages", r.fragmentation_bytes, "B"},
      {"overhead_bytes", "overhead", r.overhead_bytes, "B", fmt::format("{:g} %", 100 * o.overhead)},
      {"total_bytes", "total", r.total_bytes, "B"},
      {"bytes_per_gpu", "per GPU", r.bytes_per_gpu, "B",
       o.tensor_parallel == 1
           ? ""
           : fmt::format("{} GPUs{}", o.tensor_parallel,
                         r.copies > 1 ? fmt::format(", every head {:.3g} times: heads are whole", r.copies) : "")}};
  if (in.gpu_bytes > 0) {
    q.push_back({"available_bytes", "available per GPU", r.available_bytes, "B",
                 r.available_bytes < 0 ? "weights and reserve alone do not fit"
                 : r.fits              ? "fits"
                                       : "does not fit"});
    q.push_back({"max_tokens", "fits at this batch", static_cast<double>(r.max_tokens), "tokens", "of each sequence"});
    q.push_back({"max_batch", "fits at this length", static_cast<double>(r.max_batch), "sequences"});
  }
  if (!context.json) {
    print_quantities(context, q);
    return kOk;
  }
  auto document = quantities_json(q);
  if (in.gpu_bytes > 0) document["fits"] = r.fits;
  print_json(document);
  return kOk;
}

std::vector<std::string> dtype_names() {
  std::vector<std::string> names;
  for (const auto& s : tools::kv_storages()) names.emplace_back(s.name);
  return names;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Formula: bytes = layers × width × tokens × batch × bits / 8, where width, the elements a token keeps in one layer, is
  2 × hidden                 multi-head attention (MHA)
  2 × kv-heads × head-dim    grouped or multi-query attention (GQA, MQA)
  mla-rank + mla-rope        multi-head latent attention (MLA)
Bits include the scales of block formats. Sequences hold whole pages; overhead comes on top of them. GB are 10⁹ B.
Tensor parallelism shares out whole heads; MLA keeps everything on every GPU.
Sources: Ainslie et al., GQA, EMNLP 2023; Kwon et al., PagedAttention, SOSP 2023; DeepSeek-V2, 2024, §2.1.)";

}  // namespace

void add_kv_cache(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c =
      add_tool(utils, context, "kv-cache", "Memory of a transformer's keys and values, and what fits a GPU", kMethod,
               "aisp utils kv-cache --layers 80 --hidden 8192 --tokens 4096 --batch 8 --dtype fp8 --gpu-mem-gb 192 "
               "--kv-overhead-frac 0.10 --reserve-activations-gb 40",
               [&context, o] { return kv_cache(context, *o); });
  const auto count = [&](const char* name, std::int64_t& value, const char* about, std::int64_t most = 1'000'000) {
    return c->add_option(name, value, about)->check(whole_number(1, most, ""))->type_name("N");
  };
  count("--layers", o->layers, "Layers that keep keys and values")->required();
  count("--hidden", o->hidden, "Width of the model (MHA; with --heads and --kv-heads also GQA)");
  count("--heads", o->heads, "Query heads");
  count("--kv-heads", o->kv_heads, "Heads of keys and values (1: MQA)");
  count("--head-dim", o->head_dim, "Elements of a head");
  count("--mla-rank", o->mla_rank, "MLA: rank of the compressed keys and values");
  count("--mla-rope", o->mla_rope, "MLA: elements of the rotary key (default: 64)");
  count("--tokens", o->tokens, "Tokens of a sequence, prompt and output", 1'000'000'000)->required();
  count("--batch", o->batch, "Sequences at a time (default: 1)", 1'000'000'000);
  c->add_option("--dtype", o->dtype, "How an element is stored (default: bf16)")->check(one_of("dtype", dtype_names()));
  count("--group", o->group, "Elements that share a scale (default: by the dtype)");
  count("--scale-bits", o->scale_bits, "Bits of a scale (default: by the dtype)", 64);
  count("--page-size", o->page_size, "Tokens of a page (default: 1, no paging)");
  c->add_option("--kv-overhead-frac", o->overhead, "Share that allocator and tables take on top")
      ->check(number(0, 10, ""))
      ->type_name("SHARE");
  count("--tensor-parallel", o->tensor_parallel, "GPUs that share the heads (default: 1)");
  const auto gigabytes = [&](const char* name, double& value, const char* about) {
    return c->add_option(name, value, about)->type_name("GB");
  };
  gigabytes("--gpu-mem-gb", o->gpu_gb, "Memory of one GPU: also say what fits")->check(positive("GB", 1e9));
  gigabytes("--reserve-activations-gb", o->reserve_gb, "Of it, for activations and the runtime")
      ->check(number(0, 1e9, "GB"));
  gigabytes("--weights-gb", o->weights_gb, "Weights of the whole model, shared out to the GPUs")
      ->check(number(0, 1e9, "GB"));
}

}  // namespace aisp::app
