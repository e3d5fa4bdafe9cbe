// Secrets taken out of text that leaves the machine: by the names they stand behind, by their shapes, and by value
// where it is known. Too much is taken rather than too little.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::record {

inline constexpr std::string_view kRedacted = "[redacted]";

// "HF_TOKEN", "api-key", "aws_secret_access_key", "DB_PASSWORD", "Cookie": what is called so is nobody's business.
bool is_secret_name(std::string_view name);

class Redactor {
 public:
  // `secrets`: values that are taken out wherever they stand; those shorter than six bytes are not looked for.
  explicit Redactor(std::vector<std::string> secrets = {});
  // The values of this process's environment variables that have secret names.
  static Redactor of_environment();

  // The text without: known values; what follows a secret name and '=', ':' or, behind "--name", a space; users and
  // passwords in URLs; tokens of well-known forms; private keys in PEM.
  std::string operator()(std::string_view text) const;
  // Arguments of a command: "--token", "x" is seen across its parts.
  std::vector<std::string> operator()(const std::vector<std::string>& arguments) const;

 private:
  std::vector<std::string> secrets_;  // longest first
};

// The environment as lines "NAME=value" in the order of the names: values only of variables that say how programs run
// (CUDA_…, NCCL_…, OMP_…, PATH, …), redacted; of all others the name alone.
std::string redacted_environment(const Redactor&);

}  // namespace aisp::record
