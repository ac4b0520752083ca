// The host's check: SP_VALIDATE is always on and speaks to the user ("problem (why) what to do").
// Its two debug brothers, SP_EXPECT and SP_ENSURE, stand in kernels/lane/check.hpp.
#pragma once

#include <scorepath/error.hpp>

/// Throws scorepath::Error(kind, message) unless `condition` holds; `message` is only built when it does not.
#define SP_VALIDATE(condition, kind, message)                                            \
  do {                                                                                   \
    if (!(condition)) throw ::scorepath::Error(::scorepath::ErrorKind::kind, (message)); \
  } while (false)
