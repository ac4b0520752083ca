// Small text helpers of the command line: joining names, the nearest name, one-line messages.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace scorepath::cli {

/// "a, b, c".
std::string join(const std::vector<std::string>& names);

/// The candidate with the smallest edit distance to `name`; empty when more than a third of the letters differ.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// `text` with every control character replaced by a space: an error stays one line whatever a file is called.
std::string one_line(std::string_view text);

/// Decimals that show about two significant digits of `error`, 12 at most; 6 where there is no usable error.
int decimals_for(double error);

/// `value` with a sign-stable, fixed number of decimals; in exponent form where fixed would be absurdly long.
std::string fixed(double value, int decimals);

/// 1234567 -> "1.2e6", small counts as they are: for rates and totals that a person reads.
std::string short_number(double value);

/// 75 -> "1 min 15 s".
std::string duration(double seconds);

/// Data on stdout, at once. Errors: output, where it cannot be written.
void print_data(std::string_view text);

/// Words for people on a stream that may be closed: what cannot be written is let go.
void say(std::FILE* stream, const std::string& text);

}  // namespace scorepath::cli
