// Baseline: the two stages of pipeline_2stage. A step's loads have the time of one step to arrive, and a block needs
// two barriers a step: one so that all copies are seen, and one so that nobody still reads the stage that is filled
// next. What binds it: loads from shared memory and multiply-adds, and the barriers.
#include "../two_stages.hpp"

AISP_VARIANT(ch10::TwoStages, .about = "two stages, two barriers a step");
