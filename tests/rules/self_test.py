"""Plants violations of one rule in a temporary tree and sees the rule report exactly those.

Usage: self_test.py RULE
"""

import os
import subprocess
import sys
import tempfile

import budgets
import format as formatting
import isa_symbols
import layering
import skips
import words


def report_of(check, files):
    """What check(root) says about a temporary tree of {name: text}."""
    with tempfile.TemporaryDirectory(prefix="scorepath-rules.") as root:
        for name, text in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        return check(root)


def expect(check, clean, planted):
    """`clean` passes; each planted (name, text) on top of it is reported once, under its name."""
    report = report_of(check, clean)
    assert report == [], f"a clean tree was reported: {report}"
    for name, text in planted:
        report = report_of(check, {**clean, name: text})
        assert len(report) == 1 and name in report[0], f"planted {name}: {text!r}, reported: {report}"


def test_layering():
    clean = {
        "include/scorepath/a.hpp": "#include <vector>\n#include <scorepath/b.hpp>\n",
        "host/a.cpp": '#include <fmt/format.h>\n#include "kernels/path.hpp"\n#include "host/b.hpp"\n',
        "host/cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "host/b.hpp"\n#include <scorepath/a.hpp>\n',
        "kernels/path.hpp": '#include "kernels/estimator/a.hpp"\n#include "kernels/lane/lane.hpp"\n',
        "kernels/estimator/a.hpp": '#include <cstdint>\n#include "kernels/score/a.hpp"\n',
        "kernels/lane/lane.hpp": '#include <cmath>\n#include "kernels/lane/check.hpp"\n',
        "kernels/cpu/a.cpp": '#include <vector>\n#include "kernels/path.hpp"\n#include "kernels/cpu/pack.hpp"\n',
        "kernels/cuda/a.cu": "#include <cuda_runtime.h>\n",
        "tests/kernels/a.test.cpp": '#include "kernels/lane/lane.hpp"\n#include <iostream>\n',
    }
    expect(layering.rule, clean, [
        ("include/scorepath/c.hpp", '#include "host/a.hpp"\n'),
        ("include/scorepath/d.hpp", "#include <fmt/format.h>\n"),
        ("include/scorepath/e.hpp", "#include <cuda_runtime.h>\n"),
        ("include/scorepath/f.hpp", '#include "kernels/path.hpp"\n'),
        ("kernels/lane/exp.hpp", '#include "kernels/random/philox.hpp"\n'),
        ("kernels/lane/log.hpp", "#include <vector>\n"),
        ("kernels/score/b.hpp", '  #  include "kernels/path.hpp"\n'),
        ("kernels/score/c.hpp", '#include "kernels/cpu/pack.hpp"\n'),
        ("kernels/step/d.hpp", '#include "host/check.hpp"\n'),
        ("kernels/step/e.hpp", "#include <scorepath/error.hpp>\n"),
        ("kernels/cpu/b.cpp", "#include <iostream>\n"),
        ("kernels/cpu/c.cpp", '#include "kernels/cuda/device.hpp"\n'),
        ("kernels/score/d.hpp", "#include <curand.h>\n"),
        ("kernels/newfolder/a.hpp", "#include <cmath>\n"),
        ("host/c.cpp", '#include "host/cli/text.hpp"\n'),
        ("host/d.cpp", "#include <cuda_runtime.h>\n"),
        ("host/cli/e.cpp", '#include "kernels/path.hpp"\n'),
    ])


def test_format():
    if formatting.find_formatter() is None:
        print(f"SKIP: {formatting.SKIP}")
        sys.exit(77)
    clean = {".clang-format": "BasedOnStyle: Google\nColumnLimit: 120\n", "host/a.cpp": "int f(int x) { return x; }\n"}
    expect(formatting.rule, clean, [("host/b.cpp", "int  f( int x ){return x;}\n"),
                                    ("kernels/lane/c.hpp", "struct A {\n      int a;\n};\n")])


def test_budgets():
    clean = {"host/a.cpp": "//\n" * 300, "host/a.hpp": "//\n" * 250, "tests/host/a.test.cpp": "//\n" * 400}
    expect(budgets.warnings, clean, [("host/b.cpp", "//\n" * 301), ("host/b.hpp", "//\n" * 251),
                                     ("tests/host/b.test.cpp", "//\n" * 401)])


def test_words():
    clean = {"README.md": "see docs/home/page.md, build/release, https://example.org/work/a and $ROOT/work/b\n"}
    # Split in two, so that this file keeps the rule that it tests.
    expect(words.rule, clean, [("docs/a.md", "cd /wo" + "rk/main\n"), ("tools/b", "x=/tmp" + "/build-b\n"),
                               ("host/c.cpp", 'open("/ho' + 'me/someone/x");\n')])


