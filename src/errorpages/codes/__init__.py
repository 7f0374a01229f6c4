"""The HTTP status codes as data: facts, names, wording for visitors and guidance for developers."""

from .catalogue import Catalogue, catalogue
from .status_code import StatusCode
from .wording import CLASS_WORDING, MAINTENANCE, WAITING, Wording

__all__ = ["CLASS_WORDING", "MAINTENANCE", "WAITING", "Catalogue", "StatusCode", "Wording", "catalogue"]
