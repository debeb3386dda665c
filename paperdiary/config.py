"""The block of `mkdocs.yml` that belongs to Paper Diary, as one frozen `Config`.

Every default lives here. `mkdocs.yml` is read without MkDocs, so that commands which need no site
start at once.
"""

from __future__ import annotations

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
    exclude: str = ""  #: MkDocs' exclude_docs, gitignore patterns


def public_options() -> list[Field[Any]]:
    """The options that mkdocs.yml may set."""
    return [f for f in fields(Options) if "help" in f.metadata]


def make_options(values: dict[str, Any], file: Path) -> Options:
    """Check the plugin's block of the mkdocs.yml at `file`.

    Raises:
        ConfigError: an unknown name, a wrong type or a value out of range; lists the valid ones.
    """
    where = str(file)
    known = {f.name: f for f in public_options()}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(f"{where}: paperdiary has no option `{name}`; it has: {', '.join(sorted(known))}.")
        default = known[name].default
        choices = known[name].metadata["choices"]
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not type(default):
            raise ConfigError(
                f"{where}: paperdiary's `{name}` must be {_article(type(default))}, like {default!r}; it is {value!r}."
            )
        if choices and value not in choices:
            raise ConfigError(f"{where}: paperdiary's `{name}` is {value!r}; choose one of: {', '.join(choices)}.")
        if isinstance(value, (int, float)) and not 0 <= value < 2**32:
            raise ConfigError(
                f"{where}: paperdiary's `{name}` is {value!r}; it cannot be negative or above 4294967295."
            )
        clean[name] = value
    return Options(**clean, base=file.parent)


def _article(kind: type) -> str:
    return {int: "a whole number", float: "a number", str: "text"}[kind]


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
    values: dict[str, Any] = {}
    plugins = data.get("plugins") or []
    items = plugins.items() if isinstance(plugins, dict) else []
    for plugin in plugins if isinstance(plugins, list) else []:
        items = [*items, *(plugin.items() if isinstance(plugin, dict) else [])]
    for name, block in items:
        if name == "paperdiary" and isinstance(block, dict):
            values = block
    return Config(
        root=root,
        options=make_options(values, path),
        site_name=str(data.get("site_name") or "Paper Diary"),
        site_url=str(data.get("site_url") or ""),
        notes=(root / str(data.get("docs_dir") or "docs")).resolve(),
        site=(root / str(data.get("site_dir") or "site")).resolve(),
        directory_urls=data.get("use_directory_urls") is not False,
        exclude=str(data.get("exclude_docs") or ""),
    )
