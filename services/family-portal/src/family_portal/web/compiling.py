"""How our templates become Python: what they do most is done by Python itself, for every page fills in hundreds.

Jinja's own code asks a function for each field of a model, and wraps each word it escapes in an object of its own,
which the page then joins into one text anyway.
"""

from collections.abc import Mapping, MutableMapping
from keyword import iskeyword
from typing import Any

from jinja2 import Environment, Template, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, new_context
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]  # `escape` only wraps its answer


def escaped(value: Any) -> Any:
    """A value as it stands in a page: what `markupsafe.escape` makes of it, as plain text.

    `{{ 'text' if so }}` gives a plain Undefined where it is not so; a variable that is missing gives a strict one.
    """
    kind = type(value)
    if kind is str:
        return escape_text(value)
    if kind is Markup:
        return value
    return "" if kind is Undefined else str(escape(value))


class PlainCode(CodeGenerator):
    """Compiles templates whose variables are objects with fields: `page.title` reads a field, never a key."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Read a field. A missing one raises AttributeError, which is as loud as it was."""
        if iskeyword(node.attr) or node.ctx != "load":
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Call as Python does: nothing that our templates call asks for Jinja's context, which Jinja's own way asks
        it about each time."""
        plain = not (node.dyn_args or node.dyn_kwargs or any(iskeyword(arg.key) for arg in node.kwargs))
        if forward_caller or not plain:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for arg in (*node.args, *node.kwargs):
            self.visit(arg, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class _SettledTemplate(Template):
    """A template that has all the globals there are: what another one imports of it is made once."""

    def new_context(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> Context:
        """The variables of one rendering; a part takes its page's, which hold the globals already."""
        given = None if shared else self.globals
        return new_context(self.environment, self.name, self.blocks, vars, shared, given, locals)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class Settled(Environment):
    """An environment whose templates and globals stay as they are once they are loaded."""

    code_generator_class = PlainCode
    template_class = _SettledTemplate
    escaped = staticmethod(escaped)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loaded: dict[str, Template] = {}

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """A template, loaded once: every import and include of every page asks for one."""
        found = self._loaded.get(str(name))
        if found is None:
            found = self._loaded[str(name)] = super().get_template(name, parent, globals)
        return found

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One plain dictionary: Jinja's chain of two is walked name by name for every import of every page."""
        return {**self.globals, **(d or {})}
