"""What every integration needs: a client for a person and for a machine, refusals as errors, lists to their end, imports to theirs.

`mahalleh_client` is generated from the document; README.md has the command.
"""

import time
import uuid
from collections.abc import Callable, Generator, Iterator
from io import BytesIO
from typing import Any, TypeVar

import httpx
from mahalleh_client import AuthenticatedClient, Client
from mahalleh_client.api.auth import issue_token, login
from mahalleh_client.api.imports import create_import, get_import
from mahalleh_client.models import AccessToken, DatasetName, FileFormat, Import, ImportState, LoginRequest, Problem, TokenPair, TokenRequest
from mahalleh_client.types import UNSET, File, Response


T = TypeVar("T")


class Refused(Exception):
    """What the server refused: a problem document (RFC 9457) with a stable `code` and, where values are wrong, every fault."""

    def __init__(self, problem: Problem):
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem


def must(answer: Response[Any], kind: type[T]) -> T:
    """The data of an answer; a refusal is raised."""
    if isinstance(answer.parsed, Problem):
        raise Refused(answer.parsed)
    if not isinstance(answer.parsed, kind):
        raise RuntimeError(f"{answer.status_code}: {answer.content[:200]!r}")
    return answer.parsed


def as_person(url: str, username: str, password: str) -> AuthenticatedClient:
    """A person logs in. His token lives for 15 minutes, which is enough here; a longer session goes on with `refresh_tokens`."""
    pair = must(login.sync_detailed(client=Client(url), body=LoginRequest(username=username, password=password)), TokenPair)
    return AuthenticatedClient(url, token=pair.access_token, headers={"Accept-Language": "en"})


class Machine(httpx.Auth):
    """A service account takes a token when it needs one, and another a minute before that one ends."""

    def __init__(self, url: str, client_id: str, client_secret: str):
        self.anonymous = Client(url)
        self.asked = TokenRequest(grant_type="client_credentials", client_id=client_id, client_secret=client_secret)
        self.token, self.good_until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx for each request."""
        if time.monotonic() > self.good_until:
            given = must(issue_token.sync_detailed(client=self.anonymous, body=self.asked), AccessToken)
            self.token, self.good_until = given.access_token, time.monotonic() + given.expires_in - 60
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


def as_machine(url: str, client_id: str, client_secret: str) -> AuthenticatedClient:
    """A client whose requests carry a service account's token; texts for people come in English."""
    auth = Machine(url, client_id, client_secret)
    return AuthenticatedClient(url, token="", headers={"Accept-Language": "en"}, httpx_args={"auth": auth})


def every_item(kind: type, get: Callable[..., Response[Any]], **filters: Any) -> Iterator[Any]:
    """All items of a list, page by page."""
    cursor: Any = UNSET
    while cursor is not None:
        page: Any = must(get(cursor=cursor, **filters), kind)
        yield from page.items
        cursor = page.next_cursor


def import_csv(api: AuthenticatedClient, dataset: DatasetName, csv: str) -> Import:
    """Hands a CSV file in and waits until the server is through with it."""
    # A small file is done before the answer comes. The key makes it safe to send the same again.
    file = File(BytesIO(csv.encode()))
    job = must(
        create_import.sync_detailed(
            client=api, dataset=dataset, format_=FileFormat.CSV, body=file, prefer="wait=10", idempotency_key=str(uuid.uuid4())
        ),
        Import,
    )
    while job.state in (ImportState.QUEUED, ImportState.RUNNING):
        time.sleep(1)
        job = must(get_import.sync_detailed(job.id, client=api), Import)
    return job
