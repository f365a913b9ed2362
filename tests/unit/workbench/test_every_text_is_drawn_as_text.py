"""Each call of the pages that draws something: what it draws is our own, or has been made safe.

A rule over the source, so that a new page cannot forget it: text goes through `visible`, text for a
place that reads Markdown through `plain`, a data frame through `cleaned`. What is neither a constant
nor one of these stands in `OWN_WORDS`, with the reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "workbench"

READ_MARKDOWN = {
    *("badge", "button", "caption", "checkbox", "date_input", "download_button", "error"),
    *("expander", "feedback", "header", "info", "link_button", "markdown", "menu_button", "metric"),
    *("multiselect", "number_input", "page_link", "pills", "popover", "radio", "segmented_control"),
    *("select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success"),
    *("table", "tabs", "text_area", "text_input", "title", "toast", "toggle", "warning"),
}
SHOW_TEXT = {"text", "code"}
SHOW_FRAMES = {"dataframe", "vega_lite_chart", "line_chart", "bar_chart", "area_chart"}
RUN_OR_FETCH = {
    *(
        "write",
        "write_stream",
        "html",
        "iframe",
        "component",
        "components",
        "echo",
        "latex",
        "logo",
    ),
    *(
        "exception",
        "json",
        "video",
        "audio",
        "pdf",
        "map",
        "pydeck_chart",
        "graphviz_chart",
        "help",
    ),
    *("LinkColumn", "JsonColumn", "chat_message", "data_editor"),
}
DRAW = READ_MARKDOWN | SHOW_TEXT | SHOW_FRAMES | RUN_OR_FETCH
KEYWORDS_OF_TEXT = {
    "label",
    "help",
    "title",
    "body",
    "text",
    "value",
    "delta",
    "caption",
    "captions",
}
MADE_SAFE = {"markdown": {"plain", "len"}, "text": {"visible", "len"}, "frame": {"cleaned"}}

OWN_WORDS = {
    ("components/bucket_bar.py", "bar.svg"): "drawn by us from five numbers",
    ("components/bucket_bar.py", "{f'{part.box}{NO_BREAK}{part.words}': f'**{part.share_text}** · "
     "{part.seconds_text} · :gray[{part.meaning}]' for part in bar.parts}"): "buckets and figures",
    ("components/decision.py", "decision.actions"): "states of a recommendation",
    ("components/decision.py", "action_words"): "words for a state",
    ("components/model_view.py", "list(names)"): "names of the four reviewers",
    ("components/model_view.py", "lambda name: plain(names[name])"): "made safe",
    ("components/query_sections.py", "list(names)"): "names of the four reviewers",
    ("components/query_sections.py", "kinds"): "only values; `format_func=plain` draws them",
    ("components/query_sections.py", "lambda name: plain(names[name])"): "made safe",
    ("components/runs_chart.py", "figure"): "moments, figures and constants; see its own test",
    ("components/range_control.py", "list(RANGE_WORDS)"): "constants",
    ("components/range_control.py", "range_words"): "words for a constant",
    ("components/review_progress.py", "f'{stage.icon} {plain(stage.words)}'"): "our own icons",
    ("navigation.py", "f':small[{banner.sentence}]'"): "a constant with a command, or a moment",
    ("navigation.py", "'  \\n'.join(map(plain, source.lines))"): "each line made safe",
    ("views/queries.py", "f':small[{bucket_legend()}]'"): "constants and boxes of colour",
    ("views/queries.py", "label"): "constants, one a filter",
    ("views/queries.py", "options"): "only values; `format_func=visible` draws them, as text",
    ("views/queries.py", "visible"): "options of a multiselect are no Markdown",
    ("views/query.py", "list(SECTIONS)"): "constants",
    ("views/query.py", "lambda name: SECTIONS[name]"): "constants",
    ("views/recommendations.py", "label"): "constants, one a filter",
    ("views/recommendations.py", "[option.value for option in options]"): "names of an enumeration",
    ("views/recommendations.py", "words"): "words for them",
    ("views/table.py", "list(SECTIONS)"): "constants",
    ("views/table.py", "lambda name: SECTIONS[name]"): "constants",
    ("views/trends.py", "list(TrendDimension)"): "names of an enumeration",
    ("views/trends.py", "dimension_words"): "words for them",
}  # fmt: skip


def test_every_text_of_the_pages_is_drawn_as_text():
    found = [
        f"{path.relative_to(PAGES)}:{line}: {what}"
        for path in sorted(PAGES.rglob("*.py"))
        for line, what in offences(path.read_text(), str(path.relative_to(PAGES)))
    ]

    assert not found, "\n".join(found)


def test_no_exception_to_the_rule_is_left_over():
    sources = {place: ast.unparse(ast.parse((PAGES / place).read_text())) for place, _ in OWN_WORDS}

    assert [what for place, what in OWN_WORDS if what not in sources[place]] == []


@pytest.mark.parametrize(
    "call",
    [
        "st.markdown(advice.title)",
        "st.markdown('<b>' + name, unsafe_allow_html=True)",
        "st.markdown('text', unsafe_allow_html=allowed)",
        "st.markdown(f'**{advice.title}**')",
        "st.markdown(plain(a) + b)",
        "st.markdown(visible(advice.title))",
        "column.caption(advice.title)",
        "st.metric('Runs', value)",
        "st.metric('Runs', '1', help=text)",
        "st.button(advice.title)",
        "st.page_link(page, label=advice.title)",
        "st.expander(label or 'More')",
        "st.text(advice.rationale)",
        "st.code('\\n'.join(lines))",
        "st.dataframe(frame)",
        "st.dataframe(frame.style.format(formats))",
        "st.write('anything')",
        "st.html('<p>')",
        "st.components.v1.html(text)",
        "st.image(address)",
        "column.LinkColumn('Link')",
        "st.column_config.TextColumn(name)",
        "st.column_config.TextColumn('Name', help=text)",
        "st.plotly_chart(figure)",
        "say = st.markdown",
        "getattr(st, 'markdown')(text)",
        "from streamlit import markdown",
        "(st.success if done else st.warning)(text)",
    ],
)
def test_the_rule_finds(call: str):
    assert list(offences(call, "views/new.py"))


@pytest.mark.parametrize(
    "call",
    [
        "st.markdown('**Findings**')",
        "st.markdown(f'**{plain(advice.title)}** ({len(cards)})')",
        "st.text(visible(advice.rationale) or '–')",
        "st.code(visible(sql), language='sql')",
        "st.dataframe(cleaned(frame).style.format(formats).apply(shaded, axis=1))",
        "st.title(TITLE)",
        "st.page_link(session.page('query'), label=plain(label))",
        "st.caption(plain(a) if a else 'none')",
        "st.column_config.TextColumn('Name', help='Its name', width=80)",
    ],
)
def test_the_rule_lets_pass(call: str):
    assert not list(offences(call, "views/new.py"))


def offences(source: str, place: str) -> Iterator[tuple[int, str]]:
    """Line and code of each drawing call that is not known to be safe."""
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _offences_of_call(node, place)
        elif isinstance(node, ast.Attribute) and id(node) not in called and _draws(node):
            yield node.lineno, f"{ast.unparse(node)} is passed on uncalled"
        elif isinstance(node, ast.ImportFrom) and _imports_what_draws(node):
            yield node.lineno, ast.unparse(node)


def _imports_what_draws(node: ast.ImportFrom) -> bool:
    return node.module == "streamlit" and any(each.name in DRAW for each in node.names)


def _draws(node: ast.Attribute) -> bool:
    is_streamlit = isinstance(node.value, ast.Name) and node.value.id == "st"
    return is_streamlit and node.attr in DRAW


def _offences_of_call(call: ast.Call, place: str) -> Iterator[tuple[int, str]]:
    if ast.unparse(call).startswith("getattr(st,"):
        yield call.lineno, ast.unparse(call)
    if not isinstance(call.func, ast.Attribute):
        return
    name = call.func.attr
    # A frame has a `map`, too.
    is_banned = name in RUN_OR_FETCH and (name != "map" or ast.unparse(call.func.value) == "st")
    if is_banned or any(word.arg == "unsafe_allow_html" for word in call.keywords):
        yield call.lineno, ast.unparse(call)
        return
    for value, how in _drawn(call, name):
        if not _is_safe(value, MADE_SAFE[how]) and (place, ast.unparse(value)) not in OWN_WORDS:
            yield value.lineno, f"{name}: {ast.unparse(value)}"


def _drawn(call: ast.Call, name: str) -> Iterator[tuple[ast.expr, str]]:
    """What the call draws, and how it is read there."""
    how = {
        **dict.fromkeys(READ_MARKDOWN, "markdown"),
        **dict.fromkeys(SHOW_TEXT, "text"),
        **dict.fromkeys(SHOW_FRAMES, "frame"),
        **dict.fromkeys(("image", "plotly_chart", "altair_chart"), "text"),
    }.get(name, "markdown" if name.endswith("Column") else "")
    if not how:
        return
    words = KEYWORDS_OF_TEXT - {"value"} if name in {"date_input", "toggle"} else KEYWORDS_OF_TEXT
    # A page link's first argument is a page; a frame's or chart's further ones are no text.
    first = 1 if name == "page_link" else 0
    texts = call.args[first:1] if how == "frame" else call.args[first:]
    yield from ((value, how) for value in texts)
    for word in call.keywords:
        if word.arg in words:
            yield word.value, "markdown"
        elif word.arg == "format_func":
            yield word.value, how


def _is_safe(value: ast.expr, safe: set[str]) -> bool:  # noqa: PLR0911 - one for each kind
    match value:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.isupper() or name in safe
        case ast.JoinedStr(values=parts):
            return all(_is_safe(part, safe) for part in parts)
        case ast.FormattedValue(value=inner):
            return _is_safe(inner, safe)
        case ast.IfExp(body=one, orelse=other):
            return _is_safe(one, safe) and _is_safe(other, safe)
        case ast.BoolOp(values=values):
            return all(_is_safe(each, safe) for each in values)
        case ast.Call(func=ast.Name(id=name)):
            return name in safe
        case ast.Call(func=ast.Attribute() as method) if "cleaned" in safe:
            return _is_safe(method, safe)
        case ast.Attribute(value=inner) if "cleaned" in safe:
            return _is_safe(inner, safe)
        case _:
            return False
