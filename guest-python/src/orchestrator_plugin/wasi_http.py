"""The HTTP seam over wasi:http 0.2: importable in a component only.

componentize-py brings an event loop of its own, which looks for wasi:http's types in a module `types`. The contract has an interface
of that name, too, so in this world there is no such module, and one request after another needs no event loop.
"""

from componentize_py_types import Err, Ok
from wit_world.imports import outgoing_handler, wasi_http_types
from wit_world.imports.error import Error
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.wasi_http_types import (
    Fields,
    IncomingBody,
    IncomingResponse,
    Method_Delete,
    Method_Get,
    Method_Patch,
    Method_Post,
    Method_Put,
    OutgoingBody,
    OutgoingRequest,
    Scheme_Http,
    Scheme_Https,
)

from orchestrator_plugin.http import (
    Answer,
    DeniedError,
    NoAnswerError,
    NotSentError,
    Request,
    SendError,
    UnusableAnswerError,
)

_CHUNK_BYTES = 64 * 1024
_MOST_WRITTEN_BYTES = 4096

_METHODS: dict[str, wasi_http_types.Method] = {
    "GET": Method_Get(),
    "POST": Method_Post(),
    "PUT": Method_Put(),
    "PATCH": Method_Patch(),
    "DELETE": Method_Delete(),
}

_BROKE_OFF = "its answer broke off"

# Only codes that hosts never use after sending prove that nothing was sent: those of name resolution, of routing, of a refused
# connection and of a certificate. The others do not: hosts also report a late answer as `connection-timeout`, for example.
_CODES: dict[type, SendError] = {
    wasi_http_types.ErrorCode_HttpRequestDenied: DeniedError(),
    wasi_http_types.ErrorCode_DestinationIpProhibited: DeniedError(),
    wasi_http_types.ErrorCode_DnsTimeout: NotSentError("its name could not be resolved: see whether base_url is right"),
    wasi_http_types.ErrorCode_DnsError: NotSentError("its name could not be resolved: see whether base_url is right"),
    wasi_http_types.ErrorCode_DestinationNotFound: NotSentError("there is no way to it; try again later"),
    wasi_http_types.ErrorCode_DestinationIpUnroutable: NotSentError("there is no way to it; try again later"),
    wasi_http_types.ErrorCode_DestinationUnavailable: NotSentError("there is no connection to it"),
    wasi_http_types.ErrorCode_ConnectionRefused: NotSentError("the connection was refused; try again later"),
    wasi_http_types.ErrorCode_TlsCertificateError: NotSentError("its certificate is not trusted"),
    wasi_http_types.ErrorCode_ConnectionLimitReached: NoAnswerError("the host has too many connections open"),
    wasi_http_types.ErrorCode_ConnectionTimeout: NoAnswerError("it took too long to connect or to answer"),
    wasi_http_types.ErrorCode_TlsProtocolError: NoAnswerError("the secure connection broke"),
    wasi_http_types.ErrorCode_TlsAlertReceived: NoAnswerError("the secure connection broke"),
    wasi_http_types.ErrorCode_ConnectionTerminated: NoAnswerError("the connection was closed"),
    wasi_http_types.ErrorCode_ConnectionReadTimeout: NoAnswerError("it took too long"),
    wasi_http_types.ErrorCode_HttpResponseTimeout: NoAnswerError("it took too long"),
    wasi_http_types.ErrorCode_ConnectionWriteTimeout: NoAnswerError("sending took too long"),
    wasi_http_types.ErrorCode_HttpResponseIncomplete: NoAnswerError(_BROKE_OFF),
    wasi_http_types.ErrorCode_HttpResponseBodySize: UnusableAnswerError(
        "its answer is larger than the host lets through"
    ),
    wasi_http_types.ErrorCode_HttpProtocolError: UnusableAnswerError(
        "what came is not HTTP: see whether base_url is right"
    ),
}


class WasiHttp:
    """An `Http` that sends requests through the host."""

    def send(self, request: Request) -> Answer:
        """Send the request exactly once."""
        try:
            outgoing = _outgoing(request)
            body = outgoing.body()
        except Err:
            raise NotSentError("the host took no such request") from None
        try:
            future = outgoing_handler.handle(outgoing, None)
        except Err as error:
            raise _send_error(error.value) from None
        _write(body, request.body)
        with future:
            with future.subscribe() as pollable:
                pollable.block()
            found = future.get()
        if not isinstance(found, Ok):
            raise NoAnswerError("the host gave none")
        if not isinstance(found.value, Ok):
            raise _send_error(found.value.value)
        with found.value.value as response:
            headers = _headers(response)
            status = response.status()
            text, cut = _read(response)
        return Answer(status, headers, text, cut)


def _outgoing(request: Request) -> OutgoingRequest:
    fields = Fields()
    for name, value in request.headers.items():
        fields.append(name, value.encode())
    # Without this header, some hosts send an empty chunked body and some wait.
    if request.method != "GET":
        fields.append("content-length", str(len(request.body)).encode())
    url = request.base_url
    outgoing = OutgoingRequest(fields)
    outgoing.set_method(_METHODS[request.method])
    outgoing.set_scheme(Scheme_Https() if url.is_https else Scheme_Http())
    outgoing.set_authority(url.authority)
    outgoing.set_path_with_query(f"{url.path}{request.path}")
    return outgoing


def _write(body: OutgoingBody, text: bytes) -> None:
    """Write the whole body and finish it. Where this fails, the request is lost, and its answer has the error."""
    try:
        with body.write() as stream:
            for start in range(0, len(text), _MOST_WRITTEN_BYTES):
                stream.blocking_write_and_flush(text[start : start + _MOST_WRITTEN_BYTES])
        OutgoingBody.finish(body, None)
    except Err:
        pass


def _headers(response: IncomingResponse) -> dict[str, str]:
    """The headers, of each the first."""
    headers: dict[str, str] = {}
    with response.headers() as fields:
        for name, value in fields.entries():
            headers.setdefault(name.lower(), value.decode(errors="replace"))
    return headers


def _read(response: IncomingResponse) -> tuple[bytes, SendError | None]:
    """As much of the body as comes, and why that is not all of it, where it is not. The host bounds its length."""
    chunks: list[bytes] = []
    body: IncomingBody = response.consume()
    with body, body.stream() as stream:
        try:
            while True:
                chunks.append(stream.blocking_read(_CHUNK_BYTES))
        except Err as error:
            cut = None if isinstance(error.value, StreamError_Closed) else _cut(error.value.value)
    return b"".join(chunks), cut


def _cut(error: Error) -> SendError:
    """Of a stream's errors only a passed limit has a message of its own: any other broke the answer off."""
    code = wasi_http_types.http_error_code(error)
    if isinstance(code, wasi_http_types.ErrorCode_HttpResponseBodySize):
        return _send_error(code)
    return NoAnswerError(_BROKE_OFF)


def _send_error(code: object) -> SendError:
    """The error behind a code of wasi:http (those of RFC 9209, section 2.3), by whether the request may have been sent."""
    if isinstance(code, wasi_http_types.ErrorCode_InternalError):
        return NoAnswerError("the host failed", code.value)
    return _CODES.get(type(code)) or NoAnswerError("the exchange went wrong")
