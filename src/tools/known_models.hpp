// What config.json says about the caches of some widely used models, for when no file is at hand.
#pragma once

#include <string_view>
#include <vector>

namespace aisp::tools {

struct KnownModel {
  std::string_view name;    // as it is typed: "gpt-oss-120b"
  std::string_view source;  // the repository on Hugging Face whose config.json has these figures
  std::string_view config;  // for parse_model_config()
};

const std::vector<KnownModel>& known_models();

// By name or by repository, in any case; nullptr if absent.
const KnownModel* find_known_model(std::string_view name);

}  // namespace aisp::tools
