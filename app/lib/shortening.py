"""Shortens the names that a function keeps to itself: its parameters and its variables.

Names of modules, functions, classes and properties stay as they were written, so an error still says where it happened and what
was missing. A name stays as well where shortening would make it longer (`{name}` stands for `name: name`), and where the function
has it from outside too: each name is shortened in the whole of an outermost function or nowhere in it, to a letter that nothing
in there is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from string import ascii_letters

from tree_sitter import Node

FUNCTIONS = {
    "arrow_function",
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
}
SCOPES = FUNCTIONS | {"statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_body", "class_static_block"}
# A function or class is called as the variable that holds it.
CALLED = {"arrow_function", "function_expression", "generator_function", "class"}
SHORTHAND = {"shorthand_property_identifier", "shorthand_property_identifier_pattern"}


def shorten(tree: Node) -> Iterator[tuple[int, int, bytes]]:
    """Of a module: from where to where another name stands, and which."""
    for node in tree.children:
        yield from _Function(node).changes() if node.type in FUNCTIONS else shorten(node)


class _Function:
    """An outermost function with all inside it."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.bound: dict[int, set[bytes]] = defaultdict(set)
        self.uses: dict[bytes, list[Node]] = defaultdict(list)
        self.kept: set[bytes] = set()
        for node in _within(root):
            if node.type == "identifier" or node.type in SHORTHAND:
                self.uses[_text(node)].append(node)
                if node.type in SHORTHAND:
                    self.kept.add(_text(node))
            self._bind(node)

    def changes(self) -> Iterator[tuple[int, int, bytes]]:
        """Every place of every name that can be shortened; what comes first gets the first letter."""
        free = (letter.encode() for letter in ascii_letters if letter.encode() not in self.uses)
        for name, uses in self.uses.items():
            if len(name) == 1 or name in self.kept or not all(self._is_bound(name, use) for use in uses):
                continue
            short = next(free, None)
            if short is None:
                return
            for use in uses:
                yield use.start_byte, use.end_byte, short

    def _bind(self, node: Node) -> None:
        """What a node gives a name to, in the scope where the name is known."""
        if node.type in FUNCTIONS:
            parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
            self.bound[node.id].update(_names(parameters))
        elif node.type == "variable_declarator":
            names = set(_names(node.child_by_field_name("name")))
            self.bound[_scope(node).id] |= names
            value = node.child_by_field_name("value")
            if value is not None and value.type in CALLED:
                self.kept |= names
        elif node.type == "catch_clause":
            self.bound[node.id].update(_names(node.child_by_field_name("parameter")))
        elif node.type == "for_in_statement" and node.child_by_field_name("kind"):
            self.bound[node.id].update(_names(node.child_by_field_name("left")))

    def _is_bound(self, name: bytes, use: Node) -> bool:
        """Whether the name is given inside the function, around this use of it. `var` is not: it is known outside its block."""
        at: Node | None = use
        while at is not None:
            if name in self.bound[at.id]:
                return True
            at = at.parent if at != self.root else None
        return False


def _within(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _within(child)


def _names(pattern: Node | None) -> Iterator[bytes]:
    """The names that a parameter list or the left side of a declaration gives, however it takes its value apart."""
    if pattern is None:
        return
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield _text(pattern)
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        yield from _names(pattern.child_by_field_name("left"))
    elif pattern.type == "pair_pattern":
        yield from _names(pattern.child_by_field_name("value"))
    elif pattern.type in ("formal_parameters", "object_pattern", "array_pattern", "rest_pattern"):
        for child in pattern.named_children:
            yield from _names(child)


def _scope(node: Node) -> Node:
    """The innermost scope around a declaration."""
    at = node.parent
    while at is not None and at.type not in SCOPES and at.parent is not None:
        at = at.parent
    return at or node


def _text(node: Node) -> bytes:
    return node.text or b""
