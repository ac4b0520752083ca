#!/usr/bin/env python3
"""Writes kernels/random/joe_kuo.inc from the direction numbers of Joe and Kuo.

    tools/make_joe_kuo.py new-joe-kuo-6.21201 > kernels/random/joe_kuo.inc

The input is the authors' text file (https://web.maths.unsw.edu.au/~fkuo/sobol: columns d, s, a, m_i) or the .npz
copy of it that comes with SciPy (scipy/stats/_sobol_direction_numbers.npz; needs NumPy).
"""
import sys

DIMENSIONS = 1111  # all dimensions of degree 13 or less; the points have property A up to here

NOTICE = """\
Direction numbers "new-joe-kuo-6" for Sobol' points, dimensions 2 to %d (the first has none), made by
tools/make_joe_kuo.py from the tables of
  S. Joe, F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
  SIAM J. Sci. Comput. 30 (2008) 2635-2654.
Each dimension: its primitive polynomial over GF(2), as bits from the leading 1 to the constant 1, then as many odd
initial numbers m_1, m_2, ... (m_i < 2^i) as the polynomial has degrees.

The tables come under this licence:

Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

    * Redistributions of source code must retain the above copyright notice, this list of conditions and the
      following disclaimer.

    * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
      following disclaimer in the documentation and/or other materials provided with the distribution.

    * Neither the names of the copyright holders nor the names of the University of New South Wales and the
      University of Waikato and its contributors may be used to endorse or promote products derived from this
      software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR
BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
(INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.
""" % DIMENSIONS


def rows_of_text(path):
    with open(path, encoding="ascii") as lines:
        next(lines)
        for line in lines:
            dimension, degree, inner, *numbers = map(int, line.split())
            yield dimension, (1 << degree) | (inner << 1) | 1, numbers


def rows_of_npz(path):
    import numpy

    tables = numpy.load(path)
    for index, (polynomial, numbers) in enumerate(zip(tables["poly"].tolist(), tables["vinit"].tolist())):
        if index > 0:
            yield index + 1, polynomial, numbers[: polynomial.bit_length() - 1]


def checked(rows):
    for expected, (dimension, polynomial, numbers) in zip(range(2, DIMENSIONS + 1), rows):
        good = dimension == expected and polynomial < 1 << 16 and polynomial & 1
        good = good and len(numbers) == polynomial.bit_length() - 1
        good = good and all(m % 2 == 1 and m < 2 << i for i, m in enumerate(numbers))
        if not good:
            sys.exit(f"dimension {dimension} is not a row of new-joe-kuo-6 (found {polynomial}, {numbers}) check the input")
        yield [polynomial, *numbers]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    path = sys.argv[1]
    rows = list(checked(rows_of_npz(path) if path.endswith(".npz") else rows_of_text(path)))
    if len(rows) != DIMENSIONS - 1:
        sys.exit(f"{path} has {len(rows)} rows (needs {DIMENSIONS - 1}) take the file with 21201 dimensions")
    for line in NOTICE.splitlines():
        print(("// " + line).rstrip())
    print("// clang-format off")
    line = ""
    for number in (number for row in rows for number in row):
        if len(line) + len(f"{number},") > 120:
            print(line)
            line = ""
        line += f"{number},"
    print(line)
    print("// clang-format on")


if __name__ == "__main__":
    main()
