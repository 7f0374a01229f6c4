"""The templates that pages are made of: the built-in ones, own ones before them, and what each asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import jinja2
from jinja2 import meta, nodes

from .codes import is_server_error

__all__ = ["BUILT_IN", "EXTENSIONS", "THEMES", "Closure", "Library", "Part", "Reference"]

THEMES: Final = ("plain", "card", "illustrated", "status", "bare")
EXTENSIONS: Final = {"html": ".html", "text": ".txt", "markdown": ".md"}
_OTHER_FORMATS: Final = {"text": "text.txt", "markdown": "markdown.md"}
BUILT_IN: Final = ("base.html", *(f"{theme}.html" for theme in THEMES), "retry.html", *_OTHER_FORMATS.values())
"""The templates that pages are made of; an own one of the same name stands in its place."""

_REFERENCES: Final = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


class Reference(NamedTuple):
    """A template's mention of another.

    Attributes:
        name: The other's name.
        line: Where it is mentioned, counted from 1.
        is_optional: Whether the template works without it.
    """

    name: str
    line: int
    is_optional: bool


class Part(NamedTuple):
    """What one template says.

    Attributes:
        file: Its path.
        reads: The variables that it expects, each with the line that it is first used in.
        sets: The names that it gives values to, for itself and those that it extends or includes.
        references: The templates that it extends, includes and imports.
        is_dynamic: Whether it refers to templates whose names are known only when it is rendered.
    """

    file: str
    reads: Mapping[str, int]
    sets: frozenset[str]
    references: tuple[Reference, ...]
    is_dynamic: bool


class Library:
    """The built-in templates, and own ones before them.

    Attributes:
        environment: Where Jinja finds them.
        own: The names of the own templates.

    Args:
        folders: Folders of own templates, searched in this order.
    """

    def __init__(self, folders: Sequence[str | os.PathLike[str]] = ()) -> None:
        own, built_in = jinja2.FileSystemLoader(folders), jinja2.PackageLoader("errorpages.templates", "")
        self._loader = jinja2.ChoiceLoader([own, built_in])
        self.environment = jinja2.Environment(
            loader=self._loader,
            autoescape=lambda name: name is None or name.endswith(EXTENSIONS["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._folders = own.searchpath
        self.own = frozenset(name for name in own.list_templates() if name.endswith(tuple(EXTENSIONS.values())))
        self.part = lru_cache(maxsize=256)(self._read)

    def name_for(self, status: int, format: str, theme: str) -> str:
        """Find the template that pages are rendered with.

        Args:
            status: The status code.
            format: ``html``, ``text`` or ``markdown``.
            theme: A built-in theme.
        """
        extension = EXTENSIONS[format]
        names = (
            f"{status}{extension}",
            f"{'5xx' if is_server_error(status) else '4xx'}{extension}",
            f"error{extension}",
        )
        built_in = _OTHER_FORMATS.get(format, f"{theme}{extension}")
        return next((name for name in names if name in self.own), built_in)

    def file_of(self, name: str) -> str:
        """Find the path of an own template; a file counts before a link to nowhere. Any other name is its own path.

        Args:
            name: Its name.
        """
        paths = [os.path.normpath(os.path.join(folder, name)) for folder in self._folders]
        return max(filter(os.path.lexists, paths), key=os.path.isfile, default=name)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a template of a name, own or built-in, whether it can be read or not."""
        try:
            self._loader.get_source(self.environment, name)
        except jinja2.TemplateNotFound:
            return False
        except (OSError, UnicodeDecodeError):
            return True
        return True

    def _read(self, name: str) -> Part:
        """Read what a template says.

        Raises:
            jinja2.TemplateSyntaxError: It can't be parsed.
            UnicodeDecodeError: It is not in UTF-8.
            OSError: It can't be read; as `jinja2.TemplateNotFound`, it is not there.
        """
        source, file, _ = self._loader.get_source(self.environment, name)
        tree = self.environment.parse(source, name, file)
        used = list(tree.find_all(nodes.Name))
        loaded = [node for node in tree.find_all((nodes.Name, nodes.NSRef)) if getattr(node, "ctx", "load") == "load"]
        lines = {node.name: node.lineno for node in reversed(loaded) if isinstance(node, nodes.Name | nodes.NSRef)}
        references = tuple(_references(tree))
        return Part(
            file or name,
            {variable: lines[variable] for variable in meta.find_undeclared_variables(tree)},
            frozenset(node.name for node in used if node.ctx in ("store", "param")),
            tuple(reference for reference in references if reference),
            is_dynamic=None in references,
        )


class Closure:
    """A template with all that it extends, includes and imports, as far as there is such a template.

    Attributes:
        names: The templates' names.
        reads: The variables that they expect, each with a file and line that it is used in.
        is_dynamic: Whether one of them refers to templates whose names are known only when it is rendered.
        circle: The names of templates that refer to each other in a circle, back to the first; empty if none do.

    Args:
        library: Where templates are found.
        name: The template to start from.

    Raises:
        jinja2.TemplateSyntaxError: One of them can't be parsed.
        UnicodeDecodeError: One of them is not in UTF-8.
        OSError: One of them can't be read.
    """

    def __init__(self, library: Library, name: str) -> None:
        self.names: set[str] = set()
        self.reads: dict[str, tuple[str, int]] = {}
        self.is_dynamic = False
        self.circle: tuple[str, ...] = ()
        self._library = library
        self._add(name, (), frozenset())

    def _add(self, name: str, path: tuple[str, ...], provided: frozenset[str]) -> None:
        if name in path:
            self.circle = self.circle or (*path[path.index(name) :], name)
        if name in self.names:
            return
        self.names.add(name)
        part = self._library.part(name)
        self.is_dynamic |= part.is_dynamic
        for variable in part.reads.keys() - provided:
            self.reads.setdefault(variable, (part.file, part.reads[variable]))
        for reference in part.references:
            if reference.name in self._library:
                self._add(reference.name, (*path, name), provided | part.sets)


def _references(tree: nodes.Template) -> Iterator[Reference | None]:
    """Find what a template refers to; None stands for what is known only when it is rendered."""
    for node in tree.find_all(_REFERENCES):
        assert isinstance(node, _REFERENCES)
        is_list = isinstance(node.template, nodes.List | nodes.Tuple)
        is_optional = isinstance(node, nodes.Include) and (node.ignore_missing or is_list)
        for named in node.template.iter_child_nodes() if is_list else (node.template,):
            if isinstance(named, nodes.Const) and isinstance(named.value, str):
                yield Reference(named.value, named.lineno, is_optional)
            else:
                yield None
