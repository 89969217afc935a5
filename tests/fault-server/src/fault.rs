use std::time::Duration;

/// What a server does to each of its connections. All but those of the handshake are the same over TCP and TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None: answers every request with 200 and `ok`, and keeps the connection.
    None,
    /// None: answers with the request's own head and body.
    Echo,

    /// Accepts the connection and says nothing.
    Mute,
    /// Accepts the connection and resets it.
    ResetOnAccept,
    /// Accepts the connection and closes it.
    CloseOnAccept,
    /// Reads the first bytes, sends half of a TLS `ServerHello`, then says nothing.
    MuteInHandshake,
    /// Reads the first bytes, sends half of a TLS `ServerHello`, then resets the connection.
    ResetInHandshake,
    /// Reads the first bytes and closes the connection.
    CloseInHandshake,
    /// Reads the first bytes and answers with this fatal TLS alert, by its number.
    Alert(u8),
    /// Reads the first bytes and answers as a server of plain HTTP does to what it cannot read.
    PlainHttp,
    /// Reads the first bytes, answers with these, and closes the connection.
    Bytes(Vec<u8>),
    /// Greets as a mail server does, then says nothing.
    OtherProtocol,
    /// Over TLS: shows a certificate for another name. Else none.
    OtherName,
    /// Over TLS: shows a certificate that has expired. Else none.
    Expired,
    /// Over TLS: shows a certificate that is not valid yet. Else none.
    NotYetValid,
    /// Over TLS: shows a certificate of an authority in the place of its own. Else none.
    AuthorityAsServer,

    /// Accepts the connection, over TLS with its handshake, and reads nothing.
    NeverReads,
    /// Reads a request and says nothing.
    MuteAfterRequest,
    /// Reads a request and resets the connection.
    ResetAfterRequest,
    /// Reads a request and closes the connection.
    CloseAfterRequest,

    /// Sends half of a response's head, then resets the connection.
    ResetInHead,
    /// Sends a head without end, one byte in each interval.
    DripHead(Duration),
    /// Sends a head with one header line that never ends.
    EndlessHeaderLine,
    /// Sends a head with header lines without end.
    EndlessHeaders,
    /// Sends a head with a few headers that are this long together, in KiB.
    LargeHead(usize),
    /// Sends a head with so many short headers.
    ManyHeaders(usize),
    /// Sends `100 Continue` without end.
    EndlessContinue,
    /// Sends `103 Early Hints` without end.
    EndlessEarlyHints,
    /// Answers as HTTP/0.9 did: with the bare text.
    Http09,
    /// Sends a status line that is none.
    GarbageStatusLine,
    /// Announces two different lengths of the body.
    ConflictingLengths,
    /// Announces a length and sends chunks, which hides where the response ends (RFC 9112, section 6.3).
    LengthAndChunks,
    /// Redirects to this URL.
    Redirect(String),
    /// Breaks a header line in two (RFC 9112, section 5.2).
    FoldedHeader,

    /// Sends half of the announced body, then says nothing.
    MuteInBody,
    /// Sends half of the announced body, then resets the connection.
    ResetInBody,
    /// Sends a body without end, one byte in each interval.
    DripBody(Duration),
    /// Sends half of the announced body, then closes the connection.
    ShortBody,
    /// Sends `ok` as announced and at once a second response, whose body is `smuggled`.
    LongBody,
    /// Sends a body of no announced length and ends it by closing the connection, over TLS without the `close_notify`
    /// that tells an end from a cut (RFC 8446, section 6.1).
    CutOff,
    /// Announces a body of 1 TiB.
    HugeLength,
    /// Sends a body without end or length.
    EndlessBody,
    /// Announces a chunk whose size does not fit into 64 bits.
    HugeChunk,
    /// Sends a chunk size that never ends: leading zeros.
    EndlessChunkSize,
    /// Sends small chunks without end.
    EndlessChunks,
    /// Sends a well-formed body of so many chunks of one byte.
    ManyChunks(usize),
    /// Sends a chunk extension that never ends.
    EndlessChunkExtension,
    /// Sends trailers without end.
    EndlessTrailers,
    /// Sends a well-formed body in gzip that is a thousand times as long once it is decoded.
    GzipBomb,

    /// Answers the first request of a connection as if nothing were wrong, then closes it at once.
    CloseAfterAnswer,
    /// Answers the first request of a connection as if nothing were wrong, reads the second and closes.
    CloseOnSecondRequest,
}
