// Baseline: flash attention in step, see ../attention_in_step.hpp; keys behind the diagonal are never fetched, and only
// tiles on it are masked. What binds it: tensor cores and exponentials wait for each other in every step.
#include "../attention_in_step.hpp"

AISP_VARIANT(attention::in_step::Attention<attention::Causal>,
             .about = "scores, softmax and output one after the other");
