#include "validity/checks.hpp"

namespace aisp::validity {

std::vector<model::Violation> check_variant(const model::TargetEvidence& e, const model::VariantEvidence& v,
                                            const Times& times) {
  std::vector<model::Violation> all;
  Findings found(v.name, all);
  check_output(v.verification, found);
  check_place(e, v, found);
  check_untimed(v, times, found);
  check_refusals(v, found);
  check_process(e, v, found);
  check_census(e, v, found);
  check_timing(e, v, times, found);
  check_samples(e, v, found);
  check_equality(e, v, found);
  check_distributed(e, v, found);
  return all;
}

}  // namespace aisp::validity
