"""The page's Content-Security-Policy (CSP Level 3), alone or merged into the application's.

A page carries its style inline and its icon as data. Where the application has a policy, what the page needs is added
to the directive in force and nothing else is changed; where no policy governs a need, there is nothing to add.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from .exchange import Headers

__all__ = ["FIELDS", "Needs", "hash_source", "is_policy", "merged", "own_policy"]

FIELDS: Final = frozenset({"content-security-policy", "content-security-policy-report-only"})
_DIRECTIVE: Final = re.compile(
    # CSP Level 3, section 6, and the specifications that add to it; the last line is of obsolete ones.
    r"(?:child|connect|default|fenced-frame|font|frame|img|manifest|media|object|worker)-src"
    r"|(?:script|style)-src(?:-attr|-elem)?"
    r"|base-uri|form-action|frame-ancestors|report-to|report-uri|sandbox|webrtc"
    r"|require-trusted-types-for|trusted-types|upgrade-insecure-requests"
    r"|block-all-mixed-content|navigate-to|plugin-types|prefetch-src|referrer|reflected-xss|require-sri-for",
    re.IGNORECASE,
)
_FETCH_FALLBACKS: Final = {
    # CSP Level 3, section 6.8.3: the directives that are consulted for a kind of request, most specific first.
    "style": ("style-src-elem", "style-src", "default-src"),
    "img": ("img-src", "default-src"),
    "script": ("script-src-elem", "script-src", "default-src"),
    "connect": ("connect-src", "default-src"),
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a page must be allowed to do.

    Attributes:
        style: The hash source of its inline style, or None where it has none.
        img: The source its icon is loaded from, or None where it has none.
        script: The hash source of its inline script, or None where it has none.
        connect: The source that its script asks, or None where it has none.
    """

    style: str | None = None
    img: str | None = None
    script: str | None = None
    connect: str | None = None

    @property
    def sources(self) -> list[tuple[str, str]]:
        """The kinds of what is needed, each with its source."""
        needs = [(kind, getattr(self, kind)) for kind in _FETCH_FALLBACKS]
        return [(kind, source) for kind, source in needs if source is not None]


def hash_source(content: bytes) -> str:
    """Compute the source expression that allows exactly this inline content (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode('ascii')}'"


def is_policy(text: str) -> bool:
    """Tell whether a text is a policy, or several: one that has no directive which browsers know says nothing."""
    names = (words[0] for directive in re.split("[;,]", text) if (words := directive.split()))
    return any(_DIRECTIVE.fullmatch(name) for name in names)


def own_policy(needs: Needs) -> str:
    """Write the policy of a page whose application has none: nothing but what the page needs."""
    needed = [f"{kind}-src {source}" for kind, source in needs.sources]
    return "; ".join(["default-src 'none'", *needed, "base-uri 'none'", "form-action 'none'"])


def merged(headers: Headers, needs: Needs) -> Headers:
    """Let the page through every policy among these fields, the report-only ones too.

    Args:
        headers: The fields; one may hold several policies, separated by commas (CSP Level 3, section 3.1).
        needs: What the page must be allowed to do.
    """
    return tuple(
        (name, ", ".join(_with_needs(policy, needs) for policy in value.split(",")))
        if name.lower() in FIELDS
        else (name, value)
        for name, value in headers
    )


def _with_needs(policy: str, needs: Needs) -> str:
    directives = [words for text in policy.split(";") if (words := text.split())]
    changed = False
    for kind, source in needs.sources:
        changed |= _allow(directives, kind, source)
    return "; ".join(" ".join(words) for words in directives) if changed else policy.strip()


def _allow(directives: list[list[str]], kind: str, source: str) -> bool:
    """Add a source to the directive in force for a kind, and tell whether anything changed."""
    # CSP Level 3, section 2.2.1: of a directive that comes again, only the first counts.
    in_force = {words[0].lower(): words for words in reversed(directives)}
    governing = next((in_force[name] for name in _FETCH_FALLBACKS[kind] if name in in_force), None)
    if governing is None or _allows(governing[1:], source):
        return False
    sources = [word for word in governing[1:] if word.lower() != "'none'"] + [source]
    if governing[0].lower() == "default-src":
        directives.append([f"{kind}-src", *sources])
    else:
        governing[1:] = sources
    return True


def _allows(sources: list[str], source: str) -> bool:
    if source in sources:
        return True
    lowered = [word.lower() for word in sources]
    if source == "'self'":
        return source in lowered or "*" in lowered
    if not source.startswith("'sha256-"):
        return False
    # CSP Level 3, section 6.7.3.2: 'unsafe-inline' counts only where no hash or nonce stands beside it.
    exact = ("'nonce-", "'sha256-", "'sha384-", "'sha512-")
    return "'unsafe-inline'" in lowered and not any(word.startswith(exact) for word in lowered)
