"""Look-up, names and search over the status codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from .facts import FACTS
from .guidance import GUIDANCE
from .status_code import StatusCode
from .vendors import VENDOR_FACTS
from .wording import WORDING

# Words that a search passes over, as nearly every code's text has them.
_FILLER = frozenset(
    ("a", "an", "and", "code", "error", "for", "http", "in", "is", "of", "on", "or", "status", "the", "to", "with")
)
_ENDINGS = ("ies", "ing", "ed", "es", "s", "y", "e")
_SHORTEST_STEM = 4

_WEIGHT_NAME, _WEIGHT_OTHER_NAME, _WEIGHT_FACT, _WEIGHT_MEANING, _WEIGHT_USE = 32, 24, 24, 8, 4
_WHOLE_WORD = 2

_Fields = tuple[tuple[int, frozenset[str]], ...]


class Catalogue:
    """The status codes by code; read-only. Iterating yields `StatusCode` objects in ascending order of their codes.

    Look-ups and `in` take a code, as in a mapping; iterating does not give the codes, so it is no `Mapping`.

        >>> from errorpages.codes import catalogue
        >>> catalogue[404].name
        'Not Found'
        >>> [status.code for status in catalogue.named("Request-URI Too Long")]
        [414]
        >>> catalogue.search("rate limit")[0].code
        429
    """

    def __init__(self, statuses: Iterable[StatusCode]) -> None:
        """Hold the given status codes.

        Args:
            statuses: the codes in any order, each of them once.
        """
        self._by_code = {status.code: status for status in sorted(statuses, key=lambda status: status.code)}

    def __getitem__(self, code: int) -> StatusCode:
        """Return what is known about a code.

        Raises:
            KeyError: nobody defined the code.
        """
        try:
            return self._by_code[code]
        except KeyError:
            raise KeyError(
                f"{code!r} is no status code that anybody defined; catalogue.get({code!r}) is None"
            ) from None

    def get(self, code: int) -> StatusCode | None:
        """Return what is known about a code, `None` where nobody defined it."""
        return self._by_code.get(code)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[StatusCode]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} status codes>"

    def named(self, name: str) -> tuple[StatusCode, ...]:
        """Find the codes that have, or once had, a name.

        Args:
            name: any present or former name; case, spaces and punctuation do not matter.

        Returns:
            Every match, sorted by code, as some names belong to several codes; empty where there is none.
        """
        return self._by_name.get(_name_key(name), ())

    def search(self, query: str) -> tuple[StatusCode, ...]:
        """Find the codes that a developer's words describe.

        Args:
            query: words in any order and form, all of which must be found; also a code or its first digits (`"404"`,
                `"42"`), a class (`"4xx"`), a vendor, a header field or an RFC.

        Returns:
            The matches, best first: names before texts, then registered codes before vendors', then by code. Empty
            where there is none, and for a query without words.
        """
        words = _words(query)
        words = tuple(word for word in words if word not in _FILLER) or words
        if not words:
            return ()
        found = [(score, status) for status, fields in self._index if (score := _score(words, status, fields))]
        found.sort(key=lambda hit: (-hit[0], hit[1].kind == "vendor", hit[1].code))
        return tuple(status for _, status in found)

    @cached_property
    def _by_name(self) -> dict[str, tuple[StatusCode, ...]]:
        by_name: dict[str, tuple[StatusCode, ...]] = {}
        for status in self:
            for key in sorted({_name_key(name) for name in (status.name, *status.other_names)}):
                by_name[key] = (*by_name.get(key, ()), status)
        return by_name

    @cached_property
    def _index(self) -> tuple[tuple[StatusCode, _Fields], ...]:
        return tuple((status, _fields(status)) for status in self)


def _name_key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _words(*texts: str) -> tuple[str, ...]:
    """Split into lower-case words; an apostrophe joins, so that "I'm" is one word however it is typed."""
    return tuple(re.findall(r"[^\W_]+", re.sub("['’]", "", " ".join(texts).casefold())))


def _fields(status: StatusCode) -> _Fields:
    facts = (
        status.kind,
        status.spec,
        status.spec.replace(" ", ""),
        *status.vendors,
        *status.required_headers,
        *status.expected_headers,
    )
    texts = (
        (_WEIGHT_NAME, (status.name, _name_key(status.name))),
        (_WEIGHT_OTHER_NAME, (*status.other_names, *map(_name_key, status.other_names))),
        (_WEIGHT_FACT, facts),
        (_WEIGHT_MEANING, (status.meaning,)),
        (_WEIGHT_USE, (status.use_when,)),
    )
    return tuple((weight, frozenset(_words(*field))) for weight, field in texts)


def _score(words: tuple[str, ...], status: StatusCode, fields: _Fields) -> int:
    scores = [_word_score(word, status, fields) for word in words]
    return sum(scores) if all(scores) else 0


def _word_score(word: str, status: StatusCode, fields: _Fields) -> int:
    # A code that a text only mentions as a neighbour is no answer to a search for that code.
    if word.isdecimal() and len(word) <= 3:
        return _WEIGHT_NAME if str(status.code).startswith(word) else 0
    if word == status.status_class:
        return _WEIGHT_NAME
    stem = _stem(word)
    for weight, field in fields:
        if word in field:
            return weight + _WHOLE_WORD
        if any(other.startswith(stem) for other in field):
            return weight
    return 0


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def _complete(facts: StatusCode) -> StatusCode:
    meaning, use_when = GUIDANCE[facts.code]
    words = WORDING.get(facts.code)
    if words is None:
        return replace(facts, meaning=meaning, use_when=use_when)
    return replace(
        facts,
        title=words.title,
        message=words.message,
        next_step=words.next_step,
        meaning=meaning,
        use_when=use_when,
    )


catalogue = Catalogue(_complete(facts) for facts in (*FACTS, *VENDOR_FACTS))
"""Every status code that the IANA registry or a vendor defined."""
