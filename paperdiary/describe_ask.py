"""Asking a language model through the library `llm`: which one, its answer, and what to do about its errors.

Providers are plugins of `llm` and raise what they like; an error is judged by its HTTP status where it has one, by its
type and its words where it has none.
"""

from __future__ import annotations

import contextlib
import email.utils
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paperdiary.describe_prompt import Prompt
from paperdiary.errors import DiaryError, NetworkError, UsageError
from paperdiary.inert import one_line

Say = Callable[[str], None]
TRIES = 5  #: requests for one answer, while the model is busy
FIRST_WAIT = 2.0  #: seconds before the second, doubled each time where nothing else is said
LONGEST_WAIT = 60.0  #: seconds that a provider may ask for
TIMEOUT = 120.0  #: seconds until an answer has to be there
LONGEST = 50_000  #: signs of an answer that are read; the rest is not waited for
INSTALL = 'Language models are asked through the library llm, which is not here. Type `pip install "paperdiary[llm]"`.'


class NoAnswerError(Exception):
    """One request that came to nothing; others may not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered."""

    text: str
    asked: int | None = None  #: tokens, as the provider counts them; None where it does not say
    answered: int | None = None
    cut: bool = False  #: the model says that it was stopped before its end


class Model:
    """A model of `llm`, asked one thing at a time."""

    def __init__(self, name: str, options: Mapping[str, str], say: Say) -> None:
        """Find a model.

        Args:
            name: a model of `llm` or an alias; "" for the one that `llm models default` tells.
            options: of the model, as `llm -o NAME VALUE`.

        Raises:
            DiaryError: llm is not installed, or there is no such model or option.
        """
        self._llm = _library()
        self._say, self._timeout, self._wait = say, TIMEOUT, time.sleep
        try:
            self._model = self._llm.get_model(name or None)
            self.id = str(self._model.model_id)
            self._model.Options(**options)
        except self._llm.UnknownModelError:
            raise UsageError(_unknown(self._llm, name)) from None
        except Exception as e:  # files of the reader's own that llm and its plugins read, options of the model
            raise UsageError(self._broken(e, options)) from None
        self._options = dict(options)
        #: which answers are its own
        self.signature = " ".join([self.id, *(f"{k}={v}" for k, v in sorted(options.items()))])
        _one_retry(self._model, self._timeout)

    def _broken(self, error: Exception, options: Mapping[str, str]) -> str:
        if hasattr(self, "id") and options:
            known = ", ".join(sorted(getattr(self._model.Options, "model_fields", {}))) or "none"
            listed = getattr(error, "errors", None)  # of pydantic
            errors = listed() if callable(listed) else []
            why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors) or _told(error)
            return f"{self.id} cannot take these options ({one_line(why, 200)}). It has: {known}."
        return f"llm cannot read its settings ({_told(error)}). Mend what `llm models` says."

    def key(self) -> None:
        """See that there is a key where the model needs one.

        Raises:
            DiaryError: there is none.
        """
        with self._account():
            if isinstance(self._model, self._llm.KeyModel):
                self._model.get_key()

    @contextlib.contextmanager
    def _account(self) -> Iterator[None]:
        try:
            yield
        except self._llm.NeedsKeyException:
            name = self._model.needs_key
            variable = f", or set {self._model.key_env_var}" if self._model.key_env_var else ""
            raise DiaryError(
                f"{self.id} needs a key. Type `llm keys set {name}`{variable}; or name another model with --model."
            ) from None

    def ask(self, prompt: Prompt) -> Answer:
        """The answer; waits, a bounded time, while the provider is busy.

        Raises:
            NoAnswerError: this request came to nothing; the message says why.
            NetworkError: the provider cannot be reached or stays busy.
            DiaryError: something about the account; nothing else can be asked until it is mended.
        """
        wait = FIRST_WAIT
        for left in reversed(range(TRIES)):
            try:
                with self._account():
                    return _within(self._timeout, lambda: self._once(prompt))
            except DiaryError:
                raise
            except Exception as e:  # of any plugin
                what = judge(e)
                if what == "account":
                    raise DiaryError(_account_words(self.id, e)) from None
                if what == "request":
                    raise NoAnswerError(_told(e)) from None
                asked = retry_after(e)
                if asked is not None and asked > LONGEST_WAIT:
                    raise NetworkError(
                        f"{self.id} asks to wait {_minutes(asked)}. Run the command again then; it goes on from here."
                    ) from None
                if not left:
                    raise NetworkError(
                        f"{self.id} does not answer ({_told(e)}). Run the command again later; it goes on from here."
                    ) from None
                pause = wait if asked is None else asked
                self._say(f"{self.id}: {_told(e)}. The next try is in {pause:.0f} s.")
                self._wait(pause)
                wait = min(2 * wait, LONGEST_WAIT)
        raise AssertionError

    def _once(self, prompt: Prompt) -> Answer:
        system, text = prompt.system or None, prompt.text
        if system and getattr(self._model, "allows_system_prompt", True) is False:
            system, text = None, f"{system}\n\n{text}"
        response = self._model.prompt(text, system=system, stream=bool(self._model.can_stream), options=self._options)
        parts: list[str] = []
        for part in response:
            parts.append(str(part))
            if sum(map(len, parts)) > LONGEST:
                return Answer("".join(parts)[:LONGEST], cut=True)
        usage = response.usage()
        return Answer("".join(parts), usage.input, usage.output, _is_cut(response))


