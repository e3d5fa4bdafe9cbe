// Peer: cuDNN, the sum and the norm one after the other.
#include "../norm_cudnn.hpp"

AISP_VARIANT(ch09::CudnnRmsNorm, .about = "cuDNN, sum then norm");
