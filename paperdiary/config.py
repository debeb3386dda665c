"""The block of `mkdocs.yml` that belongs to Paper Diary, as one frozen `Config`.

Every default lives here. `mkdocs.yml` is read without MkDocs, so that commands which need no site
start at once.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from paperdiary.errors import ConfigError

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def _option(default: Any, help: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": help, "choices": choices})


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the plugin, with their defaults; docs/configuration.md is made from it."""

    embedder: str = _option(
        "sentence-transformers",
        "what turns text into vectors: `sentence-transformers`, or `hashing` (words only, no model)",
    )
    model: str = _option(DEFAULT_MODEL, "name of the model on the hub, or a folder that holds it")
    query_encoder: str = _option(
        "auto",
        "what turns a query into a vector: a table without the model where there is one, the full model, or a table"
        " fitted to this diary",
        ("auto", "full", "fit"),
    )
    device: str = _option("auto", "where the model runs", ("auto", "cpu", "cuda", "mps"))
    projection: str = _option("tsne", "the map that is shown first", ("tsne", "umap", "pca"))
    perplexity: float = _option(15.0, "t-SNE: how many neighbours each point looks at")
    clusters: int = _option(0, "number of clusters; 0 chooses the square root of the number of entries, 4 to 20")
    cluster_on: str = _option("map", "what K-Means groups: points of the t-SNE map, or the vectors", ("map", "vectors"))
    related: int = _option(5, "how many related entries a note shows")
    recent: int = _option(8, "how many entries `<!-- diary:recent -->` shows")
    seed: int = _option(42, "seed of everything that is random")
    trust_html: bool = _option(
        False, "whether scripts, frames, forms and templates in notes stay, for those who write them themselves"
    )
    pictures: str = _option(
        "card",
        "what is shown of a picture on another host: a card that links to it, a copy that the build puts into the site,"
        " or the picture, for which the reader's browser asks that host",
        ("card", "copy", "link"),
    )
    csp: bool = _option(
        False, "whether each page says in a meta element which scripts may run, for servers that send no such header"
    )
    pages: str = _option(
        "",
        "Markdown files that are pages of the site and no notes, as patterns like those of `exclude_docs`, one a line:"
        " `about.md`, or `/*` and `!/reading/` for all but one folder. A blog of Material's plugin never is notes",
    )
    feed: int = _option(50, "how many of the newest entries `feed.xml` and the feed of each topic hold; 0: no feeds")
    entries_json: bool = _option(True, "whether the site holds `entries.json`, all entries as data")
    llms_txt: bool = _option(True, "whether the site holds `llms.txt` and `llms-full.txt`")
    llm_model: str = _option("", "the language model that `diary describe` asks; without one, the default of `llm`")
    llm_price: str = _option(
        "", "what a million tokens of that model cost, those asked and those answered, for the estimate: `0.15,0.60`"
    )
    base: Path = field(default=Path(), metadata={"internal": True})  #: what a relative `model` folder starts from


@dataclass(frozen=True, slots=True)
class Config:
    """A diary: where it lies and how it is built."""

    root: Path  #: folder that holds mkdocs.yml
    options: Options = Options()
    site_name: str = "Paper Diary"
    site_url: str = ""
    notes: Path = Path("notes")  #: absolute; MkDocs' docs_dir
    site: Path = Path("site")  #: absolute; MkDocs' site_dir
    directory_urls: bool = True
    exclude: str = ""  #: files that are no notes, gitignore patterns: MkDocs' exclude_docs, `pages`, posts of a blog
    description: str = ""  #: MkDocs' site_description
    author: str = ""  #: MkDocs' site_author


def public_options() -> list[Field[Any]]:
    """The options that mkdocs.yml may set."""
    return [f for f in fields(Options) if "help" in f.metadata]


def make_options(values: dict[str, Any], file: Path) -> Options:
    """Check the plugin's block of the mkdocs.yml at `file`.

    Raises:
        ConfigError: an unknown name, a wrong type or a value out of range; lists the valid ones.
    """
    known = {f.name: f for f in public_options()}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        try:
            clean[name] = _checked(known, str(name), value)
        except ValueError as e:
            raise ConfigError(f"{_place(file, str(name))}: {e}") from None
    return Options(**clean, base=file.parent)


def _checked(known: Mapping[str, Field[Any]], name: str, value: Any) -> Any:
    """The value of an option; the ValueError of a wrong one says what is right."""
    if name not in known:
        meant = _meant(name.replace("-", "_"), known)
        raise ValueError(f"paperdiary has no option `{name}`.{meant} It has: {', '.join(sorted(known))}.")
    default, choices = known[name].default, known[name].metadata["choices"]
    if name == "embedder":
        from paperdiary.embed import EMBEDDERS

        choices = tuple(EMBEDDERS)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        like = str(default).lower() if isinstance(default, bool) else repr(default)
        raise ValueError(f"paperdiary's `{name}` must be {_article(type(default))}, like {like}; it is {value!r}.")
    if choices and value not in choices:
        meant = _meant(str(value), choices)
        raise ValueError(f"paperdiary's `{name}` is {value!r}; choose one of: {', '.join(choices)}.{meant}")
    if isinstance(value, (int, float)) and not 0 <= value < 2**32:
        raise ValueError(f"paperdiary's `{name}` is {value!r}; it cannot be negative or above 4294967295.")
    return value