def test_skips():
    clean = {
        "tests/skips.txt": "# why\nno such library\nno device here\nno snake\n",
        "tests/support/snake.hpp": 'inline constexpr const char* no_snake = "no snake";\n',
        "tests/kat/s.test.cpp": "TEST(A, S) { GTEST_SKIP() << no_snake; }\n",
        "tests/kat/a.test.cpp": 'TEST(A, B) { GTEST_SKIP() << "no such library"; }\n',
        "tests/kat/b.test.cpp": 'TEST(A, C) {\n  GTEST_SKIP()\n      << "no device "\n         "here" << 3;\n}\n',
    }
    skip = "GTEST_" + "SKIP()"
    expect(skips.rule, clean, [
        ("tests/kat/c.test.cpp", f'TEST(A, D) {{ {skip} << "did not feel like it"; }}\n'),
        ("tests/kat/d.test.cpp", f"TEST(A, E) {{ {skip}; }}\n"),
        ("tests/kat/g.test.cpp", f"TEST(A, G) {{ {skip} << unknown_reason; }}\n"),
        ("tests/kat/e.test.cpp", "TEST(A, DISABLED" + "_F) {}\n"),
        ("tests/rules/f.py", "SKIP" + ' = "too slow"\n'),
        ("tests/skips.txt", "no such library\nno device here\nno snake\nlong gone\n"),
    ])


def test_ptx():
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ptx", "ptx_rules.sh")

    def check(root):
        runs = [subprocess.run(["bash", script, os.path.join(root, name)], capture_output=True, text=True)
                for name in sorted(os.listdir(root))]
        return [run.stdout + run.stderr for run in runs if run.returncode != 0]

    clean = (" fma.rn.f32 %f1, %f2, %f3, %f4;\n sqrt.rn.f32 %f1, %f2;\n add.rn.f32 %f1, %f2, %f3;\n"
             " @%p1 mul.rn.f64 %fd1, %fd2, %fd3;\n rcp.rn.f32 %f1, %f2;\n mad.lo.s32 %r1, %r2, %r3, %r4;\n"
             " mad.wide.u32 %rd1, %r1, 4, %rd2;\n mul.lo.s32 %r1, %r2, %r3;\n add.s32 %r1, %r2, %r3;\n"
             " cvt.rn.f32.s32 %f1, %r1;\n cvt.rn.f32.f64 %f1, %fd1;\n cvt.rzi.u64.f64 %rd1, %fd1;\n")
    planted = ["cvt.rn.ftz.f32.f64 %f1, %fd1;", "cvt.rz.f32.f64 %f1, %fd1;", "cvt.rp.f64.u64 %fd1, %rd1;",
               "ex2.approx.f32 %f1, %f2;", "div.full.f32 %f1, %f2, %f3;", "mul.ftz.f32 %f1, %f2, %f3;",
               "fma.rn.ftz.f32 %f1, %f2, %f3, %f4;", "fma.rz.f32 %f1, %f2, %f3, %f4;", "sub.rm.f64 %fd1, %fd2, %fd3;",
               "mad.rn.f32 %f1, %f2, %f3, %f4;", "@%p1 add.f32 %f1, %f2, %f3;"]
    expect(check, {"a.ptx": clean}, [("b.ptx", f"{clean}\t{line}\n") for line in planted])
    expect(check, {"a.ptx": clean}, [("b.ptx", clean.replace(name, "mov.f32")) for name in ("fma.rn.f32", "sqrt.rn.f32")])


def test_isa_symbols():
    nm, cxx = os.environ["NM"], os.environ["CXX"]
    shared = "template <class T> __attribute__((noinline)) T twice(T x) { return x + x; }\n"
    good = "namespace avx2 {\n" + shared + "}\nfloat use(float x) { return avx2::twice(x); }\n"
    bad = "namespace other {\n" + shared + "}\nfloat use(float x) { return other::twice(x); }\n"

    def check(root):
        source = os.path.join(root, "a.cpp")
        found = []
        for isa in ("avx2", "baseline"):
            folder = os.path.join(root, f"k_{isa}.dir")
            os.makedirs(folder)
            target = os.path.join(folder, "a.cpp.o")
            subprocess.run([cxx, "-c", source, "-o", target], check=True)
            found += isa_symbols.rule(nm, [target])
        return found

    assert report_of(check, {"a.cpp": good}) == []
    report = report_of(check, {"a.cpp": bad})
    assert len(report) == 1 and "other::twice" in report[0], report


if __name__ == "__main__":
    globals()[f"test_{sys.argv[1]}"]()
