#!/usr/bin/env python3
"""Fails when ctest skipped a test that no line of the list allows.

    check_skips.py JUNIT_FILE ALLOWED_FILE
"""
import re
import sys
import xml.etree.ElementTree as xml

allowed = [line.strip() for line in open(sys.argv[2]) if line.strip() and not line.startswith("#")]
skipped = [case.get("name") for case in xml.parse(sys.argv[1]).iter("testcase") if case.find("skipped") is not None]
wrong = [name for name in skipped if not any(re.fullmatch(pattern, name) for pattern in allowed)]
if wrong:
    sys.exit("skipped, and not in " + sys.argv[2] + ":\n  " + "\n  ".join(wrong))
