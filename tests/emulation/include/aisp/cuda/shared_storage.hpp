#pragma once

#include <aisp/cuda.hpp>

namespace aisp::cuda {

template <class T> constexpr int shared_bytes = sizeof(T) + 1024;
template <class T> T& shared_storage() { return *reinterpret_cast<T*>(emulation::block->shared); }

}  // namespace aisp::cuda
