// Programmatic dependent launch: a kernel may be brought to the device while the one before it in the stream still
// runs, and waits there for its end (PTX ISA, "Parallel Synchronization and Communication Instructions:
// griddepcontrol"; CUDA programming guide, "Programmatic Dependent Launch and Synchronization"; sm_90 and later).
#pragma once

#include <aisp/cuda.hpp>

#include <type_traits>

namespace aisp::cuda {

// Until here nothing may be read that the kernel before writes, and nothing written that it uses; from here on it has
// ended, and all that it wrote is visible. Returns at once in a kernel that was launched in the ordinary way.
__device__ inline void wait_for_predecessor() { asm volatile("griddepcontrol.wait;" ::: "memory"); }

// The next kernel may start once every block has said so or ended. A hint about the time alone: what this kernel writes
// is there for the other only behind its wait_for_predecessor().
__device__ inline void allow_successor() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }

// kernel<<<grid, block, 0, stream>>>(arguments...), which may start before its predecessor has ended. The kernel, and
// every one behind it that is launched like this, must call wait_for_predecessor().
template <class... P>
void launch_early(cudaStream_t stream, unsigned grid, unsigned block, void (*kernel)(P...),
                  std::type_identity_t<P>... arguments) {
  cudaLaunchAttribute early{};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(grid);
  config.blockDim = dim3(block);
  config.stream = stream;
  config.attrs = &early;
  config.numAttrs = 1;
  AISP_CUDA(cudaLaunchKernelEx(&config, kernel, arguments...));
}

}  // namespace aisp::cuda
