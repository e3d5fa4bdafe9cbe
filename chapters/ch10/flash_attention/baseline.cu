// Baseline: flash attention in step, see ../attention_in_step.hpp. What binds it: tensor cores and exponentials wait
// for each other in every step.
#include "../attention_in_step.hpp"

AISP_VARIANT(attention::in_step::Attention<attention::Full>, .about = "scores, softmax and output one after the other");
