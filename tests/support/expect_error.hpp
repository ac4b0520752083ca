// Expectations about errors: their kind, and a one-line message "problem (why) what to do" with given fragments.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <scorepath/error.hpp>

namespace scorepath::testing {

/// `call` must throw Error of `kind` whose message is one line with a reason in brackets and every fragment in it.
template <class Call>
void expect_error(ErrorKind kind, const std::vector<std::string>& fragments, Call call) {
  try {
    call();
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), kind) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    const std::size_t open = message.find('(');
    const std::size_t close = message.find(')', open);
    EXPECT_TRUE(open != std::string::npos && close != std::string::npos && open < close) << message;
    EXPECT_LT(close + 2, message.size()) << "no remedy: " << message;
    for (const std::string& fragment : fragments) EXPECT_THAT(message, ::testing::HasSubstr(fragment));
  }
}

}  // namespace scorepath::testing
