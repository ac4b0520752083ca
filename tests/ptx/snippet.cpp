// The text of kernels around a few instructions.
#include "tests/ptx/snippet.hpp"

namespace scorepath::ptx::test {

std::string snippet_text(const std::string& body, const std::vector<Column>& operands,
                         const std::vector<Column>& results) {
  std::string parameters, declarations, loads, stores;
  const auto declare = [&](const std::string& name, const Column& column) {
    parameters += ".param .u64 p" + name + ", ";
    declarations +=
        ".reg .b64 %at_" + name + ";\n.reg .b16 %byte_" + name + ";\n.reg " + column.reg + " %" + name + ";\n";
    loads += "ld.param.u64 %at_" + name + ", [p" + name + "];\nmad.wide.u32 %at_" + name + ", %i, " +
             std::to_string(column.bytes) + ", %at_" + name + ";\n";
  };
  char letter = 'a';
  for (const Column& column : operands) {
    const std::string name(1, letter++);
    declare(name, column);
    const bool predicate = column.reg == ".pred";
    loads += "ld.global" + column.memory + " %" + (predicate ? "byte_" : "") + name + ", [%at_" + name + "];\n";
    if (predicate) loads += "setp.ne.s16 %" + name + ", %byte_" + name + ", 0;\n";
  }
  letter = 'x';
  for (const Column& column : results) {
    const std::string name(1, letter++);
    declare(name, column);
    const bool predicate = column.reg == ".pred";
    if (predicate) stores += "selp.b16 %byte_" + name + ", 1, 0, %" + name + ";\n";
    stores += "st.global" + column.memory + " [%at_" + name + "], %" + (predicate ? "byte_" : "") + name + ";\n";
  }
  return prologue + ".visible .entry k(" + parameters + ".param .u32 count)\n{\n" + declarations +
         ".reg .b32 %i, %block, %size, %count;\n.reg .pred %outside;\n"
         "mov.u32 %i, %tid.x;\nmov.u32 %block, %ctaid.x;\nmov.u32 %size, %ntid.x;\n"
         "mad.lo.u32 %i, %block, %size, %i;\nld.param.u32 %count, [count];\nsetp.ge.u32 %outside, %i, %count;\n"
         "@%outside ret;\n" +
         loads + body + "\n" + stores + "ret;\n}\n";
}

std::string kernel_text(const std::string& body, const std::string& before_kernel) {
  return prologue + before_kernel +
         ".visible .entry k(.param .u64 out)\n{\n.reg .pred %p<20>; .reg .b16 %h<20>; .reg .b32 %r<40>, %t, %g;\n"
         ".reg .b64 %rd<40>, %out, %mine; .reg .f32 %f<20>; .reg .f64 %fd<20>;\n"
         "ld.param.u64 %out, [out]; mov.u32 %t, %tid.x; mov.u32 %g, %ctaid.x; mov.u32 %r39, %ntid.x;\n"
         "mad.lo.u32 %g, %g, %r39, %t; mad.wide.u32 %mine, %g, 4, %out;\n" +
         body + "\n}\n";
}

Outcome run_kernel(const std::string& text, unsigned grid, unsigned block, std::size_t words, const RunOptions& options,
                   std::size_t shared_bytes, std::uint32_t fill) {
  Outcome outcome{std::vector<std::uint32_t>(words, fill), {}};
  Memory memory;
  memory.allow_write(outcome.words.data(), words * sizeof(std::uint32_t));
  outcome.statistics =
      run(parse(text, "test.ptx"), {"k", grid, block, shared_bytes, arguments(outcome.words.data())}, memory, options);
  return outcome;
}

std::string missing(const std::string& text, const std::vector<std::string>& parts) {
  std::string lacking;
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos) lacking += "\"" + part + "\" ";
  }
  return lacking.empty() ? "" : lacking + "in: " + text;
}

}  // namespace scorepath::ptx::test
