// aisp utils kv-cache: memory of keys and values, and what fits.
#include "tools/kv_cache.hpp"
#include "app/commands/utils.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "record/file.hpp"
#include "record/store_error.hpp"
#include "tools/json_tree.hpp"
#include "tools/known_models.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>

namespace aisp::app {
namespace {

constexpr std::size_t kMaxConfig = std::size_t{4} << 20;

struct Options {
  std::string model, dtype, state_dtype;
  std::int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, v_head_dim = 0, mla_rank = 0,
               mla_rope = 64;
  std::int64_t window = 0, window_layers = 0;
  std::int64_t tokens = 0, batch = 1, page_size = 1, group = 0, scale_bits = 0, tensor_parallel = 1;
  double gpu_gb = 0, overhead = 0, reserve_gb = 0, weights_gb = 0;
  std::vector<const CLI::Option*> shape;  // what a model describes
};

struct Model {
  std::string name, source;
  tools::ModelCache cache;
};

Model parsed(const std::string& name, const std::string& source, std::string_view text) {
  try {
    return {name, source, tools::parse_model_config(text)};
  } catch (const tools::LineError& error) {
    throw UsageError(one_line(fmt::format("{}:{}: {}", source, error.line, error.what())));
  }
}

// A file, a folder with a config.json, or one of the names that aisp knows.
Model model_of(const std::string& name) {
  std::error_code none;
  std::filesystem::path path(name);
  if (std::filesystem::is_directory(path, none)) path /= "config.json";
  if (std::filesystem::exists(path, none) || path.extension() == ".json") {
    try {
      return parsed(one_line(name), one_line(path.string()), record::read_whole(path, kMaxConfig));
    } catch (const record::StoreError& error) {
      throw UsageError(error.what());
    }
  }
  if (const auto* known = tools::find_known_model(name))
    return parsed(std::string(known->name), fmt::format("{}, config.json", known->source), known->config);
  std::vector<std::string> names;
  for (const auto& m : tools::known_models()) names.emplace_back(m.name);
  throw UsageError(unknown("model", name, names) + " (or give the path of a config.json)");
}

// What a token keeps in one layer, of a shape given by options.
tools::CacheLayer shape_of(const Options& o) {
  tools::CacheLayer layer;
  layer.kind = "full attention";
  if (o.mla_rank > 0) {
    if (o.kv_heads || o.head_dim || o.v_head_dim || o.hidden || o.heads)
      throw UsageError("--mla-rank describes the whole cache; leave out --hidden, --heads, --kv-heads and --head-dim");
    layer.key_width = tools::mla_width(o.mla_rank, o.mla_rope);
    layer.kv_heads = 1;
    layer.kind = "MLA";
    return layer;
  }
  auto heads = o.kv_heads, size = o.head_dim;
  if (o.hidden > 0) {
    if (o.head_dim > 0) throw UsageError("give --hidden, or --kv-heads with --head-dim, not both");
    if ((o.heads > 0) != (o.kv_heads > 0))
      throw UsageError("with --hidden, grouped queries need both --heads and --kv-heads");
    if (o.heads == 0) {
      if (o.v_head_dim > 0) throw UsageError("--v-head-dim needs --kv-heads with --head-dim");
      layer.key_width = layer.value_width = static_cast<double>(o.hidden);
      return layer;
    }
    if (o.hidden % o.heads)
      throw UsageError(fmt::format("--hidden {} is no multiple of --heads {}", o.hidden, o.heads));
    if (o.heads % o.kv_heads)
      throw UsageError(fmt::format("--heads {} is no multiple of --kv-heads {}", o.heads, o.kv_heads));
    size = o.hidden / o.heads;
  }
  if (heads == 0 || size == 0)
    throw UsageError("the size of a token is missing: --hidden, or --kv-heads with --head-dim, or --mla-rank");
  layer.kv_heads = heads;
  layer.key_width = static_cast<double>(heads) * static_cast<double>(size);
  layer.value_width = static_cast<double>(heads) * static_cast<double>(o.v_head_dim ? o.v_head_dim : size);
  return layer;
}

std::vector<tools::CacheGroup> shape_groups(const Options& o) {
  if (o.layers == 0)
    throw UsageError("name a model or its config.json, or give --layers and --tokens with the size of a token");
  if ((o.window > 0) != (o.window_layers > 0)) throw UsageError("--window and --window-layers need each other");
  if (o.window_layers > o.layers)
    throw UsageError(fmt::format("--window-layers {} is more than --layers {}", o.window_layers, o.layers));
  const auto layer = shape_of(o);
  std::vector<tools::CacheGroup> groups;
  if (o.layers > o.window_layers) groups.push_back({layer, o.layers - o.window_layers});
  if (o.window_layers > 0) {
    groups.push_back({layer, o.window_layers});
    groups.back().layer.window = o.window;
    groups.back().layer.kind = "sliding window";
  }
  return groups;
}

tools::KvCacheInput input_of(const Options& o, const std::optional<Model>& model) {
  tools::KvCacheInput in;
  in.groups = model ? tools::grouped(model->cache.layers) : shape_groups(o);
  in.tokens = o.tokens;
  if (model && in.tokens == 0) in.tokens = model->cache.context;
  if (in.tokens == 0)
    throw UsageError(model ? "the config names no longest sequence; --tokens is needed" : "--tokens is needed");
  in.batch = o.batch, in.page_size = o.page_size;
  const auto either = [](const std::string& given, const std::string& config, const char* otherwise) {
    return !given.empty() ? given : !config.empty() ? config : std::string(otherwise);
  };
  in.storage = *tools::find_kv_storage(either(o.dtype, model ? model->cache.dtype : "", "bf16"));
  in.state_bits = tools::find_kv_storage(either(o.state_dtype, model ? model->cache.state_dtype : "", "fp32"))->bits();
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

std::int64_t layers_that(const tools::KvCacheInput& in, bool (*keep)(const tools::CacheLayer&)) {
  std::int64_t count = 0;
  for (const auto& g : in.groups)
    if (keep(g.layer)) count += g.layers;
  return count;
}

std::vector<Quantity> quantities(const Options& o, const tools::KvCacheInput& in, const tools::KvCacheResult& r) {
  const auto keeping = layers_that(in, [](const auto& l) { return l.width() > 0; });
  const auto windowed = layers_that(in, [](const auto& l) { return l.width() > 0 && l.window > 0; });
  const auto recurrent = layers_that(in, [](const auto& l) { return l.state + l.convolution > 0; });
  const bool alike = in.groups.size() == 1;
  std::vector<Quantity> q{
      {"bits_per_element", "element", r.bits_per_element, "bit", std::string(in.storage.source)},
      {"bytes_per_token", "one token", r.bytes_per_token, "B",
       fmt::format("{} layers{}, {:.0f} B", keeping,
                   alike ? fmt::format(" × {:g} elements", in.groups.front().layer.width()) : "", r.bytes_per_token)}};
  if (windowed > 0) {
    q.push_back({"growth_per_token", "beyond the windows", r.growth_per_token, "B",
                 fmt::format("{} layers, {:.0f} B a token", keeping - windowed, r.growth_per_token)});
    q.push_back({"windowed_bytes", "in windows", r.windowed_bytes, "B",
                 fmt::format("{} layers of a sequence: grows no further", windowed)});
  }
  if (recurrent > 0)
    q.push_back({"state_bytes", "states", r.state_bytes, "B",
                 fmt::format("{} layers of a sequence, of any length; {:g}-bit", recurrent, in.state_bits)});
  const std::vector<Quantity> sums{
      {"bytes", recurrent > 0 ? "tokens and states" : "all tokens", r.bytes, "B",
       fmt::format("{} sequence{} of {} tokens", o.batch, o.batch == 1 ? "" : "s", in.tokens)},
      {"page_bytes", "one page", r.page_bytes, "B",
       fmt::format("{} token{}", o.page_size, o.page_size == 1 ? "" : "s")},
      {"fragmentation_bytes", "ends of pages", r.fragmentation_bytes, "B"},
      {"overhead_bytes", "overhead", r.overhead_bytes, "B", fmt::format("{:g} %", 100 * o.overhead)},
      {"total_bytes", "total", r.total_bytes, "B"},
      {"bytes_per_gpu", "per GPU", r.bytes_per_gpu, "B",
       o.tensor_parallel == 1
           ? ""
           : fmt::format("{} GPUs{}", o.tensor_parallel,
                         r.copies > 1.0005 ? fmt::format(", all of it {:.3g} times: heads are whole", r.copies) : "")}};
  q.insert(q.end(), sums.begin(), sums.end());
  if (in.gpu_bytes > 0) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto most = [&](std::int64_t n) { return n == tools::kUnlimited ? kInfinity : static_cast<double>(n); };
    q.push_back({"available_bytes", "available per GPU", r.available_bytes, "B",
                 r.available_bytes < 0 ? "weights and reserve alone do not fit"
                 : r.fits              ? "fits"
                                       : "does not fit"});
    q.push_back({"max_tokens", "fits at this batch", most(r.max_tokens), "tokens", "of each sequence"});
    q.push_back({"max_batch", "fits at this length", most(r.max_batch), "sequences"});
  }
  return q;
}

// A row for layers that are alike: "18  sliding window  8  64 + 64  the last 128 tokens".
std::string layers_table(const tools::KvCacheInput& in) {
  std::vector<std::vector<std::string>> rows{{"layers", "kind", "KV heads", "K + V", "keeps"}};
  for (const auto& [layer, layers] : in.groups) {
    std::vector<std::string> keeps;
    if (layer.width() > 0)
      keeps.push_back(layer.window > 0 ? fmt::format("the last {} tokens", layer.window) : "every token");
    if (layer.state + layer.convolution > 0)
      keeps.push_back(fmt::format("a state of {:.0f} + {:.0f} elements", layer.state, layer.convolution));
    const auto heads = static_cast<double>(layer.kv_heads > 0 ? layer.kv_heads : 1);
    rows.push_back({fmt::format("{}", layers), layer.kind, layer.kv_heads > 0 ? fmt::format("{}", layer.kv_heads) : "",
                    layer.value_width > 0
                        ? fmt::format("{:g} + {:g}", layer.key_width / heads, layer.value_width / heads)
                    : layer.key_width > 0 ? fmt::format("{:g}", layer.key_width)
                                          : "",
                    fmt::format("{}", fmt::join(keeps, ", "))});
  }
  return aligned(rows);
}

Json layers_json(const tools::KvCacheInput& in) {
  Json groups = Json::array();
  for (const auto& [layer, layers] : in.groups)
    groups.push_back({{"layers", layers},
                      {"kind", layer.kind},
                      {"kv_heads", layer.kv_heads},
                      {"key_width", layer.key_width},
                      {"value_width", layer.value_width},
                      {"window", layer.window},
                      {"index_bytes", layer.index_bytes},
                      {"state_elements", layer.state},
                      {"convolution_elements", layer.convolution}});
  return groups;
}

int kv_cache(const Context& context, const Options& o) {
  std::optional<Model> model;
  if (!o.model.empty()) {
    for (const auto* option : o.shape)
      if (option->count())
        throw UsageError(fmt::format("{} is the model's; leave it out, or leave out the model", option->get_name()));
    model = model_of(o.model);
  }
  const auto in = input_of(o, model);
  const auto r = tools::kv_cache(in);
  if (r.bytes_per_token + r.state_bytes == 0) throw UsageError("no layer of this model keeps anything");
  const auto q = quantities(o, in, r);
  if (!context.json) {
    if (model) print_out("{} ({}), {}\n\n{}\n", model->name, model->source, in.storage.name, layers_table(in));
    print_quantities(context, q);
    return kOk;
  }
  auto document = quantities_json(q);
  document["dtype"] = in.storage.name;
  document["tokens"] = in.tokens;
  document["groups"] = layers_json(in);
  document["model"] = model ? Json{{"name", model->name},
                                   {"source", model->source},
                                   {"type", model->cache.model_type},
                                   {"context", model->cache.context}}
                            : Json(nullptr);
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
  2 × hidden                            multi-head attention (MHA)
  kv-heads × (head-dim + v-head-dim)    grouped or multi-query attention (GQA, MQA)
  mla-rank + mla-rope                   multi-head latent attention (MLA)
A layer with a sliding window keeps its last tokens only, a recurrent one (Mamba, linear attention) a state of constant
size. MODEL is the config.json of a Hugging Face checkpoint, a folder that holds one, or a name that aisp knows; it
brings layers, heads, windows, states and the longest sequence, which is what --tokens is by default.
Bits include the scales of block formats. Sequences hold whole pages; overhead comes on top of them. GB are 10⁹ B, GiB
2³⁰. Tensor parallelism shares out whole heads; MLA keeps everything on every GPU.
Sources: Ainslie et al., GQA, EMNLP 2023; Kwon et al., PagedAttention, SOSP 2023; DeepSeek-V2, 2024, §2.1.)";

}  // namespace

void add_kv_cache(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c =
      add_tool(utils, context, "kv-cache", "Memory of a transformer's keys and values, and what fits a GPU", kMethod,
               "aisp utils kv-cache gpt-oss-120b --tokens 131072 --gpu-mem-gb 80\n"
               "  aisp utils kv-cache checkpoint/config.json --batch 8 --dtype fp8\n"
               "  aisp utils kv-cache --layers 80 --hidden 8192 --tokens 4096 --batch 8 --dtype fp8 --gpu-mem-gb 192 "
               "--kv-overhead-frac 0.10 --reserve-activations-gb 40",
               [&context, o] { return kv_cache(context, *o); });
  c->add_option("model", o->model, "A config.json, a folder with one, or the name of a model")->type_name("MODEL");
  const auto count = [&](const char* name, std::int64_t& value, const char* about, std::int64_t most = 1'000'000) {
    return c->add_option(name, value, about)->check(whole_number(1, most, ""))->type_name("N");
  };
  const auto shape = [&](const char* name, std::int64_t& value, const char* about) {
    o->shape.push_back(count(name, value, about));
  };
  shape("--layers", o->layers, "Layers that keep keys and values");
  shape("--hidden", o->hidden, "Width of the model (MHA; with --heads and --kv-heads also GQA)");
  shape("--heads", o->heads, "Query heads");
  shape("--kv-heads", o->kv_heads, "Heads of keys and values (1: MQA)");
  shape("--head-dim", o->head_dim, "Elements of a head");
  shape("--v-head-dim", o->v_head_dim, "Elements of a head of values (default: as of keys)");
  shape("--mla-rank", o->mla_rank, "MLA: rank of the compressed keys and values");
  shape("--mla-rope", o->mla_rope, "MLA: elements of the rotary key (default: 64)");
  shape("--window", o->window, "Tokens of a sliding window");
  shape("--window-layers", o->window_layers, "Of --layers, those that have it");
  count("--tokens", o->tokens, "Tokens of a sequence, prompt and output (default: the model's longest)", 1'000'000'000);
  count("--batch", o->batch, "Sequences at a time (default: 1)", 1'000'000'000);
  c->add_option("--dtype", o->dtype, "How an element is stored (default: the model's, or bf16)")
      ->check(one_of("dtype", dtype_names()));
  c->add_option("--state-dtype", o->state_dtype, "How a recurrent state is stored (default: the model's, or fp32)")
      ->check(one_of("dtype", {"fp32", "fp16", "bf16"}));
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
