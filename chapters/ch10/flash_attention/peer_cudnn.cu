// Peer: cuDNN's fused attention, the first engine that its heuristic proposes.
#include "../attention_cudnn.hpp"

AISP_VARIANT(attention::CudnnAttention<false>, .about = "cuDNN, fused attention");
