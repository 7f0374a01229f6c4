"""The HTTP status codes as data: facts, names, wording for visitors and guidance for developers."""

from .catalogue import Catalogue, catalogue
from .status_code import StatusCode, is_server_error
from .wording import CLASS_WORDING, CSRF, MAINTENANCE, WAITING, Wording

__all__ = [
    "CLASS_WORDING",
    "CSRF",
    "MAINTENANCE",
    "WAITING",
    "Catalogue",
    "StatusCode",
    "Wording",
    "catalogue",
    "is_server_error",
]
