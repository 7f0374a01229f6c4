"""Planned downtime: the switch, its state, and who passes while the site is closed."""

from .state import DEFAULT_PATHS, State
from .switch import FileSwitch, RedisSwitch, Switch

__all__ = ["DEFAULT_PATHS", "FileSwitch", "RedisSwitch", "State", "Switch"]
