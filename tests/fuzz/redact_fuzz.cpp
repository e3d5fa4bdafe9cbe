// Whatever a command prints, taking secrets out of it ends, and a known secret does not come through.
#include "record/redact.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const aisp::record::Redactor redact({"SESAME"});
  if (redact(text).find("SESAME") != std::string::npos) std::abort();
  const auto named = aisp::record::Redactor()("\ntoken=" + std::string("QQSESAMEQQ") + "\n" + text);
  if (text.find("QQSESAMEQQ") == std::string::npos && named.find("QQSESAMEQQ") != std::string::npos) std::abort();
  return 0;
}
