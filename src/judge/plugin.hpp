// Worker side: loading a plugin and driving one of its variants through the C ABI.
#pragma once

#include <aisp/plugin.h>

#include "judge/engine.hpp"
#include "judge/protocol.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace aisp::judge {

// The plugin or variant cannot be used as it is: the message says why and what would be right.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Loads a shared library and returns its variants; "builtin:null" has one that does nothing. Throws Refused when the
// file is missing, not an ELF library of this machine, lacks the symbol, or was built for another ABI version.
std::vector<const aisp_variant*> load_plugin(const std::string& path);

// The variant of that name ("" = the only one); throws Refused with the names that exist.
const aisp_variant& find_variant(const std::vector<const aisp_variant*>&, const std::string& target,
                                 const std::string& name);

// A variant between prepare and release.
class BoundVariant {
 public:
  // Throws Refused when types do not match the workload, std::runtime_error with the variant's message when prepare
  // fails.
  BoundVariant(const aisp_variant&, const Startup&, const Engine&);
  ~BoundVariant();
  BoundVariant(const BoundVariant&) = delete;
  BoundVariant& operator=(const BoundVariant&) = delete;

  const char* bind(std::int32_t slot);
  const char* run(std::int32_t slot) { return variant_.run(state_, slot); }
  bool is_null() const;  // "builtin:null"

 private:
  const aisp_variant& variant_;
  const Startup& startup_;
  const Engine& engine_;
  void* state_ = nullptr;
  std::vector<aisp_tensor_info> infos_;
};

}  // namespace aisp::judge
