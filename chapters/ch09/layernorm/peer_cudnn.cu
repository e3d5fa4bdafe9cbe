// Peer: cuDNN, the sum and the norm one after the other.
#include "../norm_cudnn.hpp"

AISP_VARIANT(ch09::CudnnLayerNorm, .about = "cuDNN, sum then norm");
