// Two stages: cp.async fills one, without registers and without waiting, while the other is computed; the loads of a
// step are under way during all of the step before. Same tiles, same arithmetic. On an H200: 1.65 times the
// baseline. What binds it: loads from shared memory and multiply-adds, and two barriers a step.
#include "../two_stages.hpp"

AISP_VARIANT(ch10::TwoStages, .about = "cp.async fills one stage while the other is computed");
