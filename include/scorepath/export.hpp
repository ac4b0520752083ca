// Symbol visibility of libscorepath: everything is hidden but what carries this mark.
#pragma once

#if defined(_WIN32)
#define SCOREPATH_API
#else
#define SCOREPATH_API __attribute__((visibility("default")))
#endif
