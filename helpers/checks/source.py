"""Print a function with all that it needs from its module, so that it can be read and run."""

import ast
import importlib


def with_needs(module_name, names):
    """Return the source of functions, after the imports, constants and functions they use.

    Parameters
    ----------
    module_name : str
    names : sequence of str
        Of functions at the top level of the module.

    Returns
    -------
    source : str
    """
    with open(importlib.import_module(module_name).__file__, encoding="utf-8") as file:
        text = file.read()
    statements = {name: node for node in ast.parse(text).body for name in _bound(node)}
    found = []

    def find(name):
        node = statements.get(name)
        if node is None or node in waiting:
            return
        waiting.add(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                find(part.id)
        found.append(node)

    waiting = set()
    for name in names:
        find(name)
    lines = text.splitlines()
    imports = [node for node in found if isinstance(node, ast.Import | ast.ImportFrom)]
    imports.sort(key=lambda node: node.lineno)
    rest = [node for node in found if node not in imports]
    parts = ["\n".join(_source(node, lines) for node in imports)] if imports else []
    return "\n\n\n".join([*parts, *(_source(node, lines) for node in rest)])


def _bound(node):
    """List the names that a statement gives to something."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    return [
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def _source(node, lines):
    first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])
