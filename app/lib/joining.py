"""Joins the modules of a page into one file: imports become calls; comments, indentation and the names of locals go.

A joined module is a function that runs once, when it is first asked for, and promises what the module exports. So a module that
was imported late still runs late, one that awaits may go on awaiting, and a name keeps the scope it was written in. What a file
means is read by a parser and never guessed; a form that is not understood here stops the join and says where.

A part of a script is a late module that stays a file of its own, with what only it needs; the rest it takes from the script.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from posixpath import dirname, normpath, relpath
from types import MappingProxyType

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from app.lib.shortening import shorten

ONCE = "const $once = (run) => {\nlet made;\nreturn () => (made ??= run());\n};"
FORMS = """
(comment) @comment
(template_string) @template
(string) @text
(regex) @text
(import_statement) @import
(export_statement) @export
(call_expression function: (import)) @late
(meta_property) @meta
((identifier) @ours (#match? @ours "[$]"))
"""

Read = Callable[[str], str | None]


class CannotJoin(ValueError):
    """A module is written in a form that the join does not know; the text names the file and the line."""


@dataclass(frozen=True)
class Module:
    """One module, rewritten: its text, and by path the modules it runs first and those it may run later."""

    text: str
    exports: list[str]
    first: list[str]
    later: list[str]


def join(root: str, read: Read, parts: Iterable[str] = ()) -> dict[str, str]:
    """The script `root` with all it imports, and each of its `parts`: path → the file to be served there.

    `read` gives the text of a module by its path, or None for one that is imported late and stays a file of its own. What more
    than one part needs lies in the script: a second copy would be a second module. A part may import another late.
    """
    parts = tuple(parts)
    core = _gather([root], root, read, apart=parts)
    needed = Counter(path for part in parts for path in _gather([part], part, read, apart=parts, held=core))
    core |= _gather([path for path, times in needed.items() if times > 1], root, read, apart=parts, held=core)
    files: dict[str, str] = {}
    taken: set[str] = set()
    for part in parts:
        own = _gather([part], part, read, apart=parts, held=core)
        ours = {path for module in own.values() for path in (*module.first, *module.later) if path in core}
        names = ", ".join(["$once", *sorted(map(_name, ours))])
        exports = f"export {{{', '.join(own[part].exports)}}};"
        files[part] = _file([f'import {{{names}}} from "{_relative(root, part)}";'], own, part, own[part].text, exports)
        taken |= ours
    body = core[root].text
    if parts:  # a part waits until its script has run to the end, so the script must not wait for a part
        body = f"export {{{', '.join(['$once', *sorted(map(_name, taken))])}}};\n(async () => {{\n{body}\n}})();"
    files[root] = _file([ONCE] if len(core) > 1 or parts else [], core, root, body)
    return files


def _gather(
    starts: list[str], file: str, read: Read, *, apart: Container[str] = (), held: Mapping[str, Module] = MappingProxyType({})
) -> dict[str, Module]:
    """The modules `starts` and what they lead to, rewritten for `file`, but for what lies `apart` or is `held` by another."""
    modules: dict[str, Module] = {}
    ahead = list(starts)
    while ahead:
        path = ahead.pop()
        if path not in modules and path not in held:
            modules[path] = _Rewriting(path, file, read, apart).module()
            ahead += [*modules[path].first, *modules[path].later]
    for start in starts:
        _refuse_circles(start, {**held, **modules}, (), set())
    return modules


def _file(head: list[str], modules: Mapping[str, Module], root: str, *body: str) -> str:
    return "\n".join([*head, *(_wrapped(path, modules[path]) for path in sorted(modules) if path != root), *body]) + "\n"


def _wrapped(path: str, module: Module) -> str:
    return f"const {_name(path)} = $once(async () => {{\n{module.text}\nreturn {{{', '.join(module.exports)}}};\n}});"


def _name(path: str) -> str:
    """`js/floor/pages/today.js` is `$floor_pages_today`: no name of ours has a `$`, and a stack trace can be read."""
    return "$" + re.sub(r"\W", "_", path.removeprefix("js/").removesuffix(".js"))


def _refuse_circles(path: str, modules: dict[str, Module], above: tuple[str, ...], fine: set[str]) -> None:
    """Modules that wait for each other would wait for ever."""
    if path in above:
        raise CannotJoin(f"modules import each other: {' → '.join([*above[above.index(path) :], path])}")
    if path not in fine:
        for needed in modules[path].first:
            _refuse_circles(needed, modules, (*above, path), fine)
        fine.add(path)


@cache
def _grammar() -> tuple[Language, Query]:
    language = Language(tree_sitter_javascript.language())
    return language, Query(language, FORMS)


def _forms(source: bytes) -> tuple[Node, dict[str, list[Node]]]:
    """The tree of a source, and what in it has one of the forms."""
    language, query = _grammar()
    tree = Parser(language).parse(source).root_node
    return tree, QueryCursor(query).captures(tree)


class _Rewriting:
    """One module on its way into the join."""

    def __init__(self, path: str, root: str, read: Read, apart: Container[str]) -> None:
        source = read(path)
        if source is None:
            raise CannotJoin(f"{path} is imported and not there")
        self.path, self.root, self.read, self.apart = path, root, read, apart
        self.source = source.encode()
        self.exports: list[str] = []
        self.first: list[str] = []
        self.later: list[str] = []
        self.changes: list[tuple[int, int, bytes]] = []

    def module(self) -> Module:
        tree, forms = _forms(self.source)
        if tree.has_error:
            raise CannotJoin(f"{self.path} cannot be parsed")
        if b"\\\n" in self.source:
            raise CannotJoin(f"{self.path}: a line that goes on behind a backslash")
        if ours := forms.get("ours"):
            raise self._refuse(ours[0], "names with a $ are the join's own")
        for form, rewrite in {
            "comment": self._comment,
            "import": self._import,
            "export": self._export,
            "late": self._late,
            "meta": self._meta,
        }.items():
            for node in forms.get(form, []):
                rewrite(node)
        return Module(_dense(_shortened(self._changed())), self.exports, self.first, self.later)

    def _change(self, node: Node, text: str) -> None:
        self.changes.append((node.start_byte, node.end_byte, text.encode()))

    def _changed(self) -> bytes:
        return _with(self.source, self.changes)

    def _refuse(self, node: Node, why: str) -> CannotJoin:
        return CannotJoin(f"{self.path}:{node.start_point.row + 1}: {why}")

    def _target(self, node: Node | None, form: Node) -> str:
        """The path that a string in the source leads to."""
        if node is None or node.type != "string":
            raise self._refuse(form, "an import names its file as a plain string")
        return normpath(f"{dirname(self.path)}/{_text(node)[1:-1]}")

    def _comment(self, node: Node) -> None:
        above = node.parent
        while above is not None and above.type != "template_string":
            above = above.parent
        if above is None:  # between backticks nothing is touched but imports
            self._change(node, "\n" if "\n" in _text(node) else " ")

    def _import(self, node: Node) -> None:
        path = self._target(node.child_by_field_name("source"), node)
        self.first.append(path)
        made = f"await {_name(path)}()"
        clause = next((one for one in node.named_children if one.type == "import_clause"), None)
        if clause is None:
            self._change(node, f"{made};")
            return
        taken = clause.named_children[0]
        if len(clause.named_children) > 1 or taken.type not in ("named_imports", "namespace_import"):
            raise self._refuse(node, "imports are {names} or * as name")
        if taken.type == "namespace_import":
            names = _text(taken.named_children[0])
        else:
            specifiers = [one for one in taken.named_children if one.type == "import_specifier"]
            names = "{" + ", ".join(": ".join(map(_text, one.named_children)) for one in specifiers) + "}"
        self._change(node, f"const {names} = {made};")

    def _export(self, node: Node) -> None:
        declared = node.child_by_field_name("declaration")
        if declared is None:
            self._export_names(node)
            return
        if declared.type == "lexical_declaration":
            names = [one.child_by_field_name("name") for one in declared.named_children if one.type == "variable_declarator"]
            if _text(declared).startswith("let"):
                raise self._refuse(node, "what is exported does not change: const, or a function that tells")
        else:
            names = [declared.child_by_field_name("name")]
        for name in names:
            if name is None or name.type != "identifier":
                raise self._refuse(node, "what is exported has a plain name")
            self.exports.append(_text(name))
        self.changes.append((node.start_byte, declared.start_byte, b""))

    def _export_names(self, node: Node) -> None:
        """`export {name};`, and with a source the names of another module handed on."""
        clause = next((one for one in node.named_children if one.type == "export_clause"), None)
        if clause is None or any(one.child_by_field_name("alias") for one in clause.named_children):
            raise self._refuse(node, "exports are declarations or {names} that keep their names")
        names = [_text(one) for one in clause.named_children if one.type == "export_specifier"]
        source = node.child_by_field_name("source")
        if source is None:
            self.exports += names
            self._change(node, "")
            return
        self.first.append(self._target(source, node))
        self.exports += [f"{name}: {name}$" for name in names]  # handed on, and not a name in here
        self._change(node, f"const {{{', '.join(self.exports[-len(names) :])}}} = await {_name(self.first[-1])}();")

    def _late(self, node: Node) -> None:
        arguments = node.child_by_field_name("arguments")
        path = self._target(arguments.named_children[0] if arguments and arguments.named_children else None, node)
        if path in self.apart or self.read(path) is None:
            self._change(node, f'import("{_relative(path, self.root)}")')
        else:
            self.later.append(path)
            self._change(node, f"{_name(path)}()")

    def _meta(self, node: Node) -> None:
        if self.path == self.root:
            return
        whole = node.parent
        if whole is None or _text(whole) != "import.meta.url":
            raise self._refuse(node, "of import.meta only the url is known")
        self._change(whole, f'new URL("{_relative(self.path, self.root)}", import.meta.url).href')


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _relative(path: str, root: str) -> str:
    found = relpath(path, dirname(root))
    return found if found.startswith(".") else f"./{found}"


def _with(source: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    parts, last = [], 0
    for start, end, text in sorted(changes):
        if start >= last:  # a comment inside an import went with it
            parts += [source[last:start], text]
            last = end
    return b"".join([*parts, source[last:]])


def _shortened(source: bytes) -> bytes:
    return _with(source, shorten(_forms(source)[0]))


def _dense(source: bytes) -> str:
    """A statement a line, without space that means nothing; what stands between quotes or backticks is text and stays."""
    _, forms = _forms(source)
    parts, last = [], 0
    for node in sorted([*forms.get("template", []), *forms.get("text", [])], key=lambda node: node.start_byte):
        if node.start_byte >= last:  # one inside another is kept with it
            parts += [_dense_code(source[last : node.start_byte]), node.text or b""]
            last = node.end_byte
    return b"".join([*parts, _dense_code(source[last:])]).decode().strip()


def _dense_code(source: bytes) -> bytes:
    lines = re.sub(rb"[ \t]*\n\s*", b"\n", source)
    return re.sub(rb"([{,(\[])\n", rb"\1", re.sub(rb" ?([{}()\[\],;:=<>?&|]) ?", rb"\1", lines))