def _library() -> Any:
    try:
        import llm
    except ImportError:
        raise DiaryError(INSTALL) from None
    except Exception as e:  # a plugin of it that cannot be loaded
        raise DiaryError(f"llm cannot be loaded ({_told(e)}). `llm plugins` may say which plugin is broken.") from None
    return llm


def _unknown(llm: Any, name: str) -> str:
    wanted = name or str(llm.get_default_model())
    known = sorted(str(m.model_id) for m in llm.get_models())
    alike = [k for k in known if wanted.lower()[:4] in k.lower()] or known
    some = f", such as {', '.join(alike[:6])}" if alike else ""
    return f"llm knows no model {one_line(wanted, 80)}. `llm models` lists those there are{some}."


def _one_retry(model: Any, timeout: float) -> None:
    """Let OpenAI's client, which llm's own models use, neither retry by itself nor wait ten minutes."""
    client = getattr(model, "get_client", None)
    if not callable(client):
        return

    def get_client(*args: Any, **more: Any) -> Any:
        made = client(*args, **more)
        change = getattr(made, "with_options", None)
        return change(max_retries=0, timeout=timeout) if callable(change) else made

    with contextlib.suppress(AttributeError):
        model.get_client = get_client


def _within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """What a call returns, or TimeoutError; the call cannot be ended, and does not hold up the end of the program."""
    done: queue.Queue[tuple[Answer | None, BaseException | None]] = queue.Queue(1)

    def work() -> None:
        try:
            done.put((call(), None))
        except BaseException as e:
            done.put((None, e))

    threading.Thread(target=work, daemon=True).start()
    try:
        answer, error = done.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds:.0f} s") from None
    if error is not None:
        raise error
    assert answer is not None
    return answer


def _is_cut(response: Any) -> bool:
    """Whether a provider says that the answer was stopped."""
    found = getattr(response, "response_json", None)
    if not isinstance(found, dict):
        return False
    choices = found.get("choices")
    inner = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    ends = [d[k] for d in (found, inner) for k in ("finish_reason", "stop_reason", "status", "done_reason") if k in d]
    words = [str(end).lower() for end in ends]
    return any(w in {"length", "max_tokens", "incomplete", "content_filter"} for w in words)


_QUOTA = re.compile(r"insufficient|quota|billing|credit|payment|balance|exceeded your current", re.I)
_KEY = re.compile(r"api[ _-]?key|unauthori[sz]ed|authenticat|forbidden|permission|account|denied", re.I)
_BUSY = re.compile(
    r"rate.?limit|too many requests|overload|\bbusy\b|try again|temporar|capacity|unavailable|server error", re.I
)
_LINE = re.compile(r"connect|timed? ?out|timeout|network|protocol|transport|disconnected|incomplete|peer closed", re.I)


def judge(error: Exception) -> str:
    """ "account" (stop), "busy" (wait), or "request" (this one alone)."""
    status, told = status_of(error), f"{getattr(error, 'code', '') or ''} {error}"
    if status in {401, 402, 403, 407} or (status in {400, 404, 429} and _QUOTA.search(told)):
        return "account"
    if status == 404:
        return "account"  # the model or the address
    if status is not None:
        return "busy" if status in {408, 409, 425, 429} or status >= 500 else "request"
    if isinstance(error, (OSError, TimeoutError)) or _LINE.search(type(error).__name__):
        return "busy"
    if isinstance(error, (LookupError, TypeError, AttributeError, AssertionError)):
        return "request"  # an answer that the plugin did not expect
    for kind, words in (("busy", _BUSY), ("account", _QUOTA), ("account", _KEY), ("busy", _LINE)):
        if words.search(told):
            return kind
    return "request"


def status_of(error: Exception) -> int | None:
    """The HTTP status that an error of any plugin tells."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "status", "http_status"):
            found = getattr(holder, name, None)
            if isinstance(found, int) and 100 <= found < 600:
                return found
    return None


def retry_after(error: Exception) -> float | None:
    """Seconds that the provider asks to wait; None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    with contextlib.suppress(ValueError, TypeError):
        return max(float(str(headers.get("retry-after-ms"))) / 1000, 0.0)
    text = headers.get("retry-after")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(str(text)).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(seconds, 0.0) if seconds == seconds and seconds < 1e9 else None


def _account_words(model: str, error: Exception) -> str:
    status, told = status_of(error), _told(error)
    if status == 404 or re.search(r"model.*(?:not (?:found|exist)|unknown)", told):
        return f"{model} is not there ({told}). `llm models` lists those that are; name one with --model."
    if _QUOTA.search(f"{getattr(error, 'code', '')} {error}") or status == 402:
        return f"The account of {model} has nothing left ({told}). Fill it up, or name another model with --model."
    return f"{model} refuses the key ({told}). `llm keys` lists those you have, and `llm keys set NAME` changes one."


def _told(error: Exception) -> str:
    """An error in a few words, whoever wrote them; without anything that looks like a key."""
    body = getattr(error, "body", None)
    inside = body.get("message") if isinstance(body, dict) else None
    text = str(inside or error) or type(error).__name__
    if isinstance(error, UnicodeError):
        return "the answer is not in UTF-8"
    text = re.sub(r"\b(sk|key|pk|gsk|xai|AIza)[-_]?[\w*-]{12,}", "…", text)
    cause = error.__cause__
    if text in {"Connection error.", "Request timed out."} and cause:
        text = f"{text.rstrip('.')}: {cause}" if str(cause) else text
    return one_line(text, 200).rstrip(".") or type(error).__name__


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.0f} hours"
