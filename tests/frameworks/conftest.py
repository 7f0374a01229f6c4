"""What the tests of frameworks share."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.frameworks.harness")
