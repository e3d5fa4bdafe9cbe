#include "judge/plugin.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace aisp::judge {
namespace {

const char* null_prepare(const aisp_setup*, void**) { return nullptr; }
const char* null_bind(void*, std::int32_t, const DLTensor* const*, std::int32_t) { return nullptr; }
const char* null_run(void*, std::int32_t) { return nullptr; }
void null_release(void*) {}

// Measures what a call costs when the variant does nothing.
constexpr aisp_variant kNull{sizeof(aisp_variant), "",         "null",    "does nothing", kDLCPU, 1, -1, nullptr,
                             &null_prepare,        &null_bind, &null_run, &null_release};

void require_elf(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Refused("cannot open " + path + ": " + std::strerror(errno));
  unsigned char head[EI_NIDENT] = {};
  const ssize_t n = read(fd, head, sizeof head);
  close(fd);
  if (n != sizeof head || std::memcmp(head, ELFMAG, SELFMAG) != 0)
    throw Refused(path + " is not an ELF shared library");
  if (head[EI_CLASS] != ELFCLASS64) throw Refused(path + " is not a 64-bit library");
}

std::string dtype_name(const DLDataType& t) {
  const char* code = t.code == kDLInt ? "i" : t.code == kDLUInt ? "u" : t.code == kDLFloat ? "f" : "bf";
  if (t.code == kDLFloat8_e4m3fn) return "f8e4m3";
  if (t.code == kDLFloat8_e5m2) return "f8e5m2";
  return code + std::to_string(t.bits);
}

std::string describe(const DLDataType& dtype, int ndim, bool writable) {
  return std::string(writable ? "writable " : "read-only ") + dtype_name(dtype) + " of rank " + std::to_string(ndim);
}

void require_matching(const aisp_variant& v, const Startup& s, const std::vector<aisp_tensor_info>& infos) {
  if (v.num_arguments < 0) return;
  if (v.num_arguments != s.num_tensors)
    throw Refused(std::string(s.target) + " has " + std::to_string(s.num_tensors) + " tensors, the variant takes " +
                  std::to_string(v.num_arguments));
  for (int i = 0; i < s.num_tensors; ++i) {
    const auto& want = infos[static_cast<std::size_t>(i)];
    const auto& got = v.arguments[i];
    const bool writable = want.role == AISP_INOUT || want.role == AISP_OUTPUT;
    if (got.dtype.code != want.tensor.dtype.code || got.dtype.bits != want.tensor.dtype.bits ||
        got.ndim != want.tensor.ndim || (got.writable != 0) != writable)
      throw Refused("argument " + std::to_string(i + 1) + " ('" + want.name + "') must be " +
                    describe(want.tensor.dtype, want.tensor.ndim, writable) + ", the variant takes " +
                    describe(got.dtype, got.ndim, got.writable != 0));
  }
}

}  // namespace

std::vector<const aisp_variant*> load_plugin(const std::string& path) {
  if (path == "builtin:null") return {&kNull};
  require_elf(path);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw Refused(std::string("cannot load the plugin: ") + dlerror());
  const auto entry = reinterpret_cast<aisp_plugin_fn>(dlsym(library, AISP_PLUGIN_SYMBOL));
  if (!entry)
    throw Refused(path + " does not export " AISP_PLUGIN_SYMBOL "; end one source file with AISP_VARIANT(...)");
  const aisp_plugin* plugin = entry();
  if (!plugin) throw Refused(path + ": " AISP_PLUGIN_SYMBOL " returned NULL");
  if (plugin->abi_version != AISP_ABI_VERSION)
    throw Refused(path + " was built for plugin ABI " + std::to_string(plugin->abi_version) + ", this aisp speaks " +
                  std::to_string(AISP_ABI_VERSION) + "; rebuild it");
  if (plugin->num_variants < 1 || plugin->num_variants > kMaxVariants)
    throw Refused(path + " holds " + std::to_string(plugin->num_variants) + " variants, 1 to " +
                  std::to_string(kMaxVariants) + " are possible");
  std::vector<const aisp_variant*> all(plugin->variants, plugin->variants + plugin->num_variants);
  for (const auto* v : all)
    if (!v || v->size < sizeof(aisp_variant) || !v->target || !v->name || !v->prepare || !v->bind || !v->run ||
        !v->release)
      throw Refused(path + " describes a variant without a name or a callback");
  return all;
}

const aisp_variant& find_variant(const std::vector<const aisp_variant*>& all, const std::string& target,
                                 const std::string& name) {
  const aisp_variant* found = nullptr;
  std::string names;
  int matches = 0;
  for (const auto* v : all) {
    const bool same_target = v->target[0] == '\0' || target.empty() || target == v->target;
    if (!same_target) continue;
    names += (names.empty() ? "" : ", ") + std::string(v->name);
    if (name.empty() || name == v->name) {
      found = v;
      ++matches;
    }
  }
  if (matches == 1) return *found;
  if (names.empty()) throw Refused("the plugin has no variant for " + target);
  if (matches == 0) throw Refused("the plugin has no variant '" + name + "'; it has " + names);
  throw Refused("the plugin has several variants (" + names + "); name one with --variant");
}

BoundVariant::BoundVariant(const aisp_variant& v, const Startup& s, const Engine& engine)
    : variant_(v), startup_(s), engine_(engine) {
  if (&v != &kNull && s.num_tensors > 0 && v.device != engine.device().device_type)
    throw Refused(std::string("the variant '") + v.name + "' is not for this device");
  std::vector<aisp_param> params;
  for (int i = 0; i < s.num_params; ++i) params.push_back({s.params[i].name, s.params[i].value});
  for (int i = 0; i < s.num_tensors; ++i) {
    const auto& t = s.tensors[i];
    infos_.push_back({t.name,
                      t.role,
                      {nullptr, engine.device(), t.ndim, info(static_cast<DType>(t.dtype)).dl,
                       const_cast<std::int64_t*>(t.shape), nullptr, 0}});
  }
  require_matching(v, s, infos_);
  const aisp_setup setup{sizeof(aisp_setup), s.target,  s.num_params,    params.data(),   s.num_tensors, infos_.data(),
                         s.max_slots,        s.threads, engine.device(), engine.stream(), s.scratch};
  if (const char* message = variant_.prepare(&setup, &state_)) throw_if(("prepare: " + std::string(message)).c_str());
}

bool BoundVariant::is_null() const { return &variant_ == &kNull; }

BoundVariant::~BoundVariant() { variant_.release(state_); }

const char* BoundVariant::bind(std::int32_t slot) {
  std::vector<DLTensor> tensors;
  std::vector<const DLTensor*> pointers;
  for (int i = 0; i < startup_.num_tensors; ++i) {
    const auto& t = startup_.tensors[i];
    DLTensor dl = infos_[static_cast<std::size_t>(i)].tensor;
    std::byte* arena = t.role == AISP_INOUT || t.role == AISP_OUTPUT ? engine_.outputs() : engine_.inputs();
    dl.data = arena + t.offset + t.slot_stride * static_cast<std::uint64_t>(slot);
    tensors.push_back(dl);
  }
  for (const auto& t : tensors) pointers.push_back(&t);
  return variant_.bind(state_, slot, pointers.data(), startup_.num_tensors);
}

}  // namespace aisp::judge
