// Any text is a document or is refused by one line; what was read of any version is written as the newest and read
// again; all of it can be judged.
#include "analysis/verdict.hpp"
#include "record/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string written;
  try {
    const auto evidence = aisp::record::parse_evidence(text);
    aisp::analysis::verdict(evidence);
    written = aisp::record::to_json(evidence);
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
    return 0;
  }
  if (aisp::record::to_json(aisp::record::parse_evidence(written)) != written) std::abort();
  return 0;
}