def _meant(word: str, words: Iterable[str]) -> str:
    """A question after the word that is nearest; "" where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(words), 1)
    return f" Did you mean `{near[0]}`?" if near else ""


def _article(kind: type) -> str:
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[kind]


def _place(file: Path, option: str) -> str:
    """The file and the line on which an option stands; it may be in a file that the first inherits from."""
    import yaml

    first = file
    for _ in range(10):
        try:
            top = _below(yaml.compose(file.read_text(encoding="utf-8-sig"), yaml.SafeLoader))
        except (yaml.YAMLError, ValueError, OSError):
            break
        plugins = top["plugins"][1] if "plugins" in top else None
        for item in plugins.value if isinstance(plugins, yaml.SequenceNode) else [plugins]:
            found = _below(_below(item).get("paperdiary", (None, None))[1])
            if option in found:
                return f"{file}, line {found[option][0].start_mark.line + 1}"
        above = top.get("INHERIT", (None, None))[1]
        if not isinstance(above, yaml.ScalarNode):
            break
        file = file.parent / above.value
    return str(first)


def _below(node: Any) -> dict[str, tuple[Any, Any]]:
    """Of a mapping in YAML's tree, the nodes of each key and its value."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds mkdocs.yml.

    Raises:
        ConfigError: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file():
            return folder
    raise ConfigError(f"There is no mkdocs.yml in {start} or above it. `diary init` starts a diary here.")


def read_yaml_config(path: Path) -> dict[str, Any]:
    """mkdocs.yml as a dict; tags that only MkDocs understands become None."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("", lambda loader, suffix, node: None)
    Loader.add_constructor("!ENV", _environment)
    try:
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise ConfigError(f"{path}, line {line}: this is not valid YAML ({e.problem}).") from None
    except (yaml.YAMLError, ValueError, OSError) as e:
        raise ConfigError(f"{path} cannot be read: {e}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path} is empty. `diary init` in an empty folder shows what it should hold.")
    if isinstance(data.get("INHERIT"), str):
        return _merged(read_yaml_config(path.parent / data["INHERIT"]), data)
    return data


def _environment(loader: Any, node: Any) -> Any:
    """What `!ENV NAME` and `!ENV [NAME, OTHER, default]` stand for."""
    from yaml_env_tag import construct_env_tag  # type: ignore[import-untyped]

    return construct_env_tag(loader, node)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """MkDocs' INHERIT: dictionaries are merged, anything else is replaced."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        out[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def load(directory: Path | str = ".") -> Config:
    """Read the diary that `directory` lies in."""
    root = find_root(Path(directory))
    path = root / "mkdocs.yml"
    data = read_yaml_config(path)
    values = next((block for name, block in plugins(data) if name == "paperdiary" and block), {})
    options = make_options({name: value for name, value in values.items() if name != "enabled"}, path)  # MkDocs' own
    return Config(
        root=root,
        options=options,
        site_name=str(data.get("site_name") or "Paper Diary"),
        site_url=str(data.get("site_url") or ""),
        notes=(root / str(data.get("docs_dir") or "docs")).resolve(),
        site=(root / str(data.get("site_dir") or "site")).resolve(),
        directory_urls=data.get("use_directory_urls") is not False,
        exclude=no_notes(data, options),
        description=str(data.get("site_description") or ""),
        author=str(data.get("site_author") or ""),
    )


def plugins(data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The plugins that mkdocs.yml names, each with its options, in either form that MkDocs takes."""
    given = data.get("plugins")
    found: list[tuple[str, dict[str, Any]]] = []
    for item in given if isinstance(given, list) else [given]:
        pairs = item.items() if isinstance(item, dict) else [(item, None)]
        found += [(str(name), block if isinstance(block, dict) else {}) for name, block in pairs if name]
    return found


def no_notes(data: Mapping[str, Any], options: Options) -> str:
    """Which Markdown files are no notes, as gitignore patterns, one a line.

    Args:
        data: mkdocs.yml. What MkDocs leaves out stands in its `exclude_docs`; posts of a blog of Material get other
            addresses than their files have.
    """
    out = [options.pages, str(data.get("exclude_docs") or "")]  # so that what `pages` takes back stays out
    folders = [*blogs(data), *blogs(data, posts=True)]
    out += ["/" + re.sub(r"[*?!# \[\]]", r"\\\g<0>", folder) + "/" for folder in folders if folder != "."]
    return "\n".join(filter(None, out))


def blogs(data: Mapping[str, Any], *, posts: bool = False) -> list[str]:
    """The folders of the blogs of Material's plugin, or of their `posts`; "." is that of the site's own pages."""
    out = []
    for name, block in plugins(data):
        if name in {"blog", "material/blog"} and block.get("enabled") is not False:
            blog = posixpath.normpath(str(block.get("blog_dir") or "blog"))
            folder = str(block.get("post_dir") or "{blog}/posts").replace("{blog}", blog)
            out.append(posixpath.normpath(folder) if posts else blog)
    return out
