// Direction words of Sobol' points, made from the embedded direction numbers of Joe and Kuo.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scorepath {

/// Dimensions that have direction numbers; the points have Sobol's property A up to here (Joe and Kuo, 2008).
inline constexpr std::size_t sobol_max_dimension = 1111;

/// Direction words [dimensions x kernels::sobol_directions_per_dimension], bits reversed as kernels/random/sobol.hpp
/// wants them; the words of dimension j do not depend on `dimensions`. The table is made by the first call, lives as
/// long as the program and may be read by all threads. Throws usage if dimensions > sobol_max_dimension. S. Joe, F. Y.
/// Kuo, SIAM J. Sci. Comput. 30 (2008) 2635, numbers new-joe-kuo-6.
const std::uint32_t* sobol_directions(std::size_t dimensions);

}  // namespace scorepath
