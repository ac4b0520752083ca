// The rows of the CUDA suite: those of bench/kernel_rows.cpp that have kernels, and whole jobs.
#pragma once

#include "bench/cuda/pipes.hpp"

namespace scorepath::bench {

/// `arithmetic`: reproducible, fast.
void add_cuda_random_rows(const Pipes& pipes);
void add_cuda_path_rows(const Pipes& pipes);
void add_cuda_slice_rows(const Pipes& pipes);
/// Wall time from the first copy to the last.
void add_cuda_whole_job_rows();

}  // namespace scorepath::bench
