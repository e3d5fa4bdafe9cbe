#include "nvrtc/compile.hpp"

#include "nvrtc/first_error.hpp"

#include <array>

namespace aisp::nvrtc {
namespace {

// NVRTC has no standard headers. These are what aisp's own headers include; sizes as libcu++ has them under NVRTC, so
// that both can be included.
constexpr const char* kIntegers = R"(#pragma once
using int8_t = signed char;
using int16_t = signed short;
using int32_t = signed int;
using int64_t = signed long long;
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using uint64_t = unsigned long long;
using intptr_t = int64_t;
using uintptr_t = uint64_t;
namespace std {
using ::int8_t, ::int16_t, ::int32_t, ::int64_t, ::uint8_t, ::uint16_t, ::uint32_t, ::uint64_t;
using ::intptr_t, ::uintptr_t;
}
)";
constexpr const char* kSizes = R"(#pragma once
namespace std {
using size_t = decltype(sizeof 0);
using ptrdiff_t = decltype((char*)nullptr - (char*)nullptr);
}
)";
constexpr const char* kBits = R"(#pragma once
namespace std {
template <class To, class From> constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}
}
)";
constexpr const char* kNothing = "";  // included and not used where NVRTC compiles

class Program {
 public:
  Program(const Library& library, const Source& source) : library_(library) {
    const std::array names{"cstdint", "stdint.h", "cstddef", "bit", "array", "string_view", "aisp/workload_checks.h"};
    const std::array texts{kIntegers, kIntegers, kSizes, kBits, kNothing, kNothing, source.checks.c_str()};
    static_assert(names.size() == texts.size());
    check(library.create(&handle_, source.text.c_str(), source.name.c_str(), static_cast<int>(names.size()),
                         texts.data(), names.data()));
  }
  ~Program() { library_.destroy(&handle_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void check(Library::Result result) const {
    if (result) throw Error(library_.name() + ": " + library_.meaning(result));
  }
  std::string log() const {
    return text([&](std::size_t* size) { return library_.log_size(handle_, size); },
                [&](char* into) { return library_.log(handle_, into); });
  }
  std::string cubin() const {
    return text([&](std::size_t* size) { return library_.cubin_size(handle_, size); },
                [&](char* into) { return library_.cubin(handle_, into); });
  }
  Library::Handle handle() const { return handle_; }

 private:
  template <class Size, class Read> std::string text(Size&& size, Read&& read) const {
    std::size_t bytes = 0;
    check(size(&bytes));
    std::string all(bytes, '\0');
    check(read(all.data()));
    return all;
  }

  const Library& library_;
  Library::Handle handle_ = nullptr;
};

std::string expression(int kernel) { return "aisp_kernel<" + std::to_string(kernel) + ">"; }

std::string explain(const Source& source, const std::string& log) {
  const auto line = first_error(log);
  // The names of the kernels are looked up last, so this is the first error only where there is none in the source.
  if (line.starts_with("__nv_name_map"))
    return source.name + " declares no kernel: end it with AISP_KERNEL(kernel, launch)";
  return line;
}

}  // namespace

Binary compile(const Library& library, const Source& source) {
  const Program program(library, source);
  for (int i = 0; i <= kMaxKernels; ++i) program.check(library.add_name(program.handle(), expression(i).c_str()));
  std::vector<const char*> options;
  for (const auto& option : source.options) options.push_back(option.c_str());
  constexpr Library::Result kCompilation = 6;  // NVRTC_ERROR_COMPILATION
  const auto result = library.compile(program.handle(), static_cast<int>(options.size()), options.data());
  if (result == kCompilation) throw CompileError(explain(source, program.log()));
  if (result) throw Error(library.name() + ": " + library.meaning(result) + ": " + first_error(program.log()));

  Binary binary;
  for (int i = 0; i <= kMaxKernels; ++i) {
    const char* name = nullptr;
    program.check(library.lowered_name(program.handle(), expression(i).c_str(), &name));
    if (std::string(name).find("4aisp6detail9no_kernel") != std::string::npos) break;
    if (i == kMaxKernels)
      throw CompileError(source.name + ": at most " + std::to_string(kMaxKernels) + " kernels run one after another");
    binary.kernels.emplace_back(name);
  }
  binary.image = program.cubin();
  return binary;
}

}  // namespace aisp::nvrtc
