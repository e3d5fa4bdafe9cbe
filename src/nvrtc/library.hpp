// libnvrtc, opened at run time. Its interface is declared here, because a machine that builds aisp need not have its
// header: the functions used have not changed since CUDA 11. Source: NVRTC 13.0, "User Interface".
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace aisp::nvrtc {

struct Error : std::runtime_error {  // one line
  using std::runtime_error::runtime_error;
};

class Library {
 public:
  using Handle = struct OpaqueProgram*;
  using Result = int;  // 0 is success

  // The newest that the loader knows (LD_LIBRARY_PATH, the system's folders), else CUDA_HOME's, CUDA_PATH's or that
  // below /usr/local/cuda. Throws Error, which says what to install.
  static Library find();
  // That of a path. Throws Error.
  explicit Library(const std::string& path);

  const std::string& path() const { return path_; }                         // where it really lies, links resolved
  std::string name() const;                                                 // "NVRTC 13.0"
  const std::vector<int>& architectures() const { return architectures_; }  // it compiles for: 75, …, 90, …
  // The folder of CUDA's headers that belongs to it (cuda_fp16.h lies there); "" = none is near.
  std::string headers() const;

  Result (*create)(Handle*, const char* source, const char* name, int headers, const char* const* texts,
                   const char* const* names) = nullptr;
  Result (*destroy)(Handle*) = nullptr;
  Result (*add_name)(Handle, const char* expression) = nullptr;
  Result (*compile)(Handle, int options, const char* const*) = nullptr;
  Result (*log_size)(Handle, std::size_t*) = nullptr;
  Result (*log)(Handle, char*) = nullptr;
  Result (*lowered_name)(Handle, const char* expression, const char**) = nullptr;
  Result (*cubin_size)(Handle, std::size_t*) = nullptr;
  Result (*cubin)(Handle, char*) = nullptr;
  const char* (*meaning)(Result) = nullptr;

 private:
  Library(void* handle, const std::string& path);

  std::string path_;
  int major_ = 0, minor_ = 0;
  std::vector<int> architectures_;
};

}  // namespace aisp::nvrtc
