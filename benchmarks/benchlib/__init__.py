# SPDX-License-Identifier: MIT
"""The benchmark runner in parts, each without knowledge of the later ones:

    stats    arithmetic on samples          suites   the programs, their sizes and twins
    peers    what runs them                 measure  one process, one program, the whole run
    report   tables and comparison          page     the HTML picture
    lukewarm the generated program of many functions
"""
